//! State that all requests share.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use git2::Repository;

use crate::accounts::AccountDirectory;
use crate::api::{GitLabProblem, MergeRequests};
use crate::calls::CallLog;
use crate::faults::FaultPlan;
use crate::git::RepositoryStore;
use crate::oauth::OAuthSessions;
use crate::project::ServedProject;

/// The server's state. Nothing in it serialises commits.
pub(crate) struct GitLabState {
    /// Where the server is reached, with the prefix and without a trailing slash.
    pub(crate) url: String,
    pub(crate) prefix: String,
    pub(crate) accounts: AccountDirectory,
    pub(crate) project: ServedProject,
    pub(crate) store: RepositoryStore,
    pub(crate) merge_requests: MergeRequests,
    pub(crate) calls: Arc<CallLog>,
    pub(crate) faults: FaultPlan,
    pub(crate) oauth: OAuthSessions,
    pub(crate) latency: RwLock<Duration>,
}

pub(crate) type SharedState = Arc<GitLabState>;

impl GitLabState {
    pub(crate) fn latency(&self) -> Duration {
        *self.latency.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The project's page.
    pub(crate) fn project_url(&self) -> String {
        format!("{}/{}", self.url, self.project.record().path)
    }

    /// The scheme clients use.
    pub(crate) fn scheme(&self) -> &str {
        self.url
            .split_once("://")
            .map_or("http", |(scheme, _)| scheme)
    }
}

/// Runs `work` on a thread that may block, with a repository of its own.
pub(crate) async fn with_repository<T: Send + 'static>(
    app: &SharedState,
    work: impl FnOnce(&GitLabState, &Repository) -> Result<T, GitLabProblem> + Send + 'static,
) -> Result<T, GitLabProblem> {
    let app = Arc::clone(app);
    let task =
        tokio::task::spawn_blocking(move || app.store.with(|repository| work(&app, repository)));
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request's work was cut off");
        Err(GitLabProblem::internal())
    })
}
