//! Since when a cluster's files are as they are, and how they came to be.

use form_urlencoded::byte_serialize;
use futures::future::try_join_all;
use gitlab::{Commit, parse};

use super::{Failure, Repository};
use crate::ports::{Request, TransportError, World};

/// Commits that are looked at: Argo CD looks every few minutes at the latest.
const NEWEST: u8 = 100;

/// The newest commits that were made for a cluster.
pub struct Newest {
    /// To each of the files that were asked for.
    pub of_files: [Option<Commit>; 2],
    /// To the cluster's own resource file.
    pub of_own: Option<Commit>,
}

impl<W: World> Repository<'_, W> {
    /// The commits from `head` back to the last one that changed one of these folders, newest first.
    /// `head` alone where GitLab does not tell: then a status is merely cautious.
    pub async fn revisions_since(&self, folders: &[String], head: &str) -> Vec<String> {
        let last = try_join_all(folders.iter().map(|folder| self.last_change(folder, head)));
        let newest = self
            .exchange
            .get(self.api.commits(head, NEWEST), parse::parse_commits);
        let (Ok(last), Ok(newest)) = futures::join!(last, newest) else {
            return vec![head.to_owned()];
        };
        let is_last = |commit: &Commit| last.iter().flatten().any(|id| *id == commit.id);
        let unchanged = newest.iter().position(is_last).unwrap_or(newest.len());
        let revisions = newest.into_iter().map(|commit| commit.id);
        revisions.take(unchanged + 1).collect()
    }

    /// For each of these files the newest commit that was made for this cluster, among the hundred newest that changed
    /// the file; where many others came since, the one that last changed the cluster's own resource file.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn newest_own(
        &self,
        files: [&str; 2],
        cluster: &str,
        head: &str,
    ) -> Result<Newest, Failure> {
        let own = cluster::resource::path(cluster);
        let [first, second] = files;
        let (first, second, last) = futures::join!(
            self.commits_of(first, head, NEWEST),
            self.commits_of(second, head, NEWEST),
            self.commits_of(&own, head, 1),
        );
        let last = newest_of(cluster, last?);
        let newest = |commits| newest_of(cluster, commits).or_else(|| last.clone());
        Ok(Newest {
            of_files: [newest(first?), newest(second?)],
            of_own: last,
        })
    }

    async fn last_change(&self, folder: &str, head: &str) -> Result<Option<String>, Failure> {
        let commits = self.commits_of(folder, head, 1).await?;
        Ok(commits.into_iter().next().map(|commit| commit.id))
    }

    /// The newest commits that changed a folder or file.
    async fn commits_of(&self, path: &str, head: &str, most: u8) -> Result<Vec<Commit>, Failure> {
        let request = below(self.api.commits(head, most), path)?;
        self.exchange.get(request, parse::parse_commits).await
    }
}

fn newest_of(cluster: &str, commits: Vec<Commit>) -> Option<Commit> {
    let mut commits = commits.into_iter();
    commits.find(|it| gitlab::message::is_own(&it.message, cluster))
}

/// The same request for the commits that changed a folder or file.
fn below(mut request: Request, folder: &str) -> Result<Request, Failure> {
    let folder: String = byte_serialize(folder.as_bytes()).collect();
    let uri = format!("{}&path={folder}", request.uri()).parse();
    *request.uri_mut() =
        uri.map_err(|_| TransportError::Broken("a path is too long".to_owned()))?;
    Ok(request)
}
