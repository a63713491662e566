//! A running server.

mod connection;
mod directory;
mod listener;
mod tls;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::directory::DataDirectory;
pub use self::directory::GitLabStartError;
use crate::accounts::{AccountDirectory, AccountError, NewUser, SeedTokens, TokenScope};
use crate::api::MergeRequests;
use crate::calls::{CallLog, GitLabCall};
use crate::conditions::{self, ProjectCondition};
use crate::dispatch::RequestDispatch;
use crate::faults::FaultPlan;
use crate::git::{self, RepositoryStore};
use crate::oauth::OAuthSessions;
use crate::options::GitLabOptions;
use crate::project::{ProjectError, ServedProject};
use crate::state::{GitLabState, SharedState};
use crate::writer::RepositoryWriter;

/// A running GitLab. It stops when dropped; the data stay.
pub struct GitLab {
    app: SharedState,
    tokens: SeedTokens,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    listening: Option<JoinHandle<()>>,
    _data: DataDirectory,
}

impl GitLab {
    /// Starts a server in the current Tokio runtime; it answers when this returns.
    ///
    /// # Errors
    /// When the address is taken, the data directory is used by another server or cannot be used, or
    /// the certificate does not fit its key.
    pub async fn start(options: GitLabOptions) -> Result<Self, GitLabStartError> {
        let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener =
            TcpListener::bind(options.listen)
                .await
                .map_err(|source| GitLabStartError::Listen {
                    address: options.listen,
                    source,
                })?;
        let address = listener
            .local_addr()
            .map_err(|source| GitLabStartError::Listen {
                address: options.listen,
                source,
            })?;
        let data = DataDirectory::claim(&options.data)?;
        let (app, tokens) = open(&options, &base_url(address, &options))?;
        let (stop, stopped) = watch::channel(false);
        let dispatch = RequestDispatch::new(Arc::clone(&app));
        let listening = tokio::spawn(listener::accept(listener, tls, dispatch, stopped));
        Ok(Self {
            app,
            tokens,
            address,
            stop,
            listening: Some(listening),
            _data: data,
        })
    }

    /// Where it is reached, with the prefix and without `/api/v4`: `http://127.0.0.1:8080/gitlab`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where `git clone` finds the project: the user name is any, the password a token.
    #[must_use]
    pub fn clone_url(&self) -> String {
        format!("{}.git", self.app.project_url())
    }

    /// The bare repository on disk.
    #[must_use]
    pub fn repository(&self) -> &Path {
        self.app.store.path()
    }

    /// The project's numeric id.
    #[must_use]
    pub fn project_id(&self) -> u64 {
        self.app.project.id()
    }

    /// The tokens of the users every server has.
    #[must_use]
    pub fn tokens(&self) -> &SeedTokens {
        &self.tokens
    }

    /// Adds a user and returns a token of scope `api`.
    ///
    /// # Errors
    /// When a user of that name exists or the accounts cannot be kept.
    pub fn add_user(&self, user: NewUser) -> Result<String, AccountError> {
        self.app.accounts.add_user(user)
    }

    /// Makes a further token of a user.
    ///
    /// # Errors
    /// When there is no such user or the accounts cannot be kept.
    pub fn add_token(&self, username: &str, scopes: &[TokenScope]) -> Result<String, AccountError> {
        self.app.accounts.add_token(username, scopes)
    }

    /// Moves the project to another path; the present one then answers as a moved project's.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub fn move_project(&self, path: &str) -> Result<(), ProjectError> {
        Ok(self.app.project.move_to(path)?)
    }

    /// Brings the project into a state that requests can meet. Blocks.
    ///
    /// # Errors
    /// When the change cannot be kept or the repository refuses.
    pub fn set_condition(&self, condition: ProjectCondition) -> Result<(), ProjectError> {
        conditions::set(&self.app, condition)
    }

    /// Renames the default branch, with its protection. Blocks.
    ///
    /// # Errors
    /// When there is such a branch already or the change cannot be kept.
    pub fn rename_default_branch(&self, name: &str) -> Result<(), ProjectError> {
        let old = self.app.store.with(|repository| {
            let old = git::default_branch(repository)?;
            let head = git::branch_head(repository, &old)?;
            let taken = |_| ProjectError::Branch(name.to_owned());
            if head.is_some() {
                git::compare_and_swap(repository, name, None, head).map_err(taken)?;
            }
            git::set_default_branch(repository, name)?;
            if head.is_some() {
                git::compare_and_swap(repository, &old, head, None).map_err(taken)?;
            }
            Ok::<_, ProjectError>(old)
        })?;
        Ok(self.app.project.move_protection(&old, name)?)
    }

    /// A writer beside the API.
    #[must_use]
    pub fn writer(&self) -> RepositoryWriter {
        RepositoryWriter {
            app: Arc::clone(&self.app),
        }
    }

    /// All requests since the start or the last [`clear_calls`](Self::clear_calls), in the order of
    /// arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<GitLabCall> {
        self.app.calls.calls()
    }

    /// Forgets the calls.
    pub fn clear_calls(&self) {
        self.app.calls.clear();
    }

    /// The planned misbehaviour.
    #[must_use]
    pub fn faults(&self) -> &FaultPlan {
        &self.app.faults
    }

    /// Changes the latency for requests that arrive from now on.
    pub fn set_latency(&self, latency: Duration) {
        *self
            .app
            .latency
            .write()
            .unwrap_or_else(PoisonError::into_inner) = latency;
    }

    /// Stops: no connection is accepted any more, requests under way are answered first, for two
    /// seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(listening) = self.listening.take()
            && let Err(error) = listening.await
        {
            tracing::error!(%error, "the listener failed");
        }
    }
}

impl Drop for GitLab {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }
}

impl std::fmt::Debug for GitLab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitLab")
            .field("url", &self.app.url)
            .field("repository", &self.repository())
            .finish_non_exhaustive()
    }
}

fn open(options: &GitLabOptions, url: &str) -> Result<(SharedState, SeedTokens), GitLabStartError> {
    let data = &options.data;
    let store = RepositoryStore::open(
        data.join("repository.git"),
        &options.default_branch,
        options.initial,
    )?;
    let accounts = AccountDirectory::open(data)?;
    let tokens = SeedTokens::ensure(&accounts)?;
    let app = GitLabState {
        url: url.to_owned(),
        prefix: prefix(options),
        accounts,
        project: ServedProject::open(data, &options.project, &options.default_branch)?,
        store,
        merge_requests: MergeRequests::open(data)?,
        calls: Arc::new(CallLog::new()),
        faults: FaultPlan::default(),
        oauth: OAuthSessions::default(),
        latency: RwLock::new(options.latency),
    };
    Ok((Arc::new(app), tokens))
}

/// An unspecified address is reached through the loopback interface.
fn base_url(address: SocketAddr, options: &GitLabOptions) -> String {
    let scheme = if options.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let host = match address.ip() {
        ip if !ip.is_unspecified() => SocketAddr::new(ip, address.port()).to_string(),
        _ => format!("127.0.0.1:{}", address.port()),
    };
    format!("{scheme}://{host}{}", prefix(options))
}

/// The prefix with a slash before and none behind; empty for none.
fn prefix(options: &GitLabOptions) -> String {
    match options.path_prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("/{prefix}"),
    }
}
