//! Clusters and what belongs to them.

use gather::Gather as _;

use crate::{all, types};

/// Enums whose variants have the same names on both sides.
macro_rules! same_variants {
    ($($name:ident { $($variant:ident),+ $(,)? })+) => {$(
        impl From<domain::$name> for types::$name {
            fn from(value: domain::$name) -> Self {
                match value { $(domain::$name::$variant => Self::$variant),+ }
            }
        }
        impl From<types::$name> for domain::$name {
            fn from(value: types::$name) -> Self {
                match value { $(types::$name::$variant => Self::$variant),+ }
            }
        }
    )+};
}

/// Structs whose fields have the same names and whose field types convert by `Into`.
macro_rules! same_fields {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {$(
        impl From<domain::$name> for types::$name {
            fn from(value: domain::$name) -> Self {
                Self { $($field: value.$field.into()),+ }
            }
        }
        impl From<types::$name> for domain::$name {
            fn from(value: types::$name) -> Self {
                Self { $($field: value.$field.into()),+ }
            }
        }
    )+};
}

pub(crate) use same_fields;

same_variants! {
    ClusterType { Physical, Virtual }
    Usage { Host, Worker }
    WorkerType { Deployment, Pipeline }
    Category {
        MultiTenant, SecretSync, Gateway, Deployment, ProgressiveDelivery, Pipeline, EventListener,
        CertManagement, SecretManagement, OauthProxy,
    }
}

same_fields! {
    ClusterResource { kind, group }
    File { path, content }
    Settings {
        tenant, repository_url, target_revision, argocd_namespace, nautes_namespace, git_url,
        oidc_issuer_url, oidc_client_id, vault_url, ca_bundle, catalog,
    }
}

impl From<domain::Cluster> for types::Cluster {
    fn from(value: domain::Cluster) -> Self {
        Self {
            name: value.name,
            api_server: value.api_server,
            cluster_kind: value.cluster_kind,
            cluster_type: value.cluster_type.into(),
            usage: value.usage.into(),
            worker_type: value.worker_type.map(Into::into),
            host_cluster: value.host_cluster,
            primary_domain: value.primary_domain,
            https_node_port: value.https_node_port,
            credentials: value.credentials,
            components: value.components.into_iter().map(component_out).collect(),
            reserved_namespaces_allowed_products: value
                .reserved_namespaces_allowed_products
                .into_iter()
                .collect(),
            product_allowed_cluster_resources: value
                .product_allowed_cluster_resources
                .into_iter()
                .map(|(product, resources)| (product, all(resources)))
                .collect(),
        }
    }
}

impl From<types::Cluster> for domain::Cluster {
    fn from(value: types::Cluster) -> Self {
        Self {
            name: value.name,
            api_server: value.api_server,
            cluster_kind: value.cluster_kind,
            cluster_type: value.cluster_type.into(),
            usage: value.usage.into(),
            worker_type: value.worker_type.map(Into::into),
            host_cluster: value.host_cluster,
            primary_domain: value.primary_domain,
            https_node_port: value.https_node_port,
            credentials: value.credentials,
            components: value.components.into_iter().map(component_in).gather(),
            reserved_namespaces_allowed_products: value
                .reserved_namespaces_allowed_products
                .into_iter()
                .gather(),
            product_allowed_cluster_resources: value
                .product_allowed_cluster_resources
                .into_iter()
                .map(|(product, resources)| (product, all(resources)))
                .gather(),
        }
    }
}

fn component_out((category, value): (domain::Category, domain::Component)) -> types::Component {
    types::Component {
        category: category.into(),
        name: value.name,
        namespace: value.namespace,
        additions: value.additions.into_iter().collect(),
    }
}

fn component_in(value: types::Component) -> (domain::Category, domain::Component) {
    let component = domain::Component {
        name: value.name,
        namespace: value.namespace,
        additions: value.additions.into_iter().gather(),
    };
    (value.category.into(), component)
}

impl From<domain::Surroundings> for types::Surroundings {
    fn from(value: domain::Surroundings) -> Self {
        Self {
            host: value.host.map(Into::into),
            virtual_clusters: all(value.virtual_clusters),
        }
    }
}

impl From<types::Surroundings> for domain::Surroundings {
    fn from(value: types::Surroundings) -> Self {
        Self {
            host: value.host.map(Into::into),
            virtual_clusters: all(value.virtual_clusters),
        }
    }
}
