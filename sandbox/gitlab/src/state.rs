//! State that all requests share.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use git2::Repository;

use crate::accounts::Accounts;
use crate::api::{ApiError, MergeRequests};
use crate::calls::CallLog;
use crate::faults::Faults;
use crate::git::Store;
use crate::oauth::Sessions;
use crate::project::Project;

/// The server's state. Nothing in it serialises commits.
pub(crate) struct App {
    /// Where the server is reached, with the prefix and without a trailing slash.
    pub(crate) url: String,
    pub(crate) prefix: String,
    pub(crate) accounts: Accounts,
    pub(crate) project: Project,
    pub(crate) store: Store,
    pub(crate) merge_requests: MergeRequests,
    pub(crate) calls: Arc<CallLog>,
    pub(crate) faults: Faults,
    pub(crate) oauth: Sessions,
    pub(crate) latency: RwLock<Duration>,
}

pub(crate) type Shared = Arc<App>;

impl App {
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
    app: &Shared,
    work: impl FnOnce(&App, &Repository) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let app = Arc::clone(app);
    let task =
        tokio::task::spawn_blocking(move || app.store.with(|repository| work(&app, repository)));
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request's work was cut off");
        Err(ApiError::internal())
    })
}
