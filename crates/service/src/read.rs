//! `GET /api/v1/clusters/{name}`, `GET /api/v1/clusters`, `GET /api/v1/merge-requests` and `GET /readyz`.

use api::Status;
use domain::Cluster;

use crate::incoming::{self, Caller, Query};
use crate::management::{Management, Observed};
use crate::paths;
use crate::problem::{self, Problem};
use crate::repository::{History, Repository, Tip};
use crate::request_log::RequestLog;
use crate::response;
use crate::runtime::{Request, Response, Runtime};
use crate::settings::Settings;
use crate::snapshot::ReadSet;
use crate::view::view;

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
    if path == crate::ready::READYZ {
        return crate::ready::ready(runtime, settings, &RequestLog::of(runtime, request)).await;
    }
    if path == api::MERGE_REQUESTS {
        Query::parse(request, incoming::MERGE_REQUEST_PARAMETERS)?;
        let caller = Caller::of(runtime, request)?;
        let mut repository = Repository::new(runtime, settings, &caller)?;
        return crate::proposals::list(&mut repository).await;
    }
    let Some(name) = incoming::cluster_name(path)? else {
        return crate::list::whole(runtime, settings, request).await;
    };
    // What is not used is held to its rules as well: whoever watches with it later has been told.
    crate::watch::check(&Query::parse(request, incoming::GET_PARAMETERS)?, settings)?;
    let caller = Caller::of(runtime, request)?;
    let seen = look(runtime, settings, &caller, &name, None).await?;
    let answer = response::ok(&seen.view());
    match answer.body().len() > response::LARGEST {
        true => Err(too_large(&name)),
        false => Ok(answer),
    }
}

/// No request makes such a cluster: somebody pushed its resource file.
fn too_large(name: &str) -> Problem {
    let message = format!(
        "it has more than the {} bytes that an answer may have",
        response::LARGEST
    );
    problem::unreadable_file(&domain::resource::path(name), &message)
}

/// One cluster as it was a moment ago.
pub(crate) struct ClusterSnapshot {
    at: Tip,
    pub(crate) cluster: Cluster,
    history: History,
    /// Settings that names in the management cluster are made of.
    rendering: domain::Settings,
    pub(crate) observed: Observed,
    /// True where the cluster is registered no more.
    is_removed: bool,
    /// When its Cluster resource was made, RFC 3339.
    created_at: Option<String>,
    /// The member `status`.
    pub(crate) status: Status,
}

impl ClusterSnapshot {
    /// Makes the status of what was observed: also of the same a while later, since what lasts is judged by its time.
    pub(crate) fn judge<W: Runtime>(&mut self, management: &Management<'_, W>) {
        let revisions = &self.history.revisions;
        self.status = management.status(&self.cluster, &self.observed, revisions);
    }

    /// The management cluster as this cluster is named there.
    ///
    /// # Errors
    /// As for [`Management::new`].
    pub(crate) fn management<'a, W: Runtime>(
        &self,
        runtime: &'a W,
        settings: &'a Settings,
        caller: &'a Caller,
    ) -> Result<Management<'a, W>, Problem> {
        let management = Management::new(runtime, settings, caller)?;
        Ok(management.with_settings(self.rendering.clone()))
    }

    /// The cluster as an answer tells it.
    pub(crate) fn view(&self) -> api::Cluster {
        let last = self.history.last.as_ref();
        api::Cluster {
            status: Some(self.status.clone()),
            created_at: self.created_at.clone(),
            last_commit: last.map(response::last_commit),
            ..view(&self.cluster)
        }
    }
}

/// Looks at one cluster: two round trips to GitLab, and beside the second one to Kubernetes. The Applications that were
/// watched since it was seen `before` are not listed again.
pub(crate) async fn look<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    caller: &Caller,
    name: &str,
    before: Option<&mut ClusterSnapshot>,
) -> Result<ClusterSnapshot, Problem> {
    let management = Management::new(runtime, settings, caller)?;
    let mut repository = Repository::new(runtime, settings, caller)?;
    // No registered cluster has another kind of name, and a path is made of it. Whom GitLab does not know learns nothing of either.
    let path = paths::is_cluster_name(name).then(|| domain::resource::path(name));
    let (opened, mut state) = repository
        .open_with_file(path.as_deref())
        .await
        .map_err(problem::gitlab_before_writing)?;
    let path = path.ok_or_else(|| problem::cluster_not_found(name))?;
    let at = repository.tip_of(&opened);
    let rendering = settings.for_project(&opened);
    let management = management.with_settings(rendering.clone());
    let needs = ReadSet {
        files: [path.clone()].into(),
        ..ReadSet::default()
    };
    let needs = needs.missing(&state);
    repository
        .read(needs, &mut state)
        .await
        .map_err(problem::gitlab_before_writing)?;
    let Some(content) = state.content(&path) else {
        // Of a cluster that this repository never had, whatever is there is another tenant's.
        let (removal, was_registered) = futures::join!(
            management.observe_removal(name),
            repository.was_registered(name, &at.head),
        );
        let removal = removal.map_err(|failure| problem::from_kubernetes_for_readers(&failure))?;
        let was_registered = was_registered.map_err(problem::gitlab_before_writing)?;
        let removal = removal.filter(|_| was_registered);
        let (cluster, status) = removal.ok_or_else(|| problem::cluster_not_found(name))?;
        return Ok(ClusterSnapshot {
            at,
            cluster,
            history: History::default(),
            rendering,
            observed: Observed::nothing(),
            is_removed: true,
            created_at: None,
            status,
        });
    };
    let cluster = parse(&path, content)?;
    let folders = paths::installed_from(&cluster);
    // From here on nothing fails: what was watched would be lost.
    let watched = before.and_then(|before| before.observed.take_watched());
    let (history, observed) = futures::join!(
        repository.history(&folders, &path, &at.head),
        management.observe(&cluster, true, watched),
    );
    let status = management.status(&cluster, &observed, &history.revisions);
    Ok(ClusterSnapshot {
        at,
        cluster,
        history,
        rendering,
        created_at: observed.created_at(),
        observed,
        is_removed: false,
        status,
    })
}

/// Looks again: while the branch stays where it is, one call to GitLab, and what was read there is not read again.
pub(crate) async fn look_again<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    caller: &Caller,
    name: &str,
    seen: &mut ClusterSnapshot,
) -> Result<(), Problem> {
    let mut repository = Repository::new(runtime, settings, caller)?;
    // What is left of one that is removed goes without a commit.
    if seen.is_removed
        || !repository
            .is_at(&seen.at)
            .await
            .map_err(problem::gitlab_before_writing)?
    {
        *seen = Box::pin(look(runtime, settings, caller, name, Some(seen))).await?;
        return Ok(());
    }
    let management = seen.management(runtime, settings, caller)?;
    let watched = seen.observed.take_watched();
    seen.observed = management.observe(&seen.cluster, false, watched).await;
    seen.judge(&management);
    Ok(())
}

/// The cluster whose resource file this is.
pub(crate) fn name_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix(paths::RESOURCE_FILES)?;
    name.strip_prefix('/')?.strip_suffix(".yaml")
}

pub(crate) fn parse(path: &str, content: &[u8]) -> Result<Cluster, Problem> {
    let cluster = domain::resource::from_file(path, content);
    cluster.map_err(|error| problem::unreadable_file(path, &error.to_string()))
}
