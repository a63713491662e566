//! Since when a cluster's files are as they are.

use futures::future::try_join_all;
use gitlab::{Commit, CommitsQuery, parse};

use super::{Failure, Repository};
use crate::runtime::Runtime;

/// Commits that are looked at: Argo CD looks every few minutes at the latest.
const NEWEST: u8 = 100;

impl<W: Runtime> Repository<'_, W> {
    /// The commits from `head` back to the last one that changed one of these folders, newest first.
    /// `head` alone where GitLab does not tell: then a status is merely cautious.
    pub async fn revisions_since(&self, folders: &[String], head: &str) -> Vec<String> {
        let last = try_join_all(folders.iter().map(|folder| self.last_change(folder, head)));
        let newest = self.commits(CommitsQuery {
            reference: head,
            per_page: NEWEST,
            ..CommitsQuery::default()
        });
        let (Ok(last), Ok(newest)) = futures::join!(last, newest) else {
            return vec![head.to_owned()];
        };
        let is_last = |commit: &Commit| last.iter().flatten().any(|id| *id == commit.id);
        let unchanged = newest.iter().position(is_last).unwrap_or(newest.len());
        let revisions = newest.into_iter().map(|commit| commit.id);
        revisions.take(unchanged + 1).collect()
    }

    /// The newest commit that changed or removed a file.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn last_commit(&self, file: &str, head: &str) -> Result<Option<Commit>, Failure> {
        let commits = self.commits(CommitsQuery {
            reference: head,
            per_page: 1,
            path: Some(file),
        });
        Ok(commits.await?.into_iter().next())
    }

    /// Whether a commit up to `head` has ever changed a cluster's own resource file.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn was_registered(&self, cluster: &str, head: &str) -> Result<bool, Failure> {
        if head.is_empty() || !crate::paths::is_cluster_name(cluster) {
            return Ok(false);
        }
        let own = domain::resource::path(cluster);
        Ok(self.last_change(&own, head).await?.is_some())
    }

    async fn last_change(&self, folder: &str, head: &str) -> Result<Option<String>, Failure> {
        let last = self.last_commit(folder, head).await?;
        Ok(last.map(|commit| commit.id))
    }

    async fn commits(&self, query: CommitsQuery<'_>) -> Result<Vec<Commit>, Failure> {
        let request = self.api.commits(&query);
        self.exchange.get(request, parse::parse_commits).await
    }
}
