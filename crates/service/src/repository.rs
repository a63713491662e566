//! The tenant configuration repository as one request uses it: who may write, what is there at one
//! commit, one commit more.

mod exchange;
mod history;
mod open;
mod proposal;
mod read;
mod reads;

use gitlab::{
    Action, Commit, CommitsQuery, Error, GitLabToken, NewCommit, Project, ProjectApi, RaceKind,
    Role, parse,
};

use crate::incoming::{self, Caller};
use crate::problem::{self, Problem};
use crate::runtime::{AnswerLimit, Response, Runtime, TransportError};
use crate::settings::Settings;
use crate::snapshot::{Depth, Entry, Folder, ReadSet, Snapshot};
use exchange::Exchange;

pub use history::History;
pub use open::{ExistingMergeRequest, Prefetch, ProjectAccess, Tip};
pub use proposal::SourceBranch;

/// A conversation with GitLab in the caller's name.
pub struct Repository<'a, W> {
    exchange: Exchange<'a, W>,
    api: ProjectApi,
    branch: String,
    /// The operator named the branch: it is not left for the project's default branch.
    named: bool,
    /// Known after the first answer.
    project_id: Option<u64>,
    /// The project, as GitLab told it when it was asked who calls; read once.
    identified: Option<Project>,
}

/// Name that most projects give their default branch.
const LIKELY: &str = "main";

/// Why a step with GitLab did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// GitLab said no.
    #[error(transparent)]
    Answer(#[from] Error),
    /// GitLab said nothing.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The branch that counts is not there.
    #[error("the branch {branch} does not exist")]
    BranchMissing {
        /// Name of the branch.
        branch: String,
        /// The project's default branch, where GitLab tells it.
        default: Option<String>,
    },
    /// The caller sees the project and not its code.
    #[error("the code may not be read: {text}")]
    CodeForbidden {
        /// The caller's role, as GitLab shows it.
        role: Option<Role>,
        /// GitLab's words.
        text: String,
    },
    /// A file that is larger than any that belongs there.
    #[error("{0} has more than {limit} bytes", limit = AnswerLimit::FILE.0)]
    LargeFile(String),
}

impl Failure {
    /// Translates the failure for a commit: without an answer nobody knows whether it was made, and a branch that was
    /// there when it was read has been renamed, or went with its merge request.
    #[must_use]
    pub fn as_commit_error(&self) -> Error {
        match self {
            Self::Answer(Error::BranchNotFound) | Self::BranchMissing { .. } => {
                Error::LostRace(RaceKind::RefMoved)
            }
            Self::Answer(error) => error.clone(),
            Self::CodeForbidden { text, .. } => Error::Forbidden { text: text.clone() },
            Self::Transport(_) | Self::LargeFile(_) => Error::UnknownOutcome {
                text: self.to_string(),
            },
        }
    }
}

impl<'a, W: Runtime> Repository<'a, W> {
    /// Prepares the conversation; nothing is sent.
    ///
    /// # Errors
    /// `MISCONFIGURED` for an unusable URL, `UNAUTHENTICATED` for an impossible token.
    pub fn new(runtime: &'a W, settings: &Settings, caller: &'a Caller) -> Result<Self, Problem> {
        let token = GitLabToken::new(&caller.token).map_err(|_| problem::no_token())?;
        let api = ProjectApi::new(&settings.gitlab_url, &settings.gitlab_project, token)
            .map_err(|error| problem::misconfigured(&format!("gitlab_url: {error}")))?;
        Ok(Self {
            exchange: Exchange::new(runtime, caller),
            api,
            branch: settings.gitlab_branch.clone().unwrap_or(LIKELY.to_owned()),
            named: settings.gitlab_branch.is_some(),
            project_id: None,
            identified: None,
        })
    }

    /// Reads everything in `needs` into `state`, all at once, at the commit `state.head`. An empty
    /// head stands for an empty repository: nothing is there.
    ///
    /// # Errors
    /// GitLab failed at one of the reads.
    pub async fn read(&self, needs: ReadSet, state: &mut Snapshot) -> Result<(), Failure> {
        read::into(self, needs, state).await
    }

    /// Lists everything below a folder at the commit `state.head`, in pages that are asked for at once. `expected`: about
    /// how many there are.
    ///
    /// # Errors
    /// GitLab failed at one of the pages.
    pub async fn list(
        &self,
        path: &str,
        expected: usize,
        state: &mut Snapshot,
    ) -> Result<(), Failure> {
        let folder = Folder {
            path: path.to_owned(),
            depth: Depth::Recursive,
        };
        if !state.head.is_empty() && !state.folders.contains_key(&folder) {
            let pages = expected / 100 + 1;
            let entries = read::pages(self, path, pages, &state.head).await?;
            state.folders.insert(folder, entries);
        }
        Ok(())
    }

    /// Makes one commit.
    ///
    /// # Errors
    /// See [`Failure::as_commit_error`].
    pub async fn commit(&self, commit: &NewCommit) -> Result<Commit, Failure> {
        let request = self.api.create_commit(commit);
        self.exchange
            .once(request, parse::parse_created_commit)
            .await
    }

    /// Proves that the caller may write to a branch, where a request has nothing to commit: GitLab judges token, scope
    /// and right before it finds that the file to be removed is not there. An empty list of actions would be shorter,
    /// and GitLab before 18.7 makes an empty commit of it.
    ///
    /// # Errors
    /// The caller may not write, or GitLab failed.
    pub async fn prove_write(&self, branch: &str) -> Result<(), Failure> {
        let nonce = &self.exchange.caller.nonce;
        let proof = NewCommit {
            branch: branch.to_owned(),
            start: None,
            force: false,
            message: "Prove the right to write".to_owned(),
            author: None,
            actions: vec![Action::Delete {
                path: format!("nautes/.no-such-file-{nonce}"),
                last_commit_id: String::new(),
            }],
        };
        let refused = |answer: &Response| match parse::parse_created_commit(answer) {
            // The branch of a merge request may be gone, which is noticed after the right to make it.
            Ok(_) | Err(Error::LostRace(RaceKind::FileMissing) | Error::BranchNotFound) => Ok(()),
            Err(error) => Err(error),
        };
        let request = self.api.create_commit(&proof);
        self.exchange.once(request, refused).await
    }

    /// Bits for one commit.
    pub(crate) fn nonce(&self) -> String {
        incoming::nonce(self.exchange.runtime)
    }

    /// The commits of a branch on top of the commit `since`, newest first: a hundred at most.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn commits_since(&self, branch: &str, since: &str) -> Result<Vec<Commit>, Failure> {
        let request = self.api.commits(&CommitsQuery {
            reference: branch,
            per_page: 100,
            ..CommitsQuery::default()
        });
        match self.exchange.list(request, parse::parse_commits).await {
            Ok(commits) => Ok(commits
                .into_iter()
                .take_while(|commit| commit.id != since)
                .collect()),
            // A repository without commits has no branch to list.
            Err(Failure::Answer(_)) if since.is_empty() => Ok(Vec::new()),
            // A branch that a proposal was to make.
            Err(failure) if branch != self.branch && is_missing(&failure) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// The branch that counts, as far as is known: before the first answer a guess.
    #[must_use]
    pub fn branch_name(&self) -> &str {
        &self.branch
    }

    /// Requests to the project.
    pub(crate) fn api(&self) -> &ProjectApi {
        &self.api
    }

    pub(crate) fn exchange(&self) -> &Exchange<'a, W> {
        &self.exchange
    }
}

/// Tells whether GitLab says that something is not there. It has many words for that.
fn is_missing(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Answer(
            Error::BranchNotFound
                | Error::LostRace(RaceKind::CommitGone)
                | Error::Unexpected { status: 404, .. }
        )
    )
}

impl From<gitlab::TreeEntry> for Entry {
    fn from(entry: gitlab::TreeEntry) -> Self {
        Self {
            is_file: entry.kind == gitlab::EntryKind::Blob,
            is_submodule: entry.kind == gitlab::EntryKind::Commit,
            path: entry.path,
            id: entry.id,
        }
    }
}
