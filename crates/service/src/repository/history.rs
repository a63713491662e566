//! Since when a cluster's files are as they are, and how they came to be.

use std::time::Duration;

use futures::future::try_join_all;
use gitlab::{Commit, CommitsQuery, parse};

use super::{Failure, Repository};
use crate::runtime::Runtime;

/// Commits that are looked at: Argo CD looks every few minutes at the latest.
const NEWEST: u8 = 100;

/// How long after a cluster's last commit of its own files the repairs of that commit are looked for: the request that
/// made it ends within a minute, and who is told to send it again mostly does so at once.
const REPAIRS: Duration = Duration::from_mins(5);

/// Pages of a hundred commits that are looked through for them.
const PAGES: u8 = 10;

/// The newest commits that were made for a cluster.
pub struct Newest {
    /// To each of the files that were asked for.
    pub of_files: [Option<Commit>; 2],
    /// To the cluster's own resource file.
    pub of_own: Option<Commit>,
}

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

    /// For each of these files the newest commit that was made for this cluster, among the hundred newest that changed
    /// the file; where many others came since, among those of the minutes after the commit that last changed the
    /// cluster's own resource file; else that one.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn newest_own(
        &self,
        files: [&str; 2],
        cluster: &str,
        head: &str,
    ) -> Result<Newest, Failure> {
        let own = domain::resource::path(cluster);
        let [first, second] = files;
        let (first, second, last) = futures::join!(
            self.commits_of(first, head, NEWEST),
            self.commits_of(second, head, NEWEST),
            self.commits_of(&own, head, 1),
        );
        let last = newest_of(cluster, last?);
        let newest = async |path, commits: Vec<Commit>| {
            let (is_all, newest) = (is_all(&commits), newest_of(cluster, commits));
            match &last {
                Some(last) if newest.is_none() && !is_all => {
                    let repair = self.newest_repair(path, cluster, head, last).await?;
                    Ok(repair.or_else(|| Some(last.clone())))
                }
                last => Ok::<_, Failure>(newest.or_else(|| last.clone())),
            }
        };
        let (first, second) = futures::join!(newest(files[0], first?), newest(files[1], second?));
        Ok(Newest {
            of_files: [first?, second?],
            of_own: last,
        })
    }

    /// The newest commit to a file that was made for a cluster in the minutes after another one.
    async fn newest_repair(
        &self,
        path: &str,
        cluster: &str,
        head: &str,
        after: &Commit,
    ) -> Result<Option<Commit>, Failure> {
        let Some(until) = later(&after.committed_date) else {
            return Ok(None);
        };
        for page in 1..=PAGES {
            let commits = self.commits(CommitsQuery {
                reference: head,
                per_page: NEWEST,
                path: Some(path),
                until: Some(&until),
                page: Some(page),
            });
            let commits = commits.await?;
            let is_last = is_all(&commits) || commits.iter().any(|it| it.id == after.id);
            let newest = newest_of(cluster, commits);
            if newest.is_some() || is_last {
                return Ok(newest);
            }
        }
        Ok(None)
    }

    /// The newest commit that changed or removed a file.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn last_commit(&self, file: &str, head: &str) -> Result<Option<Commit>, Failure> {
        let commits = self.commits_of(file, head, 1).await?;
        Ok(commits.into_iter().next())
    }

    async fn last_change(&self, folder: &str, head: &str) -> Result<Option<String>, Failure> {
        let commits = self.commits_of(folder, head, 1).await?;
        Ok(commits.into_iter().next().map(|commit| commit.id))
    }

    /// The newest commits that changed a folder or file.
    async fn commits_of(&self, path: &str, head: &str, most: u8) -> Result<Vec<Commit>, Failure> {
        self.commits(CommitsQuery {
            reference: head,
            per_page: most,
            path: Some(path),
            ..CommitsQuery::default()
        })
        .await
    }

    async fn commits(&self, query: CommitsQuery<'_>) -> Result<Vec<Commit>, Failure> {
        let request = self.api.commits(&query);
        self.exchange.get(request, parse::parse_commits).await
    }
}

fn newest_of(cluster: &str, commits: Vec<Commit>) -> Option<Commit> {
    let mut commits = commits.into_iter();
    commits.find(|it| gitlab::message::is_own(&it.message, cluster))
}

fn is_all(commits: &[Commit]) -> bool {
    commits.len() < usize::from(NEWEST)
}

/// Some minutes later in the same zone, whatever that is. `None`: not a time as GitLab writes it.
fn later(date: &str) -> Option<String> {
    let (local, rest) = date.split_at_checked(19)?;
    let zone = rest.get(rest.find(['Z', '+', '-'])?..)?;
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let later = humantime::format_rfc3339_seconds(local + REPAIRS).to_string();
    Some(format!("{}{zone}", later.trim_end_matches('Z')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_later_is_in_the_same_zone() {
        for (date, expected) in [
            ("2026-12-31T23:58:30.123+08:00", "2027-01-01T00:03:30+08:00"),
            ("2026-02-28T10:00:00-03:30", "2026-02-28T10:05:00-03:30"),
            ("2026-02-28T10:00:00.000Z", "2026-02-28T10:05:00Z"),
        ] {
            assert_eq!(later(date).as_deref(), Some(expected));
        }
        for date in [
            "",
            "yesterday",
            "2026-02-28T10:00:00",
            "2026-02-28 at ten o'clock",
        ] {
            assert_eq!(later(date), None);
        }
    }
}
