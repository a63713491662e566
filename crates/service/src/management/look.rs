//! State of the management cluster before anything is written.

use argocd::ownership::{ClusterClaim, FOREIGN_SECRETS, Holdings, Look};
use argocd::{names, objects};
use domain::{Cluster, References};
use kubernetes::{Kind, Target};
use serde_json::Value;

use super::reconstruct::minimal_cluster;
use super::{Failure, Management};
use crate::runtime::Runtime;

impl<W: Runtime> Management<'_, W> {
    /// Looks at everything that a save of a cluster may touch, in one round trip.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn look(&self, name: &str, references: &References) -> Result<Look, Failure> {
        let secrets = Some(FOREIGN_SECRETS);
        let namespace = Some(&*self.settings.argocd_namespace);
        let secret = async {
            match &references.api_server {
                Some(api_server) => self.secret(api_server, !references.has_kubeconfig).await,
                None => Ok(None),
            }
        };
        let (look, secret, foreign) = futures::join!(
            self.look_at_own(name, references.host_cluster.as_deref()),
            secret,
            self.list(&Kind::SECRET, namespace, secrets),
        );
        let look = look?;
        Ok(Look {
            secret: secret?,
            foreign: foreign?,
            ..look
        })
    }

    /// Looks at what bears a cluster's name, and at its host's Applications: enough for a removal.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn look_at_own(&self, name: &str, host: Option<&str>) -> Result<Look, Failure> {
        // No path is made of a name that no cluster can have; validation says what is wrong with it.
        if !domain::name::is_dns_label(name) {
            return Ok(Look::default());
        }
        let host = host.filter(|host| domain::name::is_dns_label(host));
        let cluster = minimal_cluster(name, domain::Usage::Worker);
        let (resource, job) = (
            names::resource(&cluster, &self.settings),
            names::job(&cluster, &self.settings),
        );
        let first = names::first_applications(name);
        let (labelled, resource, job, applications) = futures::join!(
            self.labelled_secrets(name),
            self.object(&resource),
            self.metadata(&job),
            self.applications(name, host, &first),
        );
        Ok(Look {
            labelled: labelled?,
            resource: resource?,
            job: job?,
            applications: applications?.items,
            ..Look::default()
        })
    }

    /// Looks at the Secret of an API server, where the request did not name it. `is_kept`: what is in it is to stay.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn look_at_secret(
        &self,
        look: &mut Look,
        api_server: &str,
        is_kept: bool,
    ) -> Result<(), Failure> {
        look.secret = self.secret(api_server, is_kept).await?;
        Ok(())
    }

    /// The Secret of an API server. Its metadata alone, unless what is in it is to be judged.
    async fn secret(&self, api_server: &str, is_kept: bool) -> Result<Option<Value>, Failure> {
        let target = self.secret_of(api_server);
        let request = match is_kept {
            true => self.api.get(&target),
            false => self.api.get_metadata(&target),
        };
        self.found(request, &target).await
    }

    fn secret_of(&self, api_server: &str) -> Target {
        let secret = domain::api_server::secret_name(api_server);
        Kind::SECRET.target(&self.settings.argocd_namespace, &secret)
    }

    /// Metadata of the Secrets that carry a cluster's name.
    pub(super) async fn labelled_secrets(&self, name: &str) -> Result<Vec<Value>, Failure> {
        let label = format!("{}={name}", objects::NAME_LABEL);
        let namespace = Some(&*self.settings.argocd_namespace);
        self.list_metadata(&Kind::SECRET, namespace, Some(&label))
            .await
    }

    /// Judges which of the objects are ours for a save.
    pub(crate) fn claim(
        &self,
        look: &Look,
        cluster: &Cluster,
        registered: bool,
        adopt: bool,
    ) -> Result<Holdings, argocd::ownership::OwnershipConflict> {
        look.claim(&ClusterClaim {
            cluster,
            registered,
            adopt,
            settings: &self.settings,
        })
    }
}
