//! `GET /api/v1/clusters/{name}`, `GET /api/v1/clusters` and `GET /readyz`.

use domain::selector::Selector;
use domain::{Cluster, Rejection};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::incoming::{self, Caller, Query};
use crate::management::Management;
use crate::paths;
use crate::problem::{self, Problem, WriteProgress};
use crate::repository::{ProjectAccess, Repository};
use crate::request_log::RequestLog;
use crate::response;
use crate::runtime::{Request, Response, Runtime};
use crate::settings::Settings;
use crate::snapshot::{Depth, Folder, ReadSet, Snapshot};

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
        None => {
            let mut repository = Repository::new(runtime, settings, &caller)?;
            all(&mut repository, &query).await
        }
    }
}

/// One cluster as it was a moment ago.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClusterSnapshot {
    /// The commit at which the repository was read.
    head: String,
    cluster: Cluster,
    /// See [`argocd::status::Observation::revisions`].
    revisions: Vec<String>,
    /// The member `status`.
    pub(crate) status: Value,
}

impl ClusterSnapshot {
    /// The cluster as an answer tells it.
    pub(crate) fn view(&self) -> Value {
        let mut view = domain::view(&self.cluster);
        if let Some(view) = view.as_object_mut() {
            view.insert("status".into(), self.status.clone());
        }
        view
    }

    /// Whether the repository says the same of the cluster.
    pub(crate) fn is_same_cluster(&self, other: &Self) -> bool {
        self.cluster == other.cluster
    }
}

/// Looks at one cluster. What was seen `before` is not read again while the branch stays where it is.
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
    let opened = repository.open(None).await.map_err(unread)?;
    let management = management.with_settings(settings.for_project(&opened));
    let head = Snapshot::at_head_of(&opened).head;
    if let Some(before) = before.filter(|before| before.head == head) {
        let known = std::future::ready(before.revisions.clone());
        let (status, revisions) = management.status(&before.cluster, known).await;
        return Ok(ClusterSnapshot {
            head,
            cluster: before.cluster.clone(),
            revisions,
            status,
        });
    }
    let cluster = registered(&repository, &opened, name).await?;
    let folders = paths::installed_from(&cluster);
    let revisions = repository.revisions_since(&folders, &head);
    let (status, revisions) = management.status(&cluster, revisions).await;
    Ok(ClusterSnapshot {
        head,
        cluster,
        revisions,
        status,
    })
}

async fn registered<W: Runtime>(
    repository: &Repository<'_, W>,
    opened: &ProjectAccess,
    name: &str,
) -> Result<Cluster, Problem> {
    let path = domain::resource::path(name);
    let mut needs = ReadSet::default();
    needs.files.insert(path.clone());
    let state = at_head(repository, opened, needs).await?;
    match state.content(&path) {
        Some(content) => parse(&path, content),
        None => Err(problem::cluster_not_found(name)),
    }
}

async fn all<W: Runtime>(
    repository: &mut Repository<'_, W>,
    query: &Query,
) -> Result<Response, Problem> {
    let selector = Selector::parse(query.get("field_selector").unwrap_or_default())
        .map_err(|violations| problem::rejected(Rejection::ValidationFailed(violations), ""))?;
    let opened = repository.open(None).await.map_err(unread)?;
    let folder = Folder {
        path: paths::RESOURCE_FILES.to_owned(),
        depth: Depth::Recursive,
    };
    let mut needs = ReadSet::default();
    needs.folders.insert(folder.clone());
    let state = at_head(repository, &opened, needs).await?;
    let files: Vec<String> = state
        .folders
        .get(&folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.is_file && is_resource_file(&entry.path))
        .map(|entry| entry.path.clone())
        .collect();
    let clusters = contents(repository, &state.head, files).await?;
    let items: Vec<Value> = clusters
        .iter()
        .filter(|cluster| selector.matches(cluster))
        .map(domain::view)
        .collect();
    Ok(response::ok(&json!({ "items": items })))
}

/// Requests at a time: enough to hide the round trip, few enough for GitLab's limits.
const BATCH: usize = 32;

async fn contents<W: Runtime>(
    repository: &Repository<'_, W>,
    head: &str,
    files: Vec<String>,
) -> Result<Vec<Cluster>, Problem> {
    let mut clusters = Vec::with_capacity(files.len());
    for batch in files.chunks(BATCH) {
        let states = join_all(batch.iter().map(|path| async move {
            let mut state = Snapshot {
                head: head.to_owned(),
                ..Snapshot::default()
            };
            let needs = ReadSet {
                files: [path.clone()].into(),
                ..ReadSet::default()
            };
            repository.read(needs, &mut state).await.map(|()| state)
        }))
        .await;
        for (path, state) in batch.iter().zip(states) {
            let state = state.map_err(unread)?;
            if let Some(content) = state.content(path) {
                clusters.push(parse(path, content)?);
            }
        }
    }
    Ok(clusters)
}

async fn at_head<W: Runtime>(
    repository: &Repository<'_, W>,
    opened: &ProjectAccess,
    needs: ReadSet,
) -> Result<Snapshot, Problem> {
    let mut state = Snapshot::at_head_of(opened);
    repository.read(needs, &mut state).await.map_err(unread)?;
    Ok(state)
}

fn is_resource_file(path: &str) -> bool {
    let name = path
        .strip_prefix(paths::RESOURCE_FILES)
        .and_then(|rest| rest.strip_prefix('/'));
    name.and_then(|name| name.strip_suffix(".yaml"))
        .is_some_and(paths::is_cluster_name)
}

fn parse(path: &str, content: &[u8]) -> Result<Cluster, Problem> {
    let cluster = domain::resource::from_yaml(content);
    cluster.map_err(|error| problem::unreadable_file(path, &error.to_string()))
}

fn unread(failure: crate::repository::Failure) -> Problem {
    problem::from_gitlab(&failure, WriteProgress::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kustomization_and_foreign_files_are_no_clusters() {
        let of = |name: &str| is_resource_file(&format!("{}/{name}", paths::RESOURCE_FILES));
        assert!(of("a-1.yaml"));
        assert!(!of("kustomization.yaml"));
        assert!(!of("README.md"));
        assert!(!of("folder/a.yaml"));
        assert!(!of("A.yaml"));
    }
}
