//! Forms, and the requests that are made of them.

use super::*;

fn draft(fields: &[(&str, &str)]) -> Draft {
    let fields = fields.iter();
    Draft(
        fields
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

#[test]
fn a_form_becomes_a_request_and_defaults_are_left_out() {
    let draft = draft(&[
        ("kind", "pipeline"),
        ("api_server", " https://10.0.0.1:6443 "),
        ("host_cluster", "left over from another kind"),
        ("c.gateway.additions.httpNodePort", "30090"),
        ("c.pipeline.name", ""),
        ("namespaces", "traefik: a, b\n\nargocd: a"),
        ("resources", "a: ClusterRole.rbac.authorization.k8s.io"),
    ]);
    let request = serde_json::to_value(draft.request(None)).unwrap();
    let expected = serde_json::json!({
        "api_server": "https://10.0.0.1:6443", "cluster_kind": "kubernetes", "cluster_type": "physical",
        "usage": "worker", "worker_type": "pipeline",
        "components_list": {"gateway": {"name": "traefik", "additions": {"httpNodePort": "30090"}}},
        "reserved_namespaces_allowed_products": {"traefik": ["a", "b"], "argocd": ["a"]},
        "product_allowed_cluster_resources":
            {"a": [{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}]},
    });
    assert_eq!(request, expected);
}

#[test]
fn lines_of_one_name_are_united() {
    let draft = draft(&[
        ("namespaces", "traefik: a\nargocd:\n traefik : b, a"),
        ("resources", "a: X.g\na: Y.g"),
    ]);
    let request = serde_json::to_value(draft.request(None)).unwrap();
    assert_eq!(
        request["reserved_namespaces_allowed_products"],
        serde_json::json!({"traefik": ["a", "b"], "argocd": []})
    );
    assert_eq!(
        request["product_allowed_cluster_resources"],
        serde_json::json!({"a": [{"kind": "X", "group": "g"}, {"kind": "Y", "group": "g"}]})
    );
}

#[test]
fn a_kubeconfig_is_found_wherever_it_was_written() {
    for (field, text) in [
        ("kubeconfig", " k "),
        ("yaml", "kubeconfig: k\n"),
        ("yaml", "kind: Cluster\nspec:\n  kubeconfig: |-\n    k\n"),
    ] {
        assert_eq!(draft(&[(field, text)]).kubeconfig(), "k", "{text}");
    }
    assert_eq!(draft(&[("yaml", "kubeconfig: [")]).kubeconfig(), "");
}

#[test]
fn a_registered_cluster_comes_back_as_it_is() {
    let cluster: api::Cluster = serde_json::from_value(serde_json::json!({
        "name": "a", "cluster_kind": "kubernetes", "cluster_type": "virtual", "usage": "worker",
        "worker_type": "deployment", "host_cluster": "h", "primary_domain": "a.example",
        "api_server": "https://10.0.0.1:31000",
        "components_list": {"deployment": {"name": "argocd", "namespace": "argocd", "additions": {"host": "x.a.example"}}},
        "reserved_namespaces_allowed_products": {"argocd": ["p"]},
        "product_allowed_cluster_resources": {"p": [{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}]},
    }))
    .unwrap();
    let request = Draft::of(&cluster).request(None);
    assert_eq!(request.components_list, Some(cluster.components_list));
    assert_eq!(request.host_cluster.as_deref(), Some("h"));
    assert_eq!(
        request.reserved_namespaces_allowed_products,
        Some(cluster.reserved_namespaces_allowed_products)
    );
    assert_eq!(
        request.product_allowed_cluster_resources,
        Some(cluster.product_allowed_cluster_resources)
    );
}

#[test]
fn an_empty_kubeconfig_keeps_the_one_of_the_step_before() {
    let earlier = draft(&[("kubeconfig", "secret"), ("name", "a")]);
    let form = [
        ("kubeconfig", " "),
        ("name", "b"),
        ("action", "review"),
        ("token", "glpat-1"),
    ];
    let form = draft(&form).0;
    let merged = Draft::merge(&form, Some(earlier));
    assert_eq!(merged.get("kubeconfig"), "secret");
    assert_eq!(merged.get("name"), "b");
    assert_eq!(merged.get("action"), "");
    assert_eq!(merged.get("token"), "");
    assert_eq!(merged.secret().unwrap().0.len(), 1);
}

#[test]
fn yaml_that_is_indented_as_a_whole_stays_so() {
    let yaml = "  usage: host\n  api_server: https://a.example.com\n";
    let sent = draft(&[("yaml", yaml)]).body(None).content;
    assert_eq!(sent, yaml.trim_end().as_bytes());
}

#[test]
fn violations_find_their_field_and_their_line() {
    assert_eq!(
        field_of("/components_list/gateway/additions/x").as_deref(),
        Some("c.gateway")
    );
    assert_eq!(field_of("/cluster_name").as_deref(), Some("name"));
    assert_eq!(field_of("?dry_run"), None);
    let yaml = "apiServer: x\ncomponents_list:\n  gateway:\n    name: traefik\n    additions:\n      httpNodePort: 1\n";
    assert_eq!(line_of(yaml, "/api_server"), Some(1));
    assert_eq!(
        line_of(yaml, "/components_list/gateway/additions/httpNodePort"),
        Some(6)
    );
    assert_eq!(line_of(yaml, "/components_list/gateway/namespace"), Some(3));
    assert_eq!(line_of(yaml, "/usage"), None);
}
