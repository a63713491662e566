//! Trial of the objects that a save is about to apply: the management cluster is asked before the commit whether it
//! would take them, as afterwards nothing but another commit helps.

use argocd::ownership::Holdings;
use argocd::{names, objects};
use domain::Checked;
use futures::future::join_all;
use kubernetes::error::WriteConflict;
use kubernetes::{Error, Kind, Target, Verb, parse};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::Runtime;

impl<W: Runtime> Management<'_, W> {
    /// Has the API server check everything that a save would apply, all at once; nothing is kept. What is there of the
    /// cluster may not be known yet, and then its Job is left out.
    ///
    /// # Errors
    /// The first that it would refuse, or it can't be asked.
    pub async fn try_install(
        &self,
        checked: &Checked,
        holdings: Option<&Holdings>,
    ) -> Result<(), Failure> {
        let (cluster, settings) = (&checked.cluster, &self.settings);
        let mut trials = vec![(
            names::resource(cluster, settings),
            objects::cluster_resource(cluster, None, settings),
        )];
        if let Some(credentials) = &checked.credentials {
            let secret = objects::cluster_secret(cluster, credentials, settings)?;
            trials.push((names::secret(cluster, settings), secret));
        }
        trials.push((names::app_project(settings), objects::app_project(settings)));
        trials.push((
            names::root_application(settings),
            objects::root_application(settings),
        ));
        // The template of a Job that is there can't be changed: a save removes it first.
        let holdings = holdings.filter(|holdings| holdings.job.is_none());
        if let (Some(host), Some(holdings)) = (&checked.surroundings.host, holdings) {
            let job = objects::kubeconfig_job(&objects::KubeconfigJob {
                cluster,
                host,
                holdings,
                image: self.job_image,
                settings,
            });
            trials.push((names::job(cluster, settings), job));
        }
        let tried = trials
            .iter()
            .map(|(target, object)| self.try_apply(target, object));
        join_all(tried).await.into_iter().collect()
    }

    async fn try_apply(&self, target: &Target, object: &Value) -> Result<(), Failure> {
        let request = self.api.try_apply(target, object);
        let tried = self.ask(request, Verb::Apply, target, parse).await;
        match tried {
            // A save goes on regardless, with a warning.
            Err(Failure::Answer { error, .. }) if goes_on(target.kind, &error) => Ok(()),
            tried => tried.map(|_| ()),
        }
    }
}

/// Tells whether a save goes on with a warning: without a definition of Cluster resources, and with objects of the tenant that an
/// operator has taken over.
fn goes_on(kind: Kind, error: &Error) -> bool {
    match error {
        Error::KindMissing => kind == Kind::CLUSTER,
        Error::Conflict(WriteConflict::Fields(_)) => {
            [Kind::APP_PROJECT, Kind::APPLICATION].contains(&kind)
        }
        _ => false,
    }
}
