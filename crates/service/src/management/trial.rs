//! Whether the management cluster would take what a save is about to give it: asked before the commit, as afterwards
//! nothing but another commit helps.

use argocd::{names, objects};
use domain::{Cluster, Credentials};
use kubernetes::{Error, Target, Verb, parse};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::Runtime;

impl<W: Runtime> Management<'_, W> {
    /// Has the API server check the Cluster resource and, with new credentials, the Secret. Nothing is kept.
    ///
    /// # Errors
    /// The first that it would refuse, or it can't be asked.
    pub async fn try_install(
        &self,
        cluster: &Cluster,
        credentials: Option<&Credentials>,
    ) -> Result<(), Failure> {
        let settings = &self.settings;
        let resource = async {
            let object = objects::cluster_resource(cluster, None, settings);
            self.try_apply(&names::resource(cluster, settings), &object)
                .await
        };
        let secret = async {
            let Some(credentials) = credentials else {
                return Ok(());
            };
            let object = objects::cluster_secret(cluster, credentials, settings)?;
            self.try_apply(&names::secret(cluster, settings), &object)
                .await
        };
        let (resource, secret) = futures::join!(resource, secret);
        resource.and(secret)
    }

    async fn try_apply(&self, target: &Target, object: &Value) -> Result<(), Failure> {
        let request = self.api.try_apply(target, object);
        match self.ask(request, Verb::Apply, target, parse).await {
            // A save without its definition is taken with a warning.
            Err(Failure::Answer {
                error: Error::KindMissing,
                ..
            }) => Ok(()),
            tried => tried.map(|_| ()),
        }
    }
}
