//! `POST /api/v1/clusters/{name}`: a request becomes files in the repository and objects in the
//! management cluster.

mod decision;
mod desired;
mod destination;

use std::cell::RefCell;
use std::sync::Arc;

use api::SaveClusterResponse;
use argocd::ownership::Holdings;
use domain::{Checked, References, SaveRequest};
use gitlab::message::Approval;

use crate::change::{self, Context, Mode, Outcome};
use crate::delivery::Delivery;
use crate::incoming::{self, Caller, Query};
use crate::management::Management;
use crate::problem::{self, Problem};
use crate::repository::Repository;
use crate::runtime::{Components, Request, Response, Runtime};
use crate::settings::Settings;
use crate::snapshot::Subject;
use crate::timed::Timed;
use crate::{dry_run, ready, response, sync};

pub(crate) use decision::Save;

/// Registers a cluster, or brings a registered one up to date.
///
/// # Errors
/// Every reason of api.md's table that applies to a save.
pub async fn save<W: Runtime, D: Components>(
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
    incoming::not_packed(request)?;
    let components = &Timed {
        runtime,
        components,
        journal: Arc::clone(&caller.journal),
    };
    let query = Query::parse(request, incoming::SAVE_PARAMETERS)?;
    let dry = query.flag("dry_run")?;
    query.not_watched()?;
    let adopt = query.flag("adopt")?;
    let delivery = settings.delivery.or_as_asked(query.get("delivery"))?;
    let mode = match query.flag("sync")? {
        true => Mode::VerifyMerged,
        false => Mode::Apply(delivery),
    };
    let mut repository = Repository::new(runtime, settings, &caller)?;
    let context = Context {
        runtime,
        components,
        settings,
        caller: &caller,
        dry,
    };
    let request = save_request(name, request);
    let management = Management::new(runtime, settings, &caller)?;
    let asked = Asked { request, adopt };
    let done = saved(&context, mode, &mut repository, &management, asked).await?;
    require_approved(&done, repository.branch_name(), management.settings())?;
    require_adoption_approved(&done, &repository, mode).await?;
    if dry {
        return dry_run::saved(&repository, done, &management).await;
    }
    finish(&management, done).await
}

/// Body and parameters of the request.
struct Asked {
    request: SaveRequest,
    adopt: bool,
}

async fn saved<W: Runtime, D: Components>(
    context: &Context<'_, W, D>,
    mode: Mode,
    repository: &mut Repository<'_, W>,
    management: &Management<'_, W>,
    Asked { request, adopt }: Asked,
) -> Result<Outcome<Saved>, Problem> {
    let identified = repository.identify_caller().await;
    identified.map_err(problem::gitlab_before_writing)?;
    let name = request.name.clone();
    let request =
        Some(request).filter(|it| mode != Mode::VerifyMerged || !it.body.trim_ascii().is_empty());
    let references = request
        .as_ref()
        .map(|request| context.components.survey(request));
    let references = match references.unwrap_or_else(|| Ok(References::default())) {
        Ok(references) => references,
        // Who may not write learns nothing about the body.
        Err(rejection) => {
            mode.open(context, repository).await?;
            return Err(problem::rejected(rejection, &name));
        }
    };
    let save = Save {
        runtime: context.runtime,
        components: context.components,
        settings: context.settings,
        management,
        request,
        subject: Subject { name, references },
        adopt,
        verifies: mode == Mode::VerifyMerged,
        salt: &context.caller.nonce,
        fingerprint: RefCell::default(),
        looked: RefCell::default(),
        tried: RefCell::default(),
    };
    match change::deliver(context, mode, repository, &save).await {
        Err(problem) => Err(sync::or_not_merged(problem, repository, &save).await),
        done => done,
    }
}

/// Where nothing is committed, what is stored is installed once more only as the branch approves it.
fn require_approved(
    done: &Outcome<Saved>,
    branch: &str,
    settings: &domain::Settings,
) -> Result<(), Problem> {
    let Checked {
        cluster,
        credentials,
        ..
    } = &done.detail.checked;
    let is_merged = done.commit.is_none() && done.actions.is_empty();
    let approved = cluster.credentials.as_deref();
    if !is_merged || credentials.is_some() || approved.is_none() {
        return Ok(());
    }
    let secret = argocd::names::secret(cluster, settings);
    match done.detail.holdings.credentials(&secret.name) == approved {
        true => Ok(()),
        false => Err(problem::credentials_not_approved(
            &cluster.name,
            branch,
            false,
        )),
    }
}

/// Requires that the merged change says that objects of others are taken over, unless the caller needs nobody's
/// approval.
async fn require_adoption_approved<W: Runtime>(
    done: &Outcome<Saved>,
    repository: &Repository<'_, W>,
    mode: Mode,
) -> Result<(), Problem> {
    let needs_approval = match mode {
        Mode::Apply(Delivery::Commit) => false,
        Mode::Apply(Delivery::MergeRequest) => {
            done.proposal.waits_for().is_none() && done.actions.is_empty()
        }
        Mode::VerifyMerged => !done.detail.can_push,
    };
    let adoption = done.detail.holdings.adoption().filter(|_| needs_approval);
    let Some(adoption) = adoption.map(Approval::Adopt) else {
        return Ok(());
    };
    let (name, head) = (&done.detail.checked.cluster.name, &done.state.head);
    let approved = repository.is_approved(name, head, &adoption).await;
    match approved.map_err(problem::gitlab_before_writing)? {
        true => Ok(()),
        false => Err(problem::adoption_not_approved(
            name,
            repository.branch_name(),
        )),
    }
}

fn save_request(name: String, request: &Request) -> SaveRequest {
    SaveRequest {
        name,
        content_type: request
            .headers()
            .get(http::header::CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        body: request.body().clone(),
    }
}

/// Answers a save. A pending merge request is answered first; a save that is in the repository goes on to the
/// management cluster.
async fn finish<W: Runtime>(
    management: &Management<'_, W>,
    done: Outcome<Saved>,
) -> Result<Response, Problem> {
    let name = done.detail.checked.cluster.name.clone();
    let commit = done.commit_member();
    let mut warnings = done.detail.checked.warnings.clone();
    warnings.extend(done.proposal.warnings.iter().cloned());
    let (message, installs) = match done.proposal.waits_for() {
        Some(iid) => (
            format!(
                "Proposed {name} cluster in merge request !{iid}: nothing is installed before it is merged"
            ),
            Vec::new(),
        ),
        None => {
            let installed = management.install(&done.detail).await;
            let installed =
                installed.map_err(|failure| failure.after_commit(&name, commit.clone()))?;
            warnings.extend(installed.warnings);
            (
                format!("Successfully saved {name} cluster"),
                installed.objects,
            )
        }
    };
    Ok(response::ok(&SaveClusterResponse {
        message,
        warnings,
        commit,
        merge_request: done.proposal.merge_request_member(),
        installs,
        changes: None,
        diff: None,
    }))
}

/// Decision of a save.
pub struct Saved {
    /// The cluster with its relations and credentials.
    pub checked: Checked,
    /// Settings with what the project told.
    pub settings: domain::Settings,
    /// The cluster's objects that are there and ours.
    pub holdings: Holdings,
    /// True where the caller may push to the target branch, and so needs nobody's approval.
    pub can_push: bool,
    /// The text of its resource file.
    pub resource_file: Option<String>,
}
