//! Since when a cluster's files are as they are, and how they came to be.

use form_urlencoded::byte_serialize;
use futures::future::try_join_all;
use gitlab::{Commit, parse};

use super::{Failure, Repository};
use crate::ports::{Request, TransportError, World};

/// Commits that are looked at: Argo CD looks every few minutes at the latest.
const NEWEST: u8 = 100;

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

    /// The newest commit that was made for this cluster, among the hundred newest that changed a file; where many others
    /// came since, the one that brought or took the cluster's own resource file.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn newest_own(
        &self,
        file: &str,
        cluster: &str,
        head: &str,
    ) -> Result<Option<Commit>, Failure> {
        let own = cluster::resource::path(cluster);
        for (path, newest) in [(file, NEWEST), (own.as_str(), 1)] {
            let request = below(self.api.commits(head, newest), path)?;
            let commits = self.exchange.get(request, parse::parse_commits).await?;
            let mut commits = commits.into_iter();
            let found = commits.find(|it| gitlab::message::is_own(&it.message, cluster));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn last_change(&self, folder: &str, head: &str) -> Result<Option<String>, Failure> {
        let request = below(self.api.commits(head, 1), folder)?;
        let commits = self.exchange.get(request, parse::parse_commits).await?;
        Ok(commits.into_iter().next().map(|commit| commit.id))
    }
}

/// The same request for the commits that changed a folder or file.
fn below(mut request: Request, folder: &str) -> Result<Request, Failure> {
    let folder: String = byte_serialize(folder.as_bytes()).collect();
    let uri = format!("{}&path={folder}", request.uri()).parse();
    *request.uri_mut() =
        uri.map_err(|_| TransportError::Broken("a path is too long".to_owned()))?;
    Ok(request)
}
