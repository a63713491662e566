//! `DELETE /api/v1/clusters/{name}`: takes everything back that a save brought.

use std::sync::Arc;

use domain::render::Tree;
use serde_json::{Value, json};

use crate::call::{self, Caller, Query};
use crate::change::{self, Change, Context, Decided, Done, Way};
use crate::management::{Management, Removal};
use crate::ports::{Domain, Request, Response, World};
use crate::problem::{self, Problem, Refusal, Written};
use crate::repository::{Opened, Repository};
use crate::settings::Settings;
use crate::state::{Needs, State, Subject};
use crate::timed::Timed;
use crate::{answer, dry_run, paths};

/// Removes a cluster; asked again while the uninstall runs, it reports how far that is.
///
/// # Errors
/// Every reason of api.md's table that applies to a removal.
pub async fn delete<W: World, D: Domain>(
    world: &W,
    domain: &D,
    settings: &Settings,
    request: &Request,
) -> Result<Response, Problem> {
    let name = call::cluster_name(request.uri().path())?
        .ok_or_else(|| call::no_route(request.uri().path()))?;
    let caller = Caller::of(world, request)?;
    let domain = &Timed {
        world,
        domain,
        journal: Arc::clone(&caller.journal),
    };
    let query = Query::of(request);
    let (dry, force) = (query.flag("dry_run")?, query.flag("force")?);
    query.flag("insecure_skip_check")?;
    let delivery = settings.delivery.or_as_asked(query.get("delivery"))?;
    query.not_watched()?;
    let mut repository = Repository::new(world, settings, &caller)?;
    let management = Management::new(world, settings, &caller)?;
    let subject = Subject {
        name,
        ..Subject::default()
    };
    let delete = Delete {
        world,
        domain,
        settings,
        management: &management,
        subject,
    };
    let context = Context {
        world,
        domain,
        settings,
        caller: &caller,
        dry,
    };
    let way = Way::Deliver(delivery);
    let done = change::deliver(&context, way, &mut repository, &delete).await?;
    let name = &delete.subject.name;
    if dry {
        let last = is_last(&done);
        let removal = dry_run::Removing {
            management: &management,
            force,
            last,
        };
        return dry_run::deleted(&repository, done, name, removal).await;
    }
    if let Some(iid) = done.proposal.waits_for() {
        return Ok(answer::ok(&proposed(name, iid, &done)));
    }
    finish(&mut repository, &management, name, done, force).await
}

fn proposed(name: &str, iid: u64, done: &Done<Option<Deleted>>) -> Value {
    let mut body = json!({
        "message": format!(
            "Proposed the removal of {name} cluster in merge request !{iid}: nothing is uninstalled before it is merged"
        ),
        "warnings": done.proposal.warnings,
        "commit": done.commit_member(),
        "installs": [],
    });
    done.proposal.add_to(&mut body);
    body
}

async fn finish<W: World>(
    repository: &mut Repository<'_, W>,
    management: &Management<'_, W>,
    name: &str,
    done: Done<Option<Deleted>>,
    force: bool,
) -> Result<Response, Problem> {
    let commit = done.commit_member();
    let removal = uninstall(repository, management, name, &done, force).await;
    let removal = removal.map_err(|refusal| match refusal {
        Refusal::Kubernetes(failure) if done.detail.is_some() || done.commit.is_some() => {
            failure.after_commit(name, &commit)
        }
        other => other.problem(Written::Partly),
    })?;
    // Nothing in the repository, nothing in the management cluster: there is no such cluster.
    if done.detail.is_none() && done.commit.is_none() && removal.is_nothing() {
        return Err(problem::cluster_not_found(name));
    }
    let mut body = body(name, commit, removal);
    done.proposal.add_to(&mut body);
    Ok(answer::ok(&body))
}

async fn uninstall<W: World>(
    repository: &mut Repository<'_, W>,
    management: &Management<'_, W>,
    name: &str,
    done: &Done<Option<Deleted>>,
    force: bool,
) -> Result<Removal, Refusal> {
    let mut removal = management
        .uninstall(name, done.detail.as_ref(), force)
        .await?;
    // Another cluster may have been registered meanwhile, so the list is read again.
    if is_last(done) && is_still_last(repository).await? {
        management.remove_tenant(&mut removal).await?;
    }
    Ok(removal)
}

/// Whether no cluster is registered any more.
fn is_last(done: &Done<Option<Deleted>>) -> bool {
    let left = match &done.detail {
        Some(deleted) => deleted.kustomization.as_ref(),
        None => done.state.content(paths::KUSTOMIZATION),
    };
    is_empty_list(left)
}

async fn is_still_last<W: World>(repository: &mut Repository<'_, W>) -> Result<bool, Refusal> {
    let mut state = State::at_head_of(&repository.open(None).await?);
    let needs = Needs {
        files: [paths::KUSTOMIZATION.to_owned()].into(),
        ..Needs::default()
    };
    repository.read(needs, &mut state).await?;
    Ok(is_empty_list(state.content(paths::KUSTOMIZATION)))
}

/// As rendering writes it; a list that somebody else has emptied in another way counts as full.
fn is_empty_list(kustomization: Option<&Vec<u8>>) -> bool {
    kustomization.is_none_or(|content| {
        String::from_utf8_lossy(content)
            .lines()
            .any(|line| line.trim_end() == "resources: []")
    })
}

fn body(name: &str, commit: Value, removal: Removal) -> Value {
    let message = format!("Successfully deleted {name} cluster");
    json!({
        "message": message,
        "warnings": removal.warnings,
        "commit": commit,
        "installs": removal.objects,
        "uninstalling": removal.remaining,
    })
}

/// What a removal decides upon.
struct Delete<'a, W, D> {
    world: &'a W,
    domain: &'a D,
    settings: &'a Settings,
    management: &'a Management<'a, W>,
    subject: Subject,
}

/// The cluster that goes.
pub struct Deleted {
    /// As it was registered.
    pub cluster: domain::Cluster,
    /// The list of clusters without it.
    pub kustomization: Option<Vec<u8>>,
}

impl<W: World, D: Domain> Change for Delete<'_, W, D> {
    /// `None`: it is not in the repository (any more).
    type Detail = Option<Deleted>;

    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn operation(&self) -> &'static str {
        "DeleteCluster"
    }

    fn branch_prefix(&self) -> &'static str {
        "nautes/remove-"
    }

    fn after_merge(&self, path: &str) -> String {
        format!(
            "Nothing is uninstalled before this is merged. Then `DELETE {path}` once more has it uninstalled."
        )
    }

    async fn decide(
        &self,
        opened: &Opened,
        state: &State,
    ) -> Result<Decided<Option<Deleted>>, Refusal> {
        let name = &self.subject.name;
        let settings = self.settings.for_project(opened);
        if state.registered(name).is_none() {
            return Ok(nothing(name));
        }
        let mut neighbours = state.neighbours(&self.subject, self.world.now());
        neighbours.dependants = self.management.dependants(name).await?;
        let (cluster, surroundings) = self
            .domain
            .check_removal(name, &neighbours, &settings)
            .map_err(|it| problem::rejected_file(it, name, &neighbours.resource_files))?;
        let tree = self
            .domain
            .remove(
                &cluster,
                &surroundings,
                &state.shared_files(name),
                &settings,
            )
            .map_err(|error| problem::unrenderable(&error))?;
        let summary = format!("Remove cluster {name}");
        let kustomization = tree.files.get(paths::KUSTOMIZATION).cloned();
        Ok(Decided {
            tree,
            summary,
            warnings: Vec::new(),
            detail: Some(Deleted {
                cluster,
                kustomization,
            }),
        })
    }
}

/// Without a resource file there is nothing to remove: all of a cluster's files go in one commit.
fn nothing(name: &str) -> Decided<Option<Deleted>> {
    Decided {
        tree: Tree::default(),
        summary: format!("Remove cluster {name}"),
        warnings: Vec::new(),
        detail: None,
    }
}
