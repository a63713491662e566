//! A cluster as the API shows it.

use api::TextOrInteger;
use domain::{Cluster, WorkerType};
use gather::Gather as _;

/// The members of `GetCluster` and of an item of `ListClusters` that the resource file tells.
///
/// Like the original's, every field is there: an absent string is `""`. In `components_list` only the components are
/// there that a request can choose, so that an answer can be sent again.
#[must_use]
pub fn view(cluster: &Cluster) -> api::Cluster {
    let components = cluster.components.iter();
    let components = components.filter(|(category, _)| category.is_requestable());
    let worker_type = cluster.worker_type.map(WorkerType::as_str);
    let resources = cluster.product_allowed_cluster_resources.iter();
    api::Cluster {
        name: cluster.name.clone(),
        cluster_kind: cluster.cluster_kind.clone(),
        cluster_type: cluster.cluster_type.as_str().to_owned().into(),
        usage: cluster.usage.as_str().to_owned().into(),
        host_cluster: cluster.host_cluster.clone().unwrap_or_default(),
        primary_domain: cluster.primary_domain.clone(),
        worker_type: worker_type.unwrap_or_default().to_owned(),
        api_server: cluster.api_server.clone(),
        components_list: components
            .map(|(category, it)| (category.snake_case().to_owned(), component(it)))
            .gather(),
        reserved_namespaces_allowed_products: cluster.reserved_namespaces_allowed_products.clone(),
        product_allowed_cluster_resources: resources
            .map(|(product, kinds)| (product.clone(), kinds.iter().map(resource).collect()))
            .gather(),
        ..api::Cluster::default()
    }
}

fn component(component: &domain::Component) -> api::Component {
    let additions = component.additions.iter();
    let additions = additions.map(|(key, value)| (key.clone(), TextOrInteger::Text(value.clone())));
    api::Component {
        name: Some(component.name.clone()),
        namespace: Some(component.namespace.clone()),
        additions: (!component.additions.is_empty()).then(|| additions.gather()),
    }
}

fn resource(resource: &domain::ClusterResource) -> api::ClusterResource {
    api::ClusterResource {
        kind: resource.kind.clone(),
        group: resource.group.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{Category, ClusterType, Usage};
    use serde_json::json;

    use super::*;

    fn component(name: &str, additions: &[(&str, &str)]) -> domain::Component {
        let additions = additions.iter();
        domain::Component {
            name: name.to_owned(),
            namespace: format!("{name}-system"),
            additions: additions
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    fn worker() -> Cluster {
        Cluster {
            name: "v-1".to_owned(),
            api_server: "https://8.217.50.114:31456".to_owned(),
            cluster_kind: "kubernetes".to_owned(),
            cluster_type: ClusterType::Virtual,
            usage: Usage::Worker,
            worker_type: Some(WorkerType::Pipeline),
            host_cluster: Some("host-1".to_owned()),
            primary_domain: "8.217.50.114.nip.io".to_owned(),
            https_node_port: Some(31500),
            credentials: None,
            components: BTreeMap::from([
                (
                    Category::MultiTenant,
                    component("hnc", &[("b", "on"), ("a", "{{x}}")]),
                ),
                (Category::Deployment, component("argocd", &[])),
                (Category::SecretManagement, component("vault", &[])),
                (Category::OauthProxy, component("oauth2-proxy", &[])),
            ]),
            reserved_namespaces_allowed_products: BTreeMap::from([(
                "argocd".to_owned(),
                vec!["b".to_owned(), "a".to_owned()],
            )]),
            product_allowed_cluster_resources: BTreeMap::from([(
                "yes".to_owned(),
                vec![domain::ClusterResource {
                    kind: "ClusterRole".to_owned(),
                    group: "rbac.authorization.k8s.io".to_owned(),
                }],
            )]),
        }
    }

    #[test]
    fn a_view_has_every_field() {
        assert_eq!(
            serde_json::to_value(view(&worker())).unwrap(),
            json!({
                "name": "v-1",
                "cluster_kind": "kubernetes",
                "cluster_type": "virtual",
                "usage": "worker",
                "host_cluster": "host-1",
                "primary_domain": "8.217.50.114.nip.io",
                "worker_type": "pipeline",
                "api_server": "https://8.217.50.114:31456",
                "components_list": {
                    "multi_tenant": {"name": "hnc", "namespace": "hnc-system", "additions": {"a": "{{x}}", "b": "on"}},
                    "deployment": {"name": "argocd", "namespace": "argocd-system"},
                },
                "reserved_namespaces_allowed_products": {"argocd": ["b", "a"]},
                "product_allowed_cluster_resources": {
                    "yes": [{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}],
                },
            })
        );
        let physical = Cluster {
            host_cluster: None,
            worker_type: None,
            ..worker()
        };
        let view = serde_json::to_value(view(&physical)).unwrap();
        assert_eq!(
            (&view["host_cluster"], &view["worker_type"]),
            (&json!(""), &json!(""))
        );
    }
}
