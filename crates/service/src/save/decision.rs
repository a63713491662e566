//! How a save is decided: against its neighbours in the repository, and what is there of it in the management cluster.

use std::cell::RefCell;

use argocd::ownership::{Holdings, Look};
use domain::render::Tree;
use domain::{Checked, Credentials, Neighbours, SaveRequest, Usage, names};
use gitlab::message::Approval;

use super::Saved;
use super::desired::{desired, is_independent, is_moved, summary};
use super::destination::{refuse_destination, refuse_stored, with_destination};
use crate::change::{Change, Plan};
use crate::management::{Failure, Management};
use crate::problem::{self, Problem, Refusal};
use crate::repository::ProjectAccess;
use crate::runtime::{Components, Runtime};
use crate::settings::Settings;
use crate::snapshot::{Snapshot, Subject};
use crate::sync;
/// A save with everything that it decides upon.
pub(crate) struct Save<'a, W, D> {
    pub(crate) runtime: &'a W,
    pub(crate) components: &'a D,
    pub(super) settings: &'a Settings,
    pub(crate) management: &'a Management<'a, W>,
    /// `None`: the registered cluster as it is.
    pub(crate) request: Option<SaveRequest>,
    pub(crate) subject: Subject,
    /// Take over what others made.
    pub(super) adopt: bool,
    /// Nothing may be installed that is not merged.
    pub(super) verifies: bool,
    /// Of a fingerprint that is made by this request.
    pub(super) salt: &'a str,
    /// The fingerprint that the file has to have, by the one that it had: of a password it takes a while to make.
    pub(super) fingerprint: RefCell<Option<(Option<String>, String)>>,
    /// State of the management cluster when this attempt began.
    pub(super) looked: RefCell<Option<Result<Look, Failure>>>,
    /// Verdict of the management cluster on this cluster's objects, once it was asked.
    pub(super) tried: RefCell<Option<Result<(), Failure>>>,
}

impl<W: Runtime, D: Components> Change for Save<'_, W, D> {
    type Payload = Saved;

    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn operation(&self) -> &'static str {
        "SaveCluster"
    }

    fn branch_prefix(&self) -> &'static str {
        match self.adopt {
            true => names::ADOPT_BRANCH,
            false => names::REGISTER_BRANCH,
        }
    }

    fn after_merge(&self, path: &str) -> String {
        format!(
            "Nothing is installed before this is merged. Then the same request once more, or with `sync=true`, has \
             it installed. `POST {path}?sync=true` needs no body where the credentials are stored."
        )
    }

    async fn look(&self) {
        let Subject { name, references } = &self.subject;
        let (looked, ()) = futures::join!(
            self.management.look(name, references),
            Box::pin(self.try_early()),
        );
        self.looked.replace(Some(looked));
    }

    async fn decide(
        &self,
        opened: &ProjectAccess,
        state: &Snapshot,
    ) -> Result<Plan<Saved>, Refusal> {
        let settings = self.settings.for_project(opened);
        let looked = self.looked.take();
        let looked = looked.unwrap_or_else(|| Ok(Look::default()));
        let (mut checked, tree) = match &self.request {
            Some(request) => {
                let mut checked = self.check(request, state, &settings, &looked).await?;
                self.approve(&mut checked, opened)?;
                let shared = state.shared_files(&self.subject.name);
                let tree = desired(self.components, &checked, &shared, &settings);
                (
                    checked,
                    tree.map_err(|error| problem::unrenderable(&error))?,
                )
            }
            None => {
                let checked = sync::registered(self, state, &settings, &looked)?;
                (checked, Tree::default())
            }
        };
        refuse_destination(&self.settings.destinations, &checked)
            .map_err(|rejection| problem::rejected(rejection, &self.subject.name))?;
        let holdings = self.claim(looked?, &mut checked, state).await?;
        Box::pin(self.require_taken(&checked, &holdings)).await?;
        let approval = holdings.adoption().map(Approval::Adopt);
        let summary = summary(&checked, approval.as_ref());
        let path = domain::resource::path(&self.subject.name);
        let file = tree.files.get(&path).or_else(|| state.content(&path));
        let resource_file = file.and_then(|file| String::from_utf8(file.clone()).ok());
        Ok(Plan {
            tree,
            summary,
            approval,
            is_independent: is_independent(&checked),
            warnings: checked.warnings.clone(),
            detail: Saved {
                checked,
                settings,
                holdings,
                can_push: opened.can_push(),
                resource_file,
            },
        })
    }
}

impl<W: Runtime, D: Components> Save<'_, W, D> {
    async fn check(
        &self,
        request: &SaveRequest,
        state: &Snapshot,
        settings: &domain::Settings,
        looked: &Result<Look, Failure>,
    ) -> Result<Checked, Refusal> {
        if let Some((path, message)) = state.unreadable_claim(&self.subject) {
            return Err(problem::unreadable_file(&path, message).into());
        }
        let mut neighbours = state.neighbours(&self.subject, self.runtime.now());
        let references = &self.subject.references;
        let registered = state.registered(&self.subject.name).is_some();
        if registered && !references.has_kubeconfig && references.host_cluster.is_none() {
            let look = looked.as_ref().map_err(Clone::clone)?;
            let server = references.api_server.as_deref().unwrap_or_default();
            neighbours.credentials_stored = look.has_credentials(&self.subject.name, server);
        }
        let checked = self.judge(request, &neighbours, settings)?;
        let current = checked.current.as_ref().map(|(current, _)| current);
        let on_host = Some(&checked.cluster).filter(|cluster| cluster.usage == Usage::Worker);
        for cluster in on_host.into_iter().chain(current) {
            state.require_host_folder(cluster)?;
        }
        if !current.is_some_and(|current| is_moved(current, &checked.cluster)) {
            return Ok(checked);
        }
        // Only such a change is forbidden while products use the cluster, so only now is it asked.
        let dependants = self.management.dependants(&self.subject.name).await;
        neighbours.dependants = dependants?;
        Ok(self.judge(request, &neighbours, settings)?)
    }

    /// Asks the management cluster beside the reads of the repository, where that much is known without them: of a
    /// physical cluster.
    async fn try_early(&self) {
        if self.tried.borrow().is_some() {
            return;
        }
        let neighbours = Neighbours {
            credentials_stored: true,
            now: self.runtime.now(),
            ..Neighbours::default()
        };
        let settings = &self.settings.rendering;
        let check = |request| self.components.check(request, &neighbours, settings).ok();
        if let Some(checked) = self.request.as_ref().and_then(check)
            && refuse_destination(&self.settings.destinations, &checked).is_ok()
        {
            self.try_install(&checked, None).await;
        }
    }

    async fn try_install(&self, checked: &Checked, holdings: Option<&Holdings>) {
        let tried = self.management.try_install(checked, holdings).await;
        self.tried.replace(Some(tried));
    }

    /// Nothing is committed that the management cluster would refuse for ever.
    async fn require_taken(&self, checked: &Checked, holdings: &Holdings) -> Result<(), Refusal> {
        if self.request.is_some() && self.tried.borrow().is_none() {
            self.try_install(checked, Some(holdings)).await;
        }
        match &*self.tried.borrow() {
            Some(Err(failure)) => Err(Refusal::Guarded(problem::not_taken(failure))),
            _ => Ok(()),
        }
    }

    /// Puts the fingerprint of new credentials into the resource file: the one that is there where they are the same.
    fn approve(&self, checked: &mut Checked, opened: &ProjectAccess) -> Result<(), Problem> {
        let cluster = &mut checked.cluster;
        let Some(credentials) = &checked.credentials else {
            return Ok(());
        };
        let known = cluster.credentials.take();
        let made = self.fingerprint.take().filter(|(of, _)| *of == known);
        let (_, wanted) = made.unwrap_or_else(|| {
            let wanted = self.fingerprint_of(known.as_deref(), &cluster.api_server, credentials);
            (known.clone(), wanted)
        });
        let is_same = known.as_ref() == Some(&wanted);
        cluster.credentials = Some(wanted.clone());
        self.fingerprint.replace(Some((known, wanted)));
        if is_same {
            return Ok(());
        }
        if self.verifies && checked.current.is_some() {
            let branch = opened.branch.as_ref().map_or("", |branch| &branch.name);
            return Err(problem::credentials_not_approved(
                &cluster.name,
                branch,
                true,
            ));
        }
        Ok(())
    }

    /// The known one where it is of these credentials, else one of this request.
    fn fingerprint_of(
        &self,
        known: Option<&str>,
        server: &str,
        credentials: &Credentials,
    ) -> String {
        let is_same = |known: &&str| argocd::is_fingerprint_of(known, server, credentials);
        match known.filter(is_same) {
            Some(known) => known.to_owned(),
            None => argocd::fingerprint(server, credentials, self.salt),
        }
    }

    /// Finds which objects of the management cluster are this cluster's. Nothing is committed that would have to
    /// overwrite others.
    async fn claim(
        &self,
        mut look: Look,
        checked: &mut Checked,
        state: &Snapshot,
    ) -> Result<Holdings, Refusal> {
        let cluster = &checked.cluster;
        let keeps = checked.credentials.is_none() && cluster.host_cluster.is_none();
        let asked = self.subject.references.api_server.as_deref();
        if asked != Some(&cluster.api_server) {
            let looked = self
                .management
                .look_at_secret(&mut look, &cluster.api_server, keeps);
            looked.await?;
        }
        let registered = state.registered(&self.subject.name).is_some();
        // A virtual cluster's credentials come from its host, never with a request.
        let is_proved =
            checked.credentials.is_some() || (registered && cluster.host_cluster.is_some());
        let adopt = self.adopt && is_proved;
        let claimed = self.management.claim(&look, cluster, registered, adopt);
        let holdings = claimed.map_err(|conflict| Refusal::Guarded(problem::taken(&conflict)))?;
        if keeps {
            let judged = refuse_stored(&self.settings.destinations, look.secret.as_ref());
            let name = &self.subject.name;
            judged.map_err(|it| Refusal::Guarded(problem::rejected(it, name)))?;
        }
        let adopted = holdings.adopted.iter();
        checked.warnings.extend(adopted.map(|adopted| {
            let object = &adopted.object;
            format!(
                "{object} was not written by this service and is taken over, as adopt=true asks"
            )
        }));
        Ok(holdings)
    }

    fn judge(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &domain::Settings,
    ) -> Result<Checked, Problem> {
        let (name, files) = (&self.subject.name, &neighbours.resource_files);
        let api_server = self.subject.references.api_server.as_deref();
        self.components
            .check(request, neighbours, settings)
            .map_err(|rejection| {
                with_destination(&self.settings.destinations, api_server, rejection)
            })
            .map_err(|rejection| problem::rejected_file(rejection, name, files))
    }
}
