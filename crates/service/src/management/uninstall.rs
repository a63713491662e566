//! After the commit of a removal.

use argocd::names;
use argocd::plan::{owners, tenant_removal};
use argocd::progress::remaining;
use domain::Cluster;
use kubernetes::{FIELD_MANAGER, Kind};
use serde_json::Value;

use super::install::object;
use super::{Failure, Management};
use crate::delete::Deleted;
use crate::runtime::Runtime;

/// What was done, and what is still there.
#[derive(Debug, Default)]
pub struct Removal {
    /// `[{kind, namespace, name, action}]`
    pub objects: Vec<Value>,
    /// What the caller should know.
    pub warnings: Vec<String>,
    /// What the uninstall has not removed yet, as text.
    pub remaining: Vec<String>,
}

impl Removal {
    /// Whether there was nothing to do and nothing is left.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.remaining.is_empty() && self.objects.is_empty()
    }
}

impl<W: Runtime> Management<'_, W> {
    /// Carries out the plan of an uninstall, or what is left of it. `deleted` is what the repository
    /// had of the cluster a moment ago; `None` after an earlier removal.
    ///
    /// # Errors
    /// The first step that fails. Repeating all of it is harmless.
    pub async fn uninstall(
        &self,
        name: &str,
        deleted: Option<&Deleted>,
        force: bool,
    ) -> Result<Removal, Failure> {
        let mut removal = Removal::default();
        let recalled = match deleted {
            Some(deleted) => Some(deleted.cluster.clone()),
            None => self.recall(name).await?,
        };
        if let Some(cluster) = recalled {
            self.remove(&cluster, force, &mut removal).await?;
        }
        Ok(removal)
    }

    async fn remove(
        &self,
        cluster: &Cluster,
        force: bool,
        removal: &mut Removal,
    ) -> Result<(), Failure> {
        let (applications, stored) =
            futures::join!(self.applications(), self.stored_secrets(&cluster.name));
        let (applications, stored) = (applications?, stored?);
        let owners = owners(cluster, &applications);
        let steps = self.removal_steps(cluster, &stored, &owners, &applications, force);
        let done = self.carry_out(steps).await?;
        removal.objects.extend(done.objects);
        removal.warnings.extend(done.warnings);
        let (applications, secrets) =
            futures::join!(self.applications(), self.labelled_secrets(&cluster.name));
        let left = remaining(cluster, &secrets?, &applications?, &self.settings);
        removal.remaining = left.iter().map(ToString::to_string).collect();
        if force && !removal.remaining.is_empty() {
            removal.warnings.push(
                "with force nothing is uninstalled inside the cluster: whatever runs there stays behind".to_owned(),
            );
        }
        Ok(())
    }

    /// What the tenant has once goes with its last cluster. The ApplicationSets by hand: their folder in
    /// Git is gone, and Argo CD prunes nothing of a path that does not exist; as long as one over the
    /// hosts is there, the last host is never uninstalled. The AppProject only when nothing is left that
    /// needs it to finish. Each only where it is ours.
    ///
    /// # Errors
    /// The first step that fails. Repeating all of it is harmless.
    pub async fn remove_tenant(&self, removal: &mut Removal) -> Result<(), Failure> {
        for step in tenant_removal(&self.settings) {
            if step.target.kind == Kind::APP_PROJECT && !removal.remaining.is_empty() {
                continue;
            }
            if !self.is_there_and_ours(&step).await? {
                continue;
            }
            let deleted = object(&step, "deleted");
            self.carry_out(vec![step]).await?;
            removal.objects.push(deleted);
        }
        Ok(())
    }

    /// An ApplicationSet that the root Application brought; another object that we have applied and no
    /// operator has taken into their own hands.
    pub(super) fn is_ours(&self, object: &Value, kind: &Kind) -> bool {
        let root = names::root_application(&self.settings).name;
        if *kind == Kind::APPLICATION_SET {
            let text = |pointer| super::text(object, pointer).unwrap_or_default();
            let tracked = text("/metadata/annotations/argocd.argoproj.io~1tracking-id");
            return tracked.starts_with(&format!("{root}:"))
                || text("/metadata/labels/app.kubernetes.io~1instance") == root;
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
