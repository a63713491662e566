//! What a plan would do, for those who ask before they do it. Nothing is written.

use argocd::plan::{Change, Owner, Step, Tolerated, Uninstall, owners, tenant_removal, uninstall};
use argocd::progress::remaining;
use domain::Cluster;
use kubernetes::Kind;
use serde_json::Value;

use super::install::{is_told, object};
use super::{Failure, Management};
use crate::delete::Deleted;
use crate::runtime::Runtime;
use crate::save::Saved;

impl<W: Runtime> Management<'_, W> {
    /// What [`Management::install`] would do.
    ///
    /// # Errors
    /// Credentials that Argo CD could not use; the management cluster can't be asked.
    pub async fn install_plan(&self, saved: &Saved) -> Result<Vec<Value>, Failure> {
        let steps = self.install_steps(saved).await?;
        self.planned(steps).await
    }

    /// What [`Management::uninstall`] would do, and [`Management::remove_tenant`] after the `last` cluster.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn uninstall_plan(
        &self,
        name: &str,
        deleted: Option<&Deleted>,
        force: bool,
        last: bool,
    ) -> Result<Vec<Value>, Failure> {
        let recalled = match deleted {
            Some(deleted) => Some(deleted.cluster.clone()),
            None => self.recall(name).await?,
        };
        let mut planned = Vec::new();
        let mut waits = false;
        if let Some(cluster) = recalled {
            let (applications, stored) =
                futures::join!(self.applications(), self.stored_secrets(name));
            let (applications, stored) = (applications?, stored?);
            waits = !remaining(&cluster, &[], &applications, &self.settings).is_empty();
            let owners = owners(&cluster, &applications);
            let steps = self.removal_steps(&cluster, &stored, &owners, &applications, force);
            planned = self.planned(steps).await?;
        }
        if last {
            planned.extend(self.tenant_plan(waits).await?);
        }
        Ok(planned)
    }

    /// The steps that take a cluster out.
    pub(super) fn removal_steps(
        &self,
        cluster: &Cluster,
        stored_secrets: &[String],
        owners: &[Owner],
        applications: &[Value],
        force: bool,
    ) -> Vec<Step> {
        uninstall(&Uninstall {
            cluster,
            stored_secrets,
            owners,
            applications,
            force,
            settings: &self.settings,
        })
    }

    async fn tenant_plan(&self, waits: bool) -> Result<Vec<Value>, Failure> {
        let mut planned = Vec::new();
        for step in tenant_removal(&self.settings) {
            let later = waits && step.target.kind == Kind::APP_PROJECT;
            if !later && self.is_there_and_ours(&step).await? {
                planned.push(object(&step, "planned"));
            }
        }
        Ok(planned)
    }

    /// Steps on what is not there do nothing, and an answer does not name them. One after the other: all at
    /// once would be quicker and make the components larger.
    async fn planned(&self, steps: Vec<Step>) -> Result<Vec<Value>, Failure> {
        let mut applied = Vec::new();
        let mut planned = Vec::new();
        for step in steps.iter().filter(|step| is_told(step)) {
            if matches!(step.change, Change::Apply { .. }) {
                applied.push(&step.target);
            }
            let there = step.tolerated != Tolerated::Missing
                || applied.contains(&&step.target)
                || self.metadata(&step.target).await?.is_some();
            if there {
                planned.push(object(step, "planned"));
            }
        }
        Ok(planned)
    }

    /// Whether a step of the tenant's removal finds an object that may go.
    pub(super) async fn is_there_and_ours(&self, step: &Step) -> Result<bool, Failure> {
        let metadata = self.metadata(&step.target).await?;
        Ok(metadata.is_some_and(|metadata| self.is_ours(&metadata, &step.target.kind)))
    }
}
