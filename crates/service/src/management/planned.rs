//! Effects of a plan, for those who ask before they carry it out. Nothing is written.

use api::{InstallAction, InstalledObject};
use argocd::plan::{Change, Step, ToleratedError, tenant_removal};
use argocd::progress::remaining;
use kubernetes::Kind;

use super::install::{is_told, object};
use super::uninstall::Removed;
use super::{Failure, Management};
use crate::runtime::Runtime;
use crate::save::Saved;

impl<W: Runtime> Management<'_, W> {
    /// Lists what [`Management::install`] would do.
    ///
    /// # Errors
    /// Credentials that Argo CD could not use; the management cluster can't be asked.
    pub async fn install_plan(&self, saved: &Saved) -> Result<Vec<InstalledObject>, Failure> {
        self.planned(self.install_steps(saved)?).await
    }

    /// Lists what [`Management::uninstall`] would do, and [`Management::remove_tenant`] after the `last` cluster.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn uninstall_plan(
        &self,
        removed: &Removed<'_>,
        last: bool,
    ) -> Result<Vec<InstalledObject>, Failure> {
        let mut planned = Vec::new();
        let mut waits = false;
        if let Some(cluster) = self.removed_cluster(removed) {
            let applications = &removed.look.applications;
            waits = !remaining(&cluster, &[], applications, &self.settings).is_empty();
            planned = self.planned(self.removal_steps(&cluster, removed)).await?;
        }
        if last {
            planned.extend(self.tenant_plan(waits).await?);
        }
        Ok(planned)
    }

    async fn tenant_plan(&self, waits: bool) -> Result<Vec<InstalledObject>, Failure> {
        let mut planned = Vec::new();
        for step in tenant_removal(&self.settings) {
            let later = waits && step.target.kind == Kind::APP_PROJECT;
            if !later && self.uid_of_ours(&step).await?.is_some() {
                planned.push(object(&step, InstallAction::Planned));
            }
        }
        Ok(planned)
    }

    /// Steps on what is not there do nothing, and an answer does not name them. One after the other: all at
    /// once would be quicker and make the components larger.
    async fn planned(&self, steps: Vec<Step>) -> Result<Vec<InstalledObject>, Failure> {
        let mut applied = Vec::new();
        let mut planned = Vec::new();
        for step in steps.iter().filter(|step| is_told(step)) {
            if matches!(step.change, Change::Apply { .. }) {
                applied.push(&step.target);
            }
            let there = step.tolerated != ToleratedError::Missing
                || step.is_known()
                || applied.contains(&&step.target)
                || self.metadata(&step.target).await?.is_some();
            if there {
                planned.push(object(step, InstallAction::Planned));
            }
        }
        Ok(planned)
    }

    /// The uid of what a step of the tenant's removal finds, where it may go.
    pub(super) async fn uid_of_ours(&self, step: &Step) -> Result<Option<String>, Failure> {
        let metadata = self.metadata(&step.target).await?;
        let metadata = metadata.filter(|metadata| self.is_ours(metadata, &step.target.kind));
        Ok(metadata.and_then(|metadata| super::text(&metadata, "/metadata/uid")))
    }
}
