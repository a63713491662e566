//! The tenant configuration repository as one request uses it: who may write, what is there at one
//! commit, one commit more.

mod exchange;
mod history;
mod read;

use gitlab::{Api, Branch, Commit, NewCommit, Project, Token, TreeQuery, parse};

use crate::call::Caller;
use crate::ports::{TransportError, World};
use crate::problem::{self, Problem};
use crate::settings::Settings;
use crate::state::{Entry, Needs, State};
use exchange::Exchange;

/// A conversation with GitLab in the caller's name.
pub struct Repository<'a, W> {
    exchange: Exchange<'a, W>,
    api: Api,
    branch: String,
}

/// What the first round trip tells.
pub struct Opened {
    /// The project.
    pub project: Project,
    /// The branch; absent in a repository without any commit.
    pub branch: Option<Branch>,
    /// Names of the folders that were asked for along with it, at a commit not yet pinned.
    pub folders: Vec<String>,
}

/// Why a step with GitLab did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// GitLab said no.
    #[error(transparent)]
    Answer(#[from] gitlab::Error),
    /// GitLab said nothing.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl Failure {
    /// What it means for a commit: without an answer nobody knows whether it was made.
    #[must_use]
    pub fn as_commit_error(&self) -> gitlab::Error {
        match self {
            Self::Answer(error) => error.clone(),
            Self::Transport(error) => gitlab::Error::UnknownOutcome {
                text: error.to_string(),
            },
        }
    }
}

impl<'a, W: World> Repository<'a, W> {
    /// Prepares the conversation; nothing is sent.
    ///
    /// # Errors
    /// `MISCONFIGURED` for an unusable URL, `UNAUTHENTICATED` for an impossible token.
    pub fn new(world: &'a W, settings: &Settings, caller: &'a Caller) -> Result<Self, Problem> {
        let token = Token::new(&caller.token).map_err(|_| problem::no_token())?;
        let api = Api::new(&settings.gitlab_url, &settings.gitlab_project, token)
            .map_err(|error| problem::misconfigured(&format!("gitlab_url: {error}")))?;
        Ok(Self {
            exchange: Exchange { world, caller },
            api,
            branch: settings.gitlab_branch.clone(),
        })
    }

    /// The first round trip: project, branch, and the subfolders of `folder` at the branch's tip, all
    /// at once. Checks that the token is good; whether it may push is in the branch.
    ///
    /// # Errors
    /// The token is refused, the project or branch is not there, GitLab is not.
    pub async fn open(&mut self, folder: Option<&str>) -> Result<Opened, Failure> {
        self.open_at(folder, false).await
    }

    /// A project that was renamed answers under its old path with its number, and then under that.
    async fn open_at(&mut self, folder: Option<&str>, moved: bool) -> Result<Opened, Failure> {
        let (project, branch, folders) = futures::join!(
            self.exchange.get(self.api.project(), parse::parse_project),
            self.exchange
                .get(self.api.branch(&self.branch), parse::parse_branch),
            self.subfolders(folder),
        );
        let project = match project {
            Err(Failure::Answer(gitlab::Error::Moved {
                project_id: Some(id),
            })) if !moved => {
                self.api = self.api.with_project_id(id);
                return Box::pin(self.open_at(folder, true)).await;
            }
            project => project?,
        };
        self.api = self.api.with_project_id(project.id);
        let branch = match branch {
            Ok(branch) => Some(branch),
            Err(Failure::Answer(gitlab::Error::BranchNotFound)) if project.empty_repo => None,
            Err(failure) => return Err(failure),
        };
        Ok(Opened {
            project,
            branch,
            folders,
        })
    }

    /// A guess that saves a round trip; what it gets wrong is read again at the pinned commit.
    async fn subfolders(&self, folder: Option<&str>) -> Vec<String> {
        let Some(folder) = folder else {
            return Vec::new();
        };
        let query = TreeQuery {
            path: folder.to_owned(),
            reference: self.branch.clone(),
            recursive: false,
            per_page: 100,
        };
        let page = self
            .exchange
            .get(self.api.tree(&query), |answer| {
                parse::parse_tree(&query, answer)
            })
            .await;
        page.map(|page| page.entries)
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| entry.path.rsplit('/').next())
            .map(str::to_owned)
            .collect()
    }

    /// Reads everything in `needs` into `state`, all at once, at the commit `state.head`. An empty
    /// head stands for an empty repository: nothing is there.
    ///
    /// # Errors
    /// GitLab failed at one of the reads.
    pub async fn read(&self, needs: Needs, state: &mut State) -> Result<(), Failure> {
        read::into(self, needs, state).await
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

    /// The commit that this request made on top of the commit `since`, if it is among the newest hundred
    /// on the branch. Older ones are another request's, whose caller uses its ids twice.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn find_own_commit(
        &self,
        request_id: &str,
        since: &str,
    ) -> Result<Option<Commit>, Failure> {
        let request = self.api.commits(&self.branch, 100);
        match self.exchange.get(request, parse::parse_commits).await {
            Ok(commits) => Ok(commits
                .into_iter()
                .take_while(|commit| commit.id != since)
                .find(|commit| gitlab::message::has_trailer(&commit.message, request_id))),
            // A repository without commits has no branch to list.
            Err(Failure::Answer(_)) if since.is_empty() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The branch that is committed to.
    #[must_use]
    pub fn branch_name(&self) -> &str {
        &self.branch
    }

    /// Requests to the project.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn exchange(&self) -> &Exchange<'a, W> {
        &self.exchange
    }
}

impl From<gitlab::TreeEntry> for Entry {
    fn from(entry: gitlab::TreeEntry) -> Self {
        Self {
            is_file: entry.kind == gitlab::EntryKind::Blob,
            path: entry.path,
            id: entry.id,
        }
    }
}
