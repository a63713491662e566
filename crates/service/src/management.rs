//! The management cluster as one request uses it.

mod applications;
mod exchange;
mod failure;
mod install;
mod look;
mod observe;
mod planned;
mod reconstruct;
mod trial;
mod uninstall;

use argocd::dependants::{DependentObjects, dependants};
use domain::destination::DestinationPolicy;
use kubernetes::{BearerToken, ClusterApi, Error, Kind};
use serde_json::Value;

use crate::incoming::Caller;
use crate::problem::{self, Problem};
use crate::runtime::Runtime;
use crate::settings::Settings;

pub use failure::Failure;
pub use install::Installed;
pub use observe::Observed;
pub use uninstall::{Removal, Removed};

/// A conversation with the management cluster's API server, in the service's own name.
pub struct Management<'a, W> {
    runtime: &'a W,
    caller: &'a Caller,
    api: ClusterApi,
    settings: domain::Settings,
    job_image: &'a str,
    destinations: &'a DestinationPolicy,
}

impl<'a, W: Runtime> Management<'a, W> {
    /// Prepares the conversation; nothing is sent.
    ///
    /// # Errors
    /// `MISCONFIGURED` for an unusable URL or token.
    pub fn new(
        runtime: &'a W,
        settings: &'a Settings,
        caller: &'a Caller,
    ) -> Result<Self, Problem> {
        Ok(Self {
            runtime,
            caller,
            api: api(settings)?,
            settings: settings.rendering.clone(),
            job_image: &settings.job_image,
            destinations: &settings.destinations,
        })
    }

    /// Settings that names in the management cluster are made of.
    #[must_use]
    pub fn settings(&self) -> &domain::Settings {
        &self.settings
    }

    /// The same, knowing what the project told: which address Argo CD reads the repository from.
    #[must_use]
    pub fn with_settings(self, settings: domain::Settings) -> Self {
        Self { settings, ..self }
    }

    /// Lists the objects of products in a cluster, such as `Environment demo/production`.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn dependants(&self, name: &str) -> Result<Vec<String>, Failure> {
        let (environments, deployments, pipelines) = futures::join!(
            self.list_if_known(&Kind::ENVIRONMENT),
            self.list_if_known(&Kind::DEPLOYMENT_RUNTIME),
            self.list_if_known(&Kind::PROJECT_PIPELINE_RUNTIME),
        );
        let used = DependentObjects {
            environments: &environments?,
            deployment_runtimes: &deployments?,
            pipeline_runtimes: &pipelines?,
        };
        Ok(dependants(name, &used))
    }

    /// Objects of all namespaces; a kind without CRD has none.
    async fn list_if_known(&self, kind: &Kind) -> Result<Vec<Value>, Failure> {
        match self.list(kind, None, None).await {
            Err(Failure::Answer {
                error: Error::KindMissing,
                ..
            }) => Ok(Vec::new()),
            result => result,
        }
    }
}

/// The requests of the management cluster's API server.
///
/// # Errors
/// `MISCONFIGURED` for an unusable URL or token.
pub(crate) fn api(settings: &Settings) -> Result<ClusterApi, Problem> {
    let token = BearerToken::new(&settings.kubernetes_token)
        .map_err(|error| problem::misconfigured(&format!("kubernetes_token: {error}")))?;
    ClusterApi::new(&settings.kubernetes_url, token)
        .map_err(|error| problem::misconfigured(&format!("kubernetes_url: {error}")))
}

fn text(object: &Value, pointer: &str) -> Option<String> {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
}
