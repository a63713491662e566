//! After the commit of a removal.

use api::{InstallAction, InstalledObject};
use argocd::names;
use argocd::objects::NAME_LABEL;
use argocd::ownership::{self, Holdings, Look};
use argocd::plan::{
    Step, UninstallInput, owning_applications, refresh_host, tenant_removal, uninstall,
};
use argocd::progress::remaining;
use domain::Cluster;
use kubernetes::{FIELD_MANAGER, Kind, Target};
use serde_json::Value;

use super::install::{Installed, object};
use super::{Failure, Management};
use crate::delete::Deleted;
use crate::runtime::Runtime;

/// Result of an uninstall: the steps done, and the objects still there.
#[derive(Debug, Default)]
pub struct Removal {
    /// `[{kind, namespace, name, action}]`
    pub objects: Vec<InstalledObject>,
    /// Warnings for the caller.
    pub warnings: Vec<String>,
    /// Objects that the uninstall has not removed yet, as text.
    pub remaining: Vec<String>,
}

/// A cluster that is to go.
#[derive(Clone, Copy)]
pub struct Removed<'a> {
    /// Name of the cluster.
    pub name: &'a str,
    /// The cluster as the repository had it a moment ago; `None` after an earlier removal.
    pub deleted: Option<&'a Deleted>,
    /// The cluster's objects in the management cluster before the commit.
    pub look: &'a Look,
    /// True where the cluster does not answer any more.
    pub force: bool,
}

impl Removal {
    /// Tells whether there was nothing to do and nothing is left.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.remaining.is_empty() && self.objects.is_empty()
    }

    fn add(&mut self, done: Installed) {
        self.objects.extend(done.objects);
        self.warnings.extend(done.warnings);
    }
}

impl<W: Runtime> Management<'_, W> {
    /// Carries out the plan of an uninstall, or what is left of it.
    ///
    /// # Errors
    /// The first step that fails. Repeating all of it is harmless.
    pub async fn uninstall(&self, removed: &Removed<'_>) -> Result<Removal, Failure> {
        let mut removal = Removal::default();
        if let Some(cluster) = self.removed_cluster(removed) {
            self.remove(&cluster, removed, &mut removal).await?;
        }
        Ok(removal)
    }

    /// The cluster as it was registered, or what the management cluster remembers of it.
    pub(super) fn removed_cluster(&self, removed: &Removed<'_>) -> Option<Cluster> {
        match removed.deleted {
            Some(deleted) => Some(deleted.cluster.clone()),
            None => self.reconstruct_cluster(removed.name, removed.look),
        }
    }

    /// The steps that take a cluster out.
    pub(super) fn removal_steps(&self, cluster: &Cluster, removed: &Removed<'_>) -> Vec<Step> {
        uninstall(&UninstallInput {
            cluster,
            holdings: &self.holdings_of(removed),
            owners: &owning_applications(cluster, &removed.look.applications),
            force: removed.force,
            settings: &self.settings,
        })
    }

    fn holdings_of(&self, removed: &Removed<'_>) -> Holdings {
        let tenant = removed.deleted.map(|_| &self.settings);
        removed.look.holdings(removed.name, tenant)
    }

    /// A warning where the Cluster resource of a registered cluster is not ours and stays.
    fn others_resource(&self, cluster: &Cluster, removed: &Removed<'_>) -> Option<String> {
        let is_there = removed.deleted.is_some() && removed.look.resource.is_some();
        let is_others = is_there && self.holdings_of(removed).resource.is_none();
        is_others.then(|| stays(&names::resource(cluster, &self.settings)))
    }

    async fn remove(
        &self,
        cluster: &Cluster,
        removed: &Removed<'_>,
        removal: &mut Removal,
    ) -> Result<(), Failure> {
        let host = cluster.host_cluster.as_deref();
        let (done, of_host) = futures::join!(
            self.carry_out(self.removal_steps(cluster, removed)),
            self.applications_of_host(host),
        );
        removal.add(done?);
        let secret = names::secret(cluster, &self.settings);
        let refreshes = refresh_host(cluster, &of_host?, &self.settings);
        let first = names::first_applications(&cluster.name);
        let (applications, secrets, other, refreshed) = futures::join!(
            self.applications(&cluster.name, None, &first),
            self.labelled_secrets(&cluster.name),
            self.others_secret(removed.deleted.map(|_| &secret)),
            self.carry_out(refreshes),
        );
        removal.add(refreshed?);
        let mut secrets = secrets?;
        removal.warnings.extend(other?);
        removal
            .warnings
            .extend(self.others_resource(cluster, removed));
        secrets.retain(|it| ownership::is_secret_of(it, &cluster.name));
        let left = remaining(cluster, &secrets, &applications?.items, &self.settings);
        removal.remaining = left.iter().map(ToString::to_string).collect();
        if removed.force && !removal.remaining.is_empty() {
            removal.warnings.push(
                "with force nothing is uninstalled inside the cluster: whatever runs there stays behind".to_owned(),
            );
        }
        Ok(())
    }

    /// A warning where the Secret of the API server is not ours and stays.
    async fn others_secret(&self, secret: Option<&Target>) -> Result<Option<String>, Failure> {
        let Some(target) = secret else {
            return Ok(None);
        };
        let metadata = self.metadata(target).await?;
        let is_others = metadata.is_some_and(|it| ownership::is_foreign_secret(&it));
        Ok(is_others.then(|| stays(target)))
    }

    /// Removes the objects that the tenant has once, after its last cluster. The ApplicationSets by hand: their
    /// folder in Git is gone, and Argo CD prunes nothing of a path that does not exist; as long as one over the hosts
    /// is there, the last host is never uninstalled. The AppProject only when nothing is left that needs it to
    /// finish. Each only where it is ours.
    ///
    /// # Errors
    /// The first step that fails. Repeating all of it is harmless.
    pub async fn remove_tenant(&self, removal: &mut Removal) -> Result<(), Failure> {
        let keeps_projects = !removal.remaining.is_empty() || self.has_applications().await?;
        for step in tenant_removal(&self.settings) {
            if step.target.kind == Kind::APP_PROJECT && keeps_projects {
                continue;
            }
            let Some(uid) = self.uid_of_ours(&step).await? else {
                continue;
            };
            let deleted = object(&step, InstallAction::Deleted);
            self.carry_out(vec![step.of_uid(&uid)]).await?;
            removal.objects.push(deleted);
        }
        Ok(())
    }

    /// True while Applications of the tenant's projects are there, of whichever cluster: several may be removed at once, and none can
    /// finish without its project.
    async fn has_applications(&self) -> Result<bool, Failure> {
        let labelled = self.labelled_applications(NAME_LABEL).await?;
        let projects = [
            names::app_project(&self.settings).name,
            names::workers_project(&self.settings).name,
        ];
        let mut applications = labelled.items.iter();
        Ok(applications.any(|application| {
            let project = super::text(application, "/spec/project");
            project.is_some_and(|project| projects.contains(&project))
        }))
    }

    /// An object that the root Application brought; another one that we have applied and no operator has taken into
    /// their own hands.
    pub(super) fn is_ours(&self, object: &Value, kind: &Kind) -> bool {
        let root = names::root_application(&self.settings).name;
        let text = |pointer| super::text(object, pointer).unwrap_or_default();
        let tracked = text("/metadata/annotations/argocd.argoproj.io~1tracking-id");
        let is_brought = tracked.starts_with(&format!("{root}:"))
            || text("/metadata/labels/app.kubernetes.io~1instance") == root;
        if is_brought || *kind == Kind::APPLICATION_SET {
            return is_brought;
        }
        let managers = object
            .pointer("/metadata/managedFields")
            .and_then(Value::as_array);
        let managers: Vec<String> = managers
            .into_iter()
            .flatten()
            .filter_map(|entry| super::text(entry, "/manager"))
            .collect();
        managers.iter().any(|manager| manager == FIELD_MANAGER)
            && !managers
                .iter()
                .any(|manager| manager.starts_with("kubectl"))
    }
}

fn stays(target: &Target) -> String {
    format!(
        "{target} was not written by this service and stays; remove it where nothing else needs it"
    )
}
