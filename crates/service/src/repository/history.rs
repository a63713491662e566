//! Since when a cluster's files are as they are.

use futures::future::try_join_all;
use gitlab::message::{self, Approval};
use gitlab::{Commit, CommitsQuery, parse};

use super::{Failure, Repository};
use crate::runtime::Runtime;

/// Commits that are looked at: Argo CD looks every few minutes at the latest.
const NEWEST: u8 = 100;

/// How a cluster came to be as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Commits at which its folders are as they are at the head, newest first: see
    /// [`argocd::status::ClusterObservation::revisions`].
    pub revisions: Vec<String>,
    /// The last commit that changed something of it.
    pub last: Option<Commit>,
}

impl<W: Runtime> Repository<'_, W> {
    /// Since when some folders and the file `own` are as they are. Where GitLab does not tell, `head` alone counts, and
    /// a status is merely cautious.
    pub async fn history(&self, folders: &[String], own: &str, head: &str) -> History {
        let paths = folders.iter().map(String::as_str).chain([own]);
        let last = try_join_all(paths.map(|path| self.last_commit(path, head)));
        let (last, newest) = futures::join!(last, self.newest(head));
        let (Ok(last), Ok(newest)) = (last, newest) else {
            return History {
                revisions: vec![head.to_owned()],
                last: None,
            };
        };
        let is_folder = |(place, _): &(usize, &Option<Commit>)| *place < folders.len();
        let of_folders = last.iter().enumerate().filter(is_folder);
        let of_folders: Vec<&str> = of_folders
            .filter_map(|(_, commit)| Some(&*commit.as_ref()?.id))
            .collect();
        let is_last = |commit: &Commit| of_folders.contains(&&*commit.id);
        let unchanged = newest.iter().position(is_last).unwrap_or(newest.len());
        let place = |commit: &Commit| newest.iter().position(|it| it.id == commit.id);
        let last = last.into_iter().flatten();
        let last = last.min_by_key(|commit| place(commit).unwrap_or(usize::MAX));
        let revisions = newest.into_iter().map(|commit| commit.id);
        History {
            revisions: revisions.take(unchanged + 1).collect(),
            last,
        }
    }

    /// The newest commits up to `head`, newest first.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn newest(&self, head: &str) -> Result<Vec<Commit>, Failure> {
        self.commits(CommitsQuery {
            reference: head,
            per_page: NEWEST,
            ..CommitsQuery::default()
        })
        .await
    }

    /// The newest commits of the branch that counts, newest first: so many that all who write at the same time are among
    /// them.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn recent(&self) -> Result<Vec<Commit>, Failure> {
        self.newest(self.branch_name()).await
    }

    /// Lists the commits between a commit's base and itself; `None` where the base is not among the newest commits
    /// before it.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn came_between(
        &self,
        base: &str,
        commit: &Commit,
    ) -> Result<Option<Vec<Commit>>, Failure> {
        let Some(parent) = commit.parent_ids.first() else {
            return Ok(None);
        };
        let mut newest = self.newest(parent).await?;
        let end = newest.iter().position(|it| it.id == base);
        Ok(end.map(|end| {
            newest.truncate(end);
            newest
        }))
    }

    /// The newest commit that changed or removed a file, or something below a folder.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn last_commit(&self, path: &str, head: &str) -> Result<Option<Commit>, Failure> {
        let commits = self.commits(CommitsQuery {
            reference: head,
            per_page: 1,
            path: Some(path),
        });
        Ok(commits.await?.into_iter().next())
    }

    /// Tells whether a commit up to `head` has ever changed a cluster's own resource file.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn was_registered(&self, cluster: &str, head: &str) -> Result<bool, Failure> {
        if head.is_empty() || !crate::paths::is_cluster_name(cluster) {
            return Ok(false);
        }
        let own = domain::resource::path(cluster);
        Ok(self.last_commit(&own, head).await?.is_some())
    }

    /// Tells whether the commit that made a cluster's resource file as it is, or removed it, approves more than its
    /// files.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn is_approved(
        &self,
        cluster: &str,
        head: &str,
        approval: &Approval,
    ) -> Result<bool, Failure> {
        let path = domain::resource::path(cluster);
        let last = self.last_commit(&path, head).await?;
        Ok(last.is_some_and(|commit| message::is_approved(&commit.message, cluster, approval)))
    }

    async fn commits(&self, query: CommitsQuery<'_>) -> Result<Vec<Commit>, Failure> {
        let request = self.api.commits(&query);
        self.exchange.list(request, parse::parse_commits).await
    }
}
