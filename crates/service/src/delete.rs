//! `DELETE /api/v1/clusters/{name}`: takes everything back that a save brought.

use std::cell::RefCell;
use std::sync::Arc;

use api::DeleteClusterResponse;
use argocd::ownership::Look;
use domain::render::Tree;
use domain::{Rejection, names};
use gitlab::message::Approval;

use crate::change::{self, Change, Context, Mode, Outcome, Plan};
use crate::delivery::Delivery;
use crate::incoming::{self, Caller, Query};
use crate::management::{Failure, Management, Removal, Removed};
use crate::problem::{self, Problem, Refusal, WriteProgress};
use crate::repository::{ProjectAccess, Repository};
use crate::runtime::{Components, Request, Response, Runtime};
use crate::settings::Settings;
use crate::snapshot::{ReadSet, Snapshot, Subject};
use crate::timed::Timed;
use crate::{dry_run, leftovers, paths, ready, response};

/// Removes a cluster; asked again while the uninstall runs, it reports how far that is.
///
/// # Errors
/// Every reason of api.md's table that applies to a removal.
pub async fn delete<W: Runtime, D: Components>(
    runtime: &W,
    components: &D,
    settings: &Settings,
    request: &Request,
) -> Result<Response, Problem> {
    if let Some(answer) = ready::settled(components, settings, request)? {
        return Ok(answer);
    }
    let name = incoming::cluster_name(request.uri().path())?
        .ok_or_else(|| incoming::no_route(request.uri().path()))?;
    let caller = Caller::of(runtime, request)?;
    ready::require_usable(components, settings)?;
    let components = &Timed {
        runtime,
        components,
        journal: Arc::clone(&caller.journal),
    };
    let query = Query::parse(request, incoming::DELETE_PARAMETERS)?;
    let (dry, force) = (query.flag("dry_run")?, query.flag("force")?);
    let delivery = settings.delivery.or_as_asked(query.get("delivery"))?;
    query.not_watched()?;
    let mut repository = Repository::new(runtime, settings, &caller)?;
    let management = Management::new(runtime, settings, &caller)?;
    let subject = Subject {
        name,
        ..Subject::default()
    };
    let delete = Delete {
        runtime,
        components,
        settings,
        management: &management,
        subject,
        force,
        looked: RefCell::default(),
        completed: RefCell::default(),
    };
    let context = Context {
        runtime,
        components,
        settings,
        caller: &caller,
        dry,
    };
    let mode = Mode::Apply(delivery);
    let done = change::deliver(&context, mode, &mut repository, &delete).await?;
    let Delete {
        subject,
        looked,
        completed,
        ..
    } = delete;
    let (name, look) = (&subject.name, looked.take());
    let look = look.and_then(|looked| looked.own.ok()).unwrap_or_default();
    let management = match completed.take() {
        Some(settings) => management.with_settings(settings),
        None => management,
    };
    if done.detail.is_none() && management.has_remains(name, &look) {
        require_own(&repository, &done, name).await?;
    }
    let is_merged = done.proposal.waits_for().is_none() && done.detail.is_none();
    if force && mode == Mode::Apply(Delivery::MergeRequest) && is_merged {
        require_forced(&repository, &management, name, &look, &done.state.head).await?;
    }
    if dry {
        let removal = dry_run::Removing {
            management: &management,
            look: &look,
            force,
            last: is_last(&done)
                && was_there(&repository, &done, name)
                    .await
                    .map_err(|refusal| refusal.problem(WriteProgress::Nothing))?,
        };
        return dry_run::deleted(&repository, done, name, removal).await;
    }
    if let Some(iid) = done.proposal.waits_for() {
        return Ok(response::ok(&proposed(name, iid, &done)));
    }
    let removed = Removed {
        name,
        deleted: done.detail.as_ref(),
        look: &look,
        force,
    };
    finish(&mut repository, &management, &removed, &done).await
}

/// Refuses to remove a cluster that this repository never had: its remains belong to another tenant of the same Argo
/// CD.
async fn require_own<W: Runtime>(
    repository: &Repository<'_, W>,
    done: &Outcome<Option<Deleted>>,
    name: &str,
) -> Result<(), Problem> {
    // The list alone may have been.
    let written = match &done.commit {
        Some(_) => WriteProgress::Commit,
        None => WriteProgress::Nothing,
    };
    let refused = |refusal: Refusal| refusal.problem(written);
    let mut head = Snapshot::at(&done.state.head);
    let needs = ReadSet {
        files: [domain::resource::path(name)].into(),
        ..ReadSet::default()
    };
    let (read, was_there) = futures::join!(
        repository.read(needs, &mut head),
        was_there(repository, done, name)
    );
    read.map_err(|failure| refused(failure.into()))?;
    // It was missing a moment before the head was read, and somebody has registered it in between.
    if head.registered(name).is_some() {
        return Err(problem::concurrent_change(format!(
            "cluster {name} was registered at the same moment; nothing was written; send the request again to remove it"
        )));
    }
    match was_there.map_err(refused)? {
        true => Ok(()),
        false => {
            let mut problem = problem::cluster_not_found(name);
            problem.commit = done.commit_member().map(Some);
            Err(problem)
        }
    }
}

/// Requires that the merged removal says that it goes by force.
async fn require_forced<W: Runtime>(
    repository: &Repository<'_, W>,
    management: &Management<'_, W>,
    name: &str,
    look: &Look,
    head: &str,
) -> Result<(), Problem> {
    if !management.has_remains(name, look) {
        return Ok(());
    }
    let approved = repository.is_approved(name, head, &Approval::Force).await;
    match approved.map_err(problem::gitlab_before_writing)? {
        true => Ok(()),
        false => Err(problem::force_not_approved(name, repository.branch_name())),
    }
}

fn proposed(name: &str, iid: u64, done: &Outcome<Option<Deleted>>) -> DeleteClusterResponse {
    let message = format!(
        "Proposed the removal of {name} cluster in merge request !{iid}: nothing is uninstalled before it is merged"
    );
    DeleteClusterResponse {
        message,
        warnings: [done.proposal.warnings.clone(), leftover_warnings(done)].concat(),
        commit: done.commit_member(),
        merge_request: done.proposal.merge_request_member(),
        ..DeleteClusterResponse::default()
    }
}

/// Warnings about what a removal leaves in the cluster; none where it was removed before, or by force.
pub(crate) fn leftover_warnings(done: &Outcome<Option<Deleted>>) -> Vec<String> {
    let deleted = done.detail.iter();
    deleted
        .filter_map(|deleted| deleted.leftovers.clone())
        .collect()
}

async fn finish<W: Runtime>(
    repository: &mut Repository<'_, W>,
    management: &Management<'_, W>,
    removed: &Removed<'_>,
    done: &Outcome<Option<Deleted>>,
) -> Result<Response, Problem> {
    let (name, commit) = (removed.name, done.commit_member());
    let removal = uninstall(repository, management, removed, done).await;
    let removal = removal.map_err(|refusal| match refusal {
        Refusal::Kubernetes(failure) if done.detail.is_some() || done.commit.is_some() => {
            failure.after_commit(name, commit.clone())
        }
        other => with_commit(other.problem(WriteProgress::Partly), done),
    })?;
    // Nothing in the repository, nothing in the management cluster: there is no such cluster.
    if done.detail.is_none() && removal.is_nothing() {
        // A commit is of this cluster where its answer was lost, and otherwise has mended the list of others.
        let was_removed = match &commit {
            Some(_) => was_there(repository, done, name).await,
            None => Ok(false),
        };
        let was_removed = was_removed
            .map_err(|refusal| with_commit(refusal.problem(WriteProgress::Partly), done))?;
        if !was_removed {
            return Err(with_commit(problem::cluster_not_found(name), done));
        }
    }
    Ok(response::ok(&DeleteClusterResponse {
        message: format!("Successfully deleted {name} cluster"),
        warnings: [
            removal.warnings,
            done.proposal.warnings.clone(),
            leftover_warnings(done),
        ]
        .concat(),
        commit,
        merge_request: done.proposal.merge_request_member(),
        installs: removal.objects,
        uninstalling: Some(removal.remaining),
        changes: None,
        diff: None,
    }))
}

/// A problem that names the commit of this request, if there is one.
fn with_commit(mut problem: Problem, done: &Outcome<Option<Deleted>>) -> Problem {
    problem.commit = done.commit_member().map(Some);
    problem
}

async fn uninstall<W: Runtime>(
    repository: &mut Repository<'_, W>,
    management: &Management<'_, W>,
    removed: &Removed<'_>,
    done: &Outcome<Option<Deleted>>,
) -> Result<Removal, Refusal> {
    let mut removal = management.uninstall(removed).await?;
    // Of a tenant without clusters something may be left for a while, which is not the end of one that never was.
    if !is_last(done) || removal.is_nothing() && !was_there(repository, done, removed.name).await? {
        return Ok(removal);
    }
    // Another cluster may have been registered meanwhile, so the list is read again.
    if is_still_last(repository).await? {
        management.remove_tenant(&mut removal).await?;
    }
    Ok(removal)
}

/// Tells whether there ever was a cluster of this name. A commit of this request does not tell: it may have mended the list
/// alone, of a cluster that is another tenant's.
async fn was_there<W: Runtime>(
    repository: &Repository<'_, W>,
    done: &Outcome<Option<Deleted>>,
    name: &str,
) -> Result<bool, Refusal> {
    Ok(done.detail.is_some() || repository.was_registered(name, &done.state.head).await?)
}

/// Tells whether no cluster is registered any more.
fn is_last(done: &Outcome<Option<Deleted>>) -> bool {
    let left = match &done.detail {
        Some(deleted) => deleted.kustomization.as_ref(),
        None => done.state.content(paths::KUSTOMIZATION),
    };
    is_empty_list(left)
}

async fn is_still_last<W: Runtime>(repository: &mut Repository<'_, W>) -> Result<bool, Refusal> {
    let mut state = Snapshot::at_head_of(&repository.open().await?);
    let needs = ReadSet {
        files: [paths::KUSTOMIZATION.to_owned()].into(),
        ..ReadSet::default()
    };
    repository.read(needs, &mut state).await?;
    Ok(is_empty_list(state.content(paths::KUSTOMIZATION)))
}

/// As rendering writes it; a list that somebody else has emptied in another way counts as full.
pub(crate) fn is_empty_list(kustomization: Option<&Vec<u8>>) -> bool {
    kustomization.is_none_or(|content| {
        String::from_utf8_lossy(content)
            .lines()
            .any(|line| line.trim_end() == "resources: []")
    })
}

/// Input of a removal's decision.
struct Delete<'a, W, D> {
    runtime: &'a W,
    components: &'a D,
    settings: &'a Settings,
    management: &'a Management<'a, W>,
    subject: Subject,
    /// True where the cluster does not answer any more.
    force: bool,
    /// State of the management cluster when this attempt began.
    looked: RefCell<Option<Looked>>,
    /// Settings with what the project told: which address Argo CD reads the repository from.
    completed: RefCell<Option<domain::Settings>>,
}

/// The cluster's own objects, and the products that depend on it.
struct Looked {
    own: Result<Look, Failure>,
    dependants: Result<Vec<String>, Failure>,
}

/// The cluster that goes.
pub struct Deleted {
    /// As it was registered.
    pub cluster: domain::Cluster,
    /// The list of clusters without it.
    pub kustomization: Option<Vec<u8>>,
    /// Leftovers in the cluster, in words; `None` with force, which uninstalls nothing in it.
    pub leftovers: Option<String>,
}

impl<W: Runtime, D: Components> Change for Delete<'_, W, D> {
    /// `None`: it is not in the repository (any more).
    type Payload = Option<Deleted>;

    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn operation(&self) -> &'static str {
        "DeleteCluster"
    }

    /// One of its own for a removal by force: the commits of an ordinary one do not say so.
    fn branch_prefix(&self) -> &'static str {
        match self.force {
            true => names::FORCE_REMOVE_BRANCH,
            false => names::REMOVE_BRANCH,
        }
    }

    fn after_merge(&self, path: &str) -> String {
        let (query, what) = match self.force {
            true => (
                "?force=true",
                "This is a removal by force, of a cluster that does not answer any more: whatever runs there stays behind. ",
            ),
            false => ("", ""),
        };
        format!(
            "{what}Nothing is uninstalled before this is merged. Then `DELETE {path}{query}` once more has it uninstalled."
        )
    }

    async fn look(&self) {
        let name = &self.subject.name;
        let (own, dependants) = futures::join!(
            self.management.look_at_own(name, None),
            self.management.dependants(name),
        );
        self.looked.replace(Some(Looked { own, dependants }));
    }

    async fn decide(
        &self,
        opened: &ProjectAccess,
        state: &Snapshot,
    ) -> Result<Plan<Option<Deleted>>, Refusal> {
        let name = &self.subject.name;
        let dependants = match &*self.looked.borrow() {
            Some(Looked {
                own: Err(failure), ..
            }) => return Err(failure.clone().into()),
            Some(looked) => looked.dependants.clone(),
            None => Ok(Vec::new()),
        };
        // Nothing was ever registered in an empty repository, whatever the management cluster has.
        if opened.branch.is_none() {
            return Err(problem::cluster_not_found(name).into());
        }
        let settings = self.settings.for_project(opened);
        self.completed.replace(Some(settings.clone()));
        let mut neighbours = state.neighbours(&self.subject, self.runtime.now());
        if state.registered(name).is_some() {
            neighbours.dependants = dependants?;
        }
        let checked = self.components.check_removal(name, &neighbours, &settings);
        let (cluster, surroundings) = match checked {
            Err(Rejection::ClusterNotFound) => return Ok(nothing(name)),
            checked => checked
                .map_err(|it| problem::rejected_file(it, name, &neighbours.resource_files))?,
        };
        state.require_host_folder(&cluster)?;
        let tree = self
            .components
            .remove(
                &cluster,
                &surroundings,
                &state.shared_files(name),
                &settings,
            )
            .map_err(|error| problem::unrenderable(&error))?;
        let summary = summary(name, self.force);
        let is_independent =
            cluster.usage == domain::Usage::Worker && cluster.host_cluster.is_none();
        let kustomization = tree.files.get(paths::KUSTOMIZATION).cloned();
        let leftovers = (!self.force).then(|| leftovers::describe_leftovers(&cluster, &settings));
        Ok(Plan {
            tree,
            summary,
            approval: self.force.then_some(Approval::Force),
            is_independent,
            warnings: leftovers.iter().cloned().collect(),
            detail: Some(Deleted {
                cluster,
                kustomization,
                leftovers,
            }),
        })
    }
}

/// The subject of its commit and the title of its merge request: where that is squashed, nothing else is left of it.
fn summary(name: &str, force: bool) -> String {
    let by_force = force.then(|| Approval::Force.summary_end());
    format!("Remove cluster {name}{}", by_force.unwrap_or_default())
}

/// Without a resource file there is nothing to remove: all of a cluster's files go in one commit.
fn nothing(name: &str) -> Plan<Option<Deleted>> {
    Plan {
        tree: Tree::default(),
        summary: summary(name, false),
        approval: None,
        is_independent: false,
        warnings: Vec::new(),
        detail: None,
    }
}
