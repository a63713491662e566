//! Rights of a component, from the manifest and the settings of the run.

use crate::log::ComponentLog;
use crate::manifest::{ManifestComponent, ResolvedVariables};
use crate::options::HostOptions;
use crate::outbound::{AllowedHosts, OutboundAccess, PooledClient, Siblings};
use crate::runtime::{InstanceData, InstanceLimits, PreparedComponent};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// State that all components of a run share.
pub(super) struct SharedRights<'a> {
    pub(super) options: &'a HostOptions,
    pub(super) variables: &'a ResolvedVariables,
    pub(super) client: PooledClient,
    pub(super) siblings: &'a Arc<Siblings>,
}

impl SharedRights<'_> {
    /// Gives a compiled component what the manifest grants it.
    pub(super) fn grant(
        &self,
        id: &str,
        component: &ManifestComponent,
        service: ServicePre<InstanceData>,
    ) -> anyhow::Result<PreparedComponent> {
        let log = ComponentLog::new(id, &self.options.log);
        let outbound = OutboundAccess {
            log: log.clone(),
            allowed: Arc::new(self.allowed(component)?),
            client: self.client.clone(),
            siblings: Arc::downgrade(self.siblings),
        };
        Ok(PreparedComponent {
            service,
            limits: InstanceLimits {
                reuse: self.options.reuse,
                request_timeout: self.options.request_timeout,
            },
            environment: component.environment.clone(),
            variables: Arc::new(self.values(component)?),
            outbound,
            log,
        })
    }

    fn allowed(&self, component: &ManifestComponent) -> anyhow::Result<AllowedHosts> {
        let entries = component
            .allowed_outbound_hosts
            .iter()
            .map(|entry| self.variables.fill(entry));
        let entries: Vec<String> = entries.collect::<Result<_, _>>()?;
        Ok(AllowedHosts::parse(entries.iter().map(String::as_str))?)
    }

    fn values(&self, component: &ManifestComponent) -> anyhow::Result<BTreeMap<String, String>> {
        let filled = component
            .variables
            .iter()
            .map(|(name, template)| Ok((name.clone(), self.variables.fill(template)?)));
        filled.collect()
    }
}
