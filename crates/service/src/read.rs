//! `GET /api/v1/clusters/{name}`, `GET /api/v1/clusters` and `GET /readyz`.

use domain::Cluster;
use serde_json::{Value, json};

use crate::incoming::{self, Caller, Query};
use crate::management::{Management, Observed};
use crate::paths;
use crate::problem::{self, Problem, WriteProgress};
use crate::repository::{History, Repository};
use crate::request_log::RequestLog;
use crate::response;
use crate::runtime::{Request, Response, Runtime};
use crate::settings::Settings;
use crate::snapshot::ReadSet;

/// Reads one cluster, all of them, or whether the services answer.
///
/// # Errors
/// Every reason of api.md's table that applies to a read.
pub async fn read<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    request: &Request,
) -> Result<Response, Problem> {
    let path = request.uri().path();
    if path == "/readyz" {
        return crate::ready::ready(runtime, settings, &RequestLog::of(runtime, request)).await;
    }
    let name = incoming::cluster_name(path)?;
    let query = Query::parse(request, incoming::read_parameters(name.as_deref()))?;
    if name.is_none() {
        query.not_watched()?;
    }
    let caller = Caller::of(runtime, request)?;
    match name {
        Some(name) => {
            let seen = look(runtime, settings, &caller, &name, None).await?;
            Ok(response::ok(&seen.view()))
        }
        None => crate::list::whole(runtime, settings, request).await,
    }
}

/// One cluster as it was a moment ago.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClusterSnapshot {
    /// The commit at which the repository was read.
    pub(crate) head: String,
    pub(crate) cluster: Cluster,
    pub(crate) history: History,
    /// When its Cluster resource was made, RFC 3339.
    created_at: Option<String>,
    /// The member `status`.
    pub(crate) status: Value,
}

impl ClusterSnapshot {
    fn of<W: Runtime>(
        management: &Management<'_, W>,
        cluster: Cluster,
        head: String,
        history: History,
        observed: Observed,
    ) -> Self {
        let status = management.status(&cluster, &observed, &history.revisions);
        Self {
            head,
            cluster,
            history,
            created_at: observed.created_at(),
            status,
        }
    }

    /// The cluster as an answer tells it.
    pub(crate) fn view(&self) -> Value {
        let mut view = domain::view(&self.cluster);
        if let Some(view) = view.as_object_mut() {
            view.insert("status".into(), self.status.clone());
            let created_at = self.created_at.as_ref().map(|time| json!(time));
            view.extend(created_at.map(|time| ("created_at".to_owned(), time)));
            let last = self.history.last.as_ref().map(response::last_commit);
            view.extend(last.map(|commit| ("last_commit".to_owned(), commit)));
        }
        view
    }

    /// Whether the repository says the same of the cluster.
    pub(crate) fn is_same_cluster(&self, other: &Self) -> bool {
        self.cluster == other.cluster
    }
}

/// Looks at one cluster: two round trips to GitLab, and beside the second one to Kubernetes. What was seen `before` is
/// not read again while the branch stays where it is.
pub(crate) async fn look<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    caller: &Caller,
    name: &str,
    before: Option<&ClusterSnapshot>,
) -> Result<ClusterSnapshot, Problem> {
    let management = Management::new(runtime, settings, caller)?;
    let mut repository = Repository::new(runtime, settings, caller)?;
    // No registered cluster has another kind of name, and a path is made of it.
    if !paths::is_cluster_name(name) {
        return Err(problem::cluster_not_found(name));
    }
    let path = domain::resource::path(name);
    let file = before.is_none().then_some(&*path);
    let (opened, mut state) = repository.open_with_file(file).await.map_err(unread)?;
    let management = management.with_settings(settings.for_project(&opened));
    let head = state.head.clone();
    if let Some(before) = before.filter(|before| before.head == head) {
        let observed = management.observe(&before.cluster, false).await;
        let revisions = &before.history.revisions;
        return Ok(ClusterSnapshot {
            head,
            status: management.status(&before.cluster, &observed, revisions),
            ..before.clone()
        });
    }
    let needs = ReadSet {
        files: [path.clone()].into(),
        ..ReadSet::default()
    };
    let needs = needs.missing(&state);
    repository.read(needs, &mut state).await.map_err(unread)?;
    let Some(content) = state.content(&path) else {
        // Of a cluster that this repository never had, whatever is there is another tenant's.
        let (removal, was_registered) = futures::join!(
            management.observe_removal(name),
            repository.was_registered(name, &head),
        );
        let removal =
            removal.map_err(|it| problem::from_kubernetes(&it, WriteProgress::Nothing))?;
        let was_registered = was_registered.map_err(unread)?;
        let removal = removal.filter(|_| was_registered);
        let (cluster, status) = removal.ok_or_else(|| problem::cluster_not_found(name))?;
        return Ok(ClusterSnapshot {
            head,
            cluster,
            history: History::default(),
            created_at: None,
            status,
        });
    };
    let cluster = parse(&path, content)?;
    let folders = paths::installed_from(&cluster);
    let (history, observed) = futures::join!(
        repository.history(&folders, &path, &head),
        management.observe(&cluster, true),
    );
    Ok(ClusterSnapshot::of(
        &management,
        cluster,
        head,
        history,
        observed,
    ))
}

/// The cluster whose resource file this is.
pub(crate) fn name_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix(paths::RESOURCE_FILES)?;
    name.strip_prefix('/')?.strip_suffix(".yaml")
}

pub(crate) fn parse(path: &str, content: &[u8]) -> Result<Cluster, Problem> {
    let cluster = domain::resource::from_yaml(content);
    cluster.map_err(|error| problem::unreadable_file(path, &error.to_string()))
}

pub(crate) fn unread(failure: crate::repository::Failure) -> Problem {
    problem::from_gitlab(&failure, WriteProgress::Nothing)
}
