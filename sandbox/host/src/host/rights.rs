//! Rights of a component, from the manifest and the settings of the run.

use crate::log::Log;
use crate::manifest::{Component, Resolved};
use crate::options::Options;
use crate::outbound::{AllowedHosts, Client, Outbound, Siblings};
use crate::runtime::{Data, Limits, Prepared};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// State that all components of a run share.
pub(super) struct Rights<'a> {
    pub(super) options: &'a Options,
    pub(super) variables: &'a Resolved,
    pub(super) client: Client,
    pub(super) siblings: &'a Arc<Siblings>,
}

impl Rights<'_> {
    /// Gives a compiled component what the manifest grants it.
    pub(super) fn grant(
        &self,
        id: &str,
        component: &Component,
        service: ServicePre<Data>,
    ) -> anyhow::Result<Prepared> {
        let log = Log::new(id, &self.options.log);
        let outbound = Outbound {
            log: log.clone(),
            allowed: Arc::new(self.allowed(component)?),
            client: self.client.clone(),
            siblings: Arc::downgrade(self.siblings),
        };
        Ok(Prepared {
            service,
            limits: Limits {
                reuse: self.options.reuse,
                request_timeout: self.options.request_timeout,
            },
            environment: component.environment.clone(),
            variables: Arc::new(self.values(component)?),
            outbound,
            log,
        })
    }

    fn allowed(&self, component: &Component) -> anyhow::Result<AllowedHosts> {
        let entries = component
            .allowed_outbound_hosts
            .iter()
            .map(|entry| self.variables.fill(entry));
        let entries: Vec<String> = entries.collect::<Result<_, _>>()?;
        Ok(AllowedHosts::parse(entries.iter().map(String::as_str))?)
    }

    fn values(&self, component: &Component) -> anyhow::Result<BTreeMap<String, String>> {
        let filled = component
            .variables
            .iter()
            .map(|(name, template)| Ok((name.clone(), self.variables.fill(template)?)));
        filled.collect()
    }
}
