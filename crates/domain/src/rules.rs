//! The rules of a save request, one entry each, in the order of the API's description.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::findings::Findings;
use crate::neighbourhood::Neighbourhood;
use crate::request::Request;
use crate::{
    Category, Cluster, ClusterResource, ClusterType, Component, Credentials, Neighbours, Usage,
    WorkerType,
};

mod advice;
mod api_server;
mod components;
mod derived_names;
mod kind;
mod kubeconfig;
mod name;
mod primary_domain;
mod products;
mod virtual_cluster;

pub(crate) use components::is_text;
pub(crate) use kind::KUBERNETES;
pub(crate) use virtual_cluster::parse_node_port;

/// A rule: it judges a part of the request, and fills in the same part of the cluster.
pub struct Rule {
    /// The field it is about.
    pub field: &'static str,
    /// Requirement of the rule, in words.
    pub says: &'static str,
    apply: fn(&Context<'_>, &mut Draft, &mut Findings),
}

/// Everything that is required of a request. Each rule is checked, whatever the others find.
pub const RULES: [Rule; 20] = [
    Rule {
        field: "api_server",
        says: "required; an absolute https URL without user information, query or fragment; not the management cluster's",
        apply: api_server::url,
    },
    Rule {
        field: "cluster_kind",
        says: "kubernetes, which is also the default",
        apply: kind::cluster_kind,
    },
    Rule {
        field: "cluster_type",
        says: "physical or virtual; a host is physical",
        apply: kind::cluster_type,
    },
    Rule {
        field: "usage",
        says: "host or worker",
        apply: kind::usage,
    },
    Rule {
        field: "worker_type",
        says: "pipeline or deployment for a worker, deployment being the default; forbidden for a host",
        apply: kind::worker_type,
    },
    Rule {
        field: "host_cluster",
        says: "required for a virtual cluster: a registered host; forbidden for a physical one",
        apply: virtual_cluster::host,
    },
    Rule {
        field: "primary_domain",
        says: "a DNS name, of a physical cluster with room for its login's host name; by default the API server's host, or \
               {ip}.nip.io",
        apply: primary_domain::dns_name,
    },
    Rule {
        field: "vcluster.https_node_port",
        says: "for virtual clusters only; 30000 to 32767, by default the API server's port; free on the host",
        apply: virtual_cluster::node_port,
    },
    Rule {
        field: "kubeconfig",
        says: "required for a physical cluster on creation; forbidden for a virtual one",
        apply: kubeconfig::credentials,
    },
    Rule {
        field: "components_list",
        says: "components of the catalog, with additions as the catalog says; argocd_host, tekton_host and \
               traefik stand for additions",
        apply: components::catalog,
    },
    Rule {
        field: "components_list.gateway",
        says: "node ports that no virtual cluster on this host has",
        apply: virtual_cluster::gateway_ports,
    },
    Rule {
        field: "components_list.pipeline",
        says: "a host name below the primary domain",
        apply: components::pipeline_host,
    },
    Rule {
        field: "reserved_namespaces_allowed_products",
        says: "namespaces with product names",
        apply: products::namespaces,
    },
    Rule {
        field: "product_allowed_cluster_resources",
        says: "products with kinds and groups, neither of them empty",
        apply: products::resources,
    },
    Rule {
        field: "cluster_name",
        says: "a DNS-1123 label of at most 40 characters",
        apply: name::label,
    },
    Rule {
        field: "cluster_name",
        says: "no name that something else has already",
        apply: name::reserved,
    },
    Rule {
        field: "cluster_name",
        says: "no name from which something would be named like another cluster's, registered or to come",
        apply: derived_names::differ,
    },
    Rule {
        field: "cluster_name",
        says: "for a new cluster: at most 38 characters for a host, 39 and a letter first for a virtual cluster, so \
               that every name that is derived from it is valid",
        apply: derived_names::fit,
    },
    Rule {
        field: "name",
        says: "the same as in the path",
        apply: name::same_as_in_path,
    },
    Rule {
        field: "kind",
        says: "Cluster, where the body is a manifest",
        apply: name::manifest_kind,
    },
];

/// Input of the rules: the request, and everything that it is judged by.
pub(crate) struct Context<'a> {
    /// The cluster's name in the path.
    pub name: &'a str,
    pub tenant: &'a str,
    /// True where the tenant has a Vault.
    pub has_vault: bool,
    pub request: &'a Request,
    pub neighbours: &'a Neighbours,
    pub neighbourhood: &'a Neighbourhood,
    pub catalog: &'a Catalog,
    /// The cluster as it is registered.
    pub current: Option<&'a Cluster>,
}

/// A cluster in the making. A part is missing as long as no rule has accepted it.
#[derive(Default)]
pub(crate) struct Draft {
    pub api_server: Option<String>,
    pub cluster_type: Option<ClusterType>,
    pub usage: Option<Usage>,
    pub worker_type: Option<WorkerType>,
    /// The registered host.
    pub host: Option<Cluster>,
    pub primary_domain: Option<String>,
    pub https_node_port: Option<u16>,
    pub credentials: Option<Credentials>,
    pub components: BTreeMap<Category, Component>,
    pub namespaces: BTreeMap<String, Vec<String>>,
    pub resources: BTreeMap<String, Vec<ClusterResource>>,
}

/// Applies every rule.
pub(crate) fn apply(context: &Context<'_>, findings: &mut Findings) -> Draft {
    let mut draft = Draft::default();
    for rule in &RULES {
        (rule.apply)(context, &mut draft, findings);
    }
    advice::give(context, &draft, findings);
    draft
}

impl Draft {
    /// The cluster, if every rule holds, and its new credentials.
    pub(crate) fn complete(
        self,
        name: &str,
        current: Option<&Cluster>,
    ) -> Option<(Cluster, Option<Credentials>)> {
        let is_virtual = self.cluster_type == Some(ClusterType::Virtual);
        let current = current.filter(|_| !is_virtual);
        let cluster = Cluster {
            name: name.to_owned(),
            api_server: self.api_server?,
            cluster_kind: kind::KUBERNETES.to_owned(),
            cluster_type: self.cluster_type?,
            usage: self.usage?,
            worker_type: self.worker_type,
            host_cluster: self.host.map(|host| host.name),
            primary_domain: self.primary_domain?,
            https_node_port: self.https_node_port,
            // Of new ones the fingerprint takes randomness, which a pure function has none of.
            credentials: current.and_then(|current| current.credentials.clone()),
            components: self.components,
            reserved_namespaces_allowed_products: self.namespaces,
            product_allowed_cluster_resources: self.resources,
        };
        Some((cluster, self.credentials))
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::fields::REQUEST;

    #[test]
    fn every_field_has_its_rules_in_the_order_of_the_api() {
        let mut order = REQUEST.iter().filter(|field| **field != "api_version");
        for rule in &RULES {
            assert!(!rule.says.is_empty());
            let field = rule.field.split('.').next().unwrap_or_default();
            if field == "cluster_name" || rule.says.contains("no virtual cluster") {
                continue;
            }
            if field != "components_list" || rule.field == field {
                assert!(order.any(|name| *name == field), "{field}");
            }
        }
        let described = |field: &&str| {
            RULES
                .iter()
                .any(|rule| rule.field.starts_with(*field) || rule.says.contains(*field))
        };
        let others: Vec<&&str> = REQUEST.iter().filter(|field| !described(field)).collect();
        assert_eq!(others, [&"api_version"]);
    }
}
