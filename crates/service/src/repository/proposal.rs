//! Calls for merge requests and their source branches.

use gitlab::{Branch, Commit, Error, MergeRequest, NewMergeRequest, RaceKind, parse};

use super::{Failure, Repository, is_missing};
use crate::runtime::Runtime;

/// The step of writing merge requests.
const PROPOSE: &str = "gitlab.propose";

/// How the branch of an earlier proposal stands to the commit that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceBranch {
    /// There is none.
    Missing,
    /// The branch has nothing but this tool's commits, made from another commit than the target branch's head.
    Outdated,
    /// The branch has nothing but this tool's commits, made from the target branch's head.
    UpToDate,
    /// The branch has commits of others.
    HasForeignCommits,
}

impl SourceBranch {
    /// `head` is the commit that counts.
    fn of(head: &str, cluster: &str, tip: &Branch, commits: &[Commit]) -> Self {
        let is_own = |message: &str| gitlab::message::is_own(message, cluster);
        if commits.iter().any(|commit| !is_own(&commit.message)) {
            return Self::HasForeignCommits;
        }
        let starts_here = |commit: &Commit| commit.parent_ids.iter().eq([head]);
        if tip.commit.id == head || commits.iter().any(starts_here) {
            Self::UpToDate
        } else {
            Self::Outdated
        }
    }
}

impl<W: Runtime> Repository<'_, W> {
    /// How a proposal's branch stands to the commit `head`.
    ///
    /// # Errors
    /// GitLab failed, or the branch has gone meanwhile.
    pub async fn standing(
        &self,
        head: &str,
        cluster: &str,
        tip: Option<&Branch>,
    ) -> Result<SourceBranch, Failure> {
        let Some(tip) = tip else {
            return Ok(SourceBranch::Missing);
        };
        let request = self.api.compare(head, &tip.commit.id);
        match self.exchange.list(request, parse::parse_comparison).await {
            Ok(commits) => Ok(SourceBranch::of(head, cluster, tip, &commits)),
            Err(failure) if is_missing(&failure) => {
                Err(Error::LostRace(RaceKind::CommitGone).into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// The merge request from a branch that waits to be merged, if there is one.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn open_merge_request(&self, source: &str) -> Result<Option<MergeRequest>, Failure> {
        let request = self.api.merge_requests("opened", source, &self.branch);
        let found = self
            .exchange
            .list(request, parse::parse_merge_requests)
            .await?;
        Ok(found.into_iter().find(|it| self.is_own(it)))
    }

    /// The merge requests to the branch that counts that changed last, in whatever state: a hundred at most.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn recent_merge_requests(&self) -> Result<Vec<MergeRequest>, Failure> {
        let request = self.api.recent_merge_requests(&self.branch);
        let mut found = self
            .exchange
            .list(request, parse::parse_merge_requests)
            .await?;
        found.retain(|it| self.is_own(it));
        Ok(found)
    }

    /// Opens a merge request to the branch that counts. Not repeated here: whether it was opened is unknown when
    /// no answer comes.
    ///
    /// # Errors
    /// GitLab refused or failed; a lost race where one is open already.
    pub async fn create_merge_request(
        &self,
        source: &str,
        title: &str,
        description: &str,
    ) -> Result<MergeRequest, Failure> {
        let request = self.api.create_merge_request(&NewMergeRequest {
            source_branch: source.to_owned(),
            target_branch: self.branch.clone(),
            title: title.to_owned(),
            description: description.to_owned(),
        });
        self.exchange
            .step(PROPOSE)
            .once(request, parse::parse_merge_request)
            .await
    }

    /// Gives a merge request other words.
    ///
    /// # Errors
    /// GitLab refused or failed.
    pub async fn update_merge_request(
        &self,
        iid: u64,
        title: &str,
        description: &str,
    ) -> Result<MergeRequest, Failure> {
        let request = self.api.update_merge_request(iid, title, description);
        self.exchange
            .step(PROPOSE)
            .once(request, parse::parse_merge_request)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(id: &str, parents: &[&str], message: &str) -> gitlab::Commit {
        gitlab::Commit {
            id: id.into(),
            parent_ids: parents.iter().map(|it| (*it).to_owned()).collect(),
            author_name: String::new(),
            message: message.into(),
            committed_date: String::new(),
            web_url: String::new(),
        }
    }

    #[test]
    fn a_branch_is_thrown_away_only_where_all_of_it_is_ours() {
        const OWN: &str =
            "Register\n\nRequest-Id: r\nCluster: a\nOperation: SaveCluster\nTool-Version: 1\n";
        let own = |id: &str, parent: &str| commit(id, &[parent], OWN);
        let foreign = |id: &str, parent: &str| commit(id, &[parent], "Mend it\n");
        let merge = commit("m", &["1", "h"], "Merge branch 'main'\n");
        let rows = [
            (vec![], SourceBranch::Outdated),
            (vec![own("1", "h")], SourceBranch::UpToDate),
            (vec![own("1", "h"), own("2", "1")], SourceBranch::UpToDate),
            (vec![own("2", "1"), own("1", "h")], SourceBranch::UpToDate),
            (vec![own("1", "g"), own("2", "1")], SourceBranch::Outdated),
            (
                vec![own("1", "h"), foreign("2", "1")],
                SourceBranch::HasForeignCommits,
            ),
            (
                vec![foreign("1", "g"), own("2", "1")],
                SourceBranch::HasForeignCommits,
            ),
            (vec![own("1", "g"), merge], SourceBranch::HasForeignCommits),
        ];
        for (commits, expected) in rows {
            let tip = Branch {
                name: "nautes/register-a".into(),
                commit: commits.last().cloned().unwrap_or(own("0", "0")),
                can_push: true,
                protected: false,
            };
            assert_eq!(SourceBranch::of("h", "a", &tip, &commits), expected);
        }
        let at_head = Branch {
            name: String::new(),
            commit: commit("h", &["g"], "Anything"),
            can_push: true,
            protected: false,
        };
        assert_eq!(
            SourceBranch::of("h", "a", &at_head, &[]),
            SourceBranch::UpToDate
        );
        assert_eq!(
            SourceBranch::of("h", "b", &at_head, &[own("1", "h")]),
            SourceBranch::HasForeignCommits
        );
    }
}
