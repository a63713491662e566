//! Properties that hold for any input: no panic, and what was accepted stays as it is.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use std::fs;
use std::path::Path;

use domain::{
    Checked, File, Neighbours, Rejection, SaveRequest, Settings, check, check_removal, inspect,
    kubeconfig, resource, selector, survey,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const KUBECONFIG: &str = "clusters: [{cluster: {}}]\nusers: [{user: {token: s3cret}}]\n";

fn settings() -> Settings {
    Settings {
        tenant: "tenant1".to_owned(),
        ..Settings::default()
    }
}

/// A host and a virtual cluster on it.
fn neighbours() -> Neighbours {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registered");
    let file = |name: &str| File {
        path: resource::path(name),
        content: fs::read(folder.join(format!("{name}.yaml"))).unwrap(),
    };
    Neighbours {
        resource_files: vec![file("host-1"), file("virtual-1")],
        now: 1_800_000_000,
        ..Neighbours::default()
    }
}

fn request(content_type: &str, body: Vec<u8>) -> SaveRequest {
    SaveRequest {
        name: "new-1".to_owned(),
        content_type: Some(content_type.to_owned()),
        body,
    }
}

/// Everything that takes bytes, with the same bytes.
fn judge(body: &[u8]) {
    let file = File {
        path: resource::path("new-1"),
        content: body.to_vec(),
    };
    for content_type in ["application/json", "application/yaml"] {
        let request = request(content_type, body.to_vec());
        let survey = survey(&request);
        let result = check(&request, &neighbours(), &settings());
        match survey {
            Ok(_) => assert!(!is_unreadable(&result), "{result:?}"),
            Err(rejection) => assert_eq!(result.err(), Some(rejection)),
        }
    }
    let among = Neighbours {
        resource_files: vec![file.clone()],
        ..Neighbours::default()
    };
    let _ = check_removal("new-1", &among, &settings());
    let _ = inspect(&file);
    let _ = domain::claim::owner(body);
    let text = String::from_utf8_lossy(body);
    let _ = kubeconfig::credentials(&text, 0);
    let _ = selector::Selector::parse(&text);
    let _ = domain::api_server::normalize(&text);
    let _ = domain::api_server::secret_name(&text);
}

fn is_unreadable(result: &Result<Checked, Rejection>) -> bool {
    matches!(result, Err(Rejection::MalformedBody(_)))
}

fn guide(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/requests");
    fs::read(folder.join(name)).unwrap()
}

/// Words that mean something to some reader or other.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "yes",
        "on",
        "1e3",
        "0777",
        "null",
        "~",
        "a: b",
        "{{x}}",
        "\"",
        "'",
        "#",
        "- a",
        "|",
        "&a",
        "*a",
        "!!binary x",
        "é",
        "<<",
        "a\nb",
        " ",
        "physical",
        "virtual",
        "host",
        "worker",
        "pipeline",
        "deployment",
        "host-1",
        "traefik",
        "argocd",
        "31999",
        "30443",
        "https://x.example.com",
        "https://1.2.3.4:31000",
        "example.com",
        "a.example.com",
        KUBECONFIG,
    ];
    prop_oneof![
        3 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// Names of fields, known and unknown, in both cases.
fn field() -> impl Strategy<Value = String> {
    let names = [
        "api_server",
        "apiServer",
        "cluster_kind",
        "cluster_type",
        "usage",
        "worker_type",
        "host_cluster",
        "hostCluster",
        "primary_domain",
        "vcluster",
        "https_node_port",
        "http_node_port",
        "kubeconfig",
        "components_list",
        "componentsList",
        "gateway",
        "deployment",
        "pipeline",
        "multi_tenant",
        "name",
        "namespace",
        "additions",
        "host",
        "httpNodePort",
        "reserved_namespaces_allowed_products",
        "product_allowed_cluster_resources",
        "kind",
        "group",
        "argocd_host",
        "tekton_host",
        "traefik",
        "spec",
        "metadata",
        "apiVersion",
        "certificate-authority-data",
        "x",
    ];
    proptest::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (29_990u16..32_780).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => vec((field(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Requests that are accepted: the five kinds, with hostile values wherever any are allowed.
fn valid() -> impl Strategy<Value = Value> {
    let names = || proptest::sample::select(vec!["yes", "on", "1e3", "0777", "null", "traefik"]);
    let products = || {
        proptest::sample::select(vec![
            "yes",
            "no.1",
            "1e3",
            "0777",
            "null",
            "group/sub_group",
        ])
    };
    let kinds = proptest::sample::select(vec!["Yes", "Null", "N", "ClusterRole", "T1e3"]);
    let groups =
        proptest::sample::select(vec!["*", "on", "1e3", "null", "rbac.authorization.k8s.io"]);
    let lists = vec((products(), vec((kinds, groups), 1..3)), 0..4);
    (
        0..5usize,
        names(),
        lists,
        vec((names(), vec(products(), 0..3)), 0..3),
        vec(word(), 0..4),
        30_500u16..31_000,
    )
        .prop_map(|(kind, namespace, lists, namespaces, additions, port)| {
            let resources: Map<String, Value> = lists
                .into_iter()
                .map(|(product, resources)| {
                    let items = resources
                        .into_iter()
                        .map(|(kind, group)| json!({"kind": kind, "group": group}));
                    (product.to_owned(), items.collect())
                })
                .collect();
            let reserved: Map<String, Value> = namespaces
                .into_iter()
                .map(|(name, products)| {
                    (
                        name.to_owned(),
                        products.into_iter().map(Value::from).collect(),
                    )
                })
                .collect();
            // Whatever is cut or replaced in an answer may not stand there.
            let additions: Map<String, Value> = additions
                .into_iter()
                .filter(|word| !word.is_empty() && domain::shortened(word) == *word)
                .map(|word| (word.clone(), Value::from(word)))
                .collect();
            let mut body = json!({
                "api_server": format!("https://new.example.com:{port}"),
                "reserved_namespaces_allowed_products": reserved,
                "product_allowed_cluster_resources": resources,
                "components_list": {
                    "gateway": {"namespace": namespace, "additions": {"httpNodePort": port}},
                    "multi_tenant": {"additions": additions},
                },
            });
            let (cluster_type, usage, worker_type) = [
                ("physical", "host", ""),
                ("physical", "worker", "deployment"),
                ("physical", "worker", "pipeline"),
                ("virtual", "worker", "deployment"),
                ("virtual", "worker", "pipeline"),
            ][kind];
            body["cluster_type"] = json!(cluster_type);
            body["usage"] = json!(usage);
            body["worker_type"] = json!(worker_type);
            let (field, value) = match cluster_type {
                "virtual" => ("host_cluster", "host-1"),
                _ => ("kubeconfig", KUBECONFIG),
            };
            body[field] = json!(value);
            body
        })
}

proptest! {
    #[test]
    fn any_bytes_are_judged(body in vec(any::<u8>(), 0..200)) {
        judge(&body);
    }

    #[test]
    fn any_text_is_judged(body in "[\\[\\]{}:,\"'#|>&*!%@`\\-? a-z0-9\n\t\\\\~<.é]{0,120}") {
        judge(body.as_bytes());
    }

    #[test]
    fn any_tree_is_judged(body in tree()) {
        judge(body.to_string().as_bytes());
        if let Ok(text) = domain::yaml::to_string(&body) {
            judge(text.as_bytes());
        }
    }

    #[test]
    fn a_damaged_request_is_judged(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut body = guide("v0.4/physical-worker-pipeline.json");
        let at = at.index(body.len());
        if cut {
            body.truncate(at);
        } else {
            body[at] = byte;
        }
        judge(&body);
    }

    #[test]
    fn a_damaged_resource_file_is_judged(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = neighbours().resource_files.remove(1).content;
        let at = at.index(body.len());
        body[at] = byte;
        judge(&body);
    }

    #[test]
    fn what_was_accepted_stays_as_it_is(body in valid()) {
        let accept = |neighbours: &Neighbours, body: &Value| {
            let request = request("application/json", body.to_string().into_bytes());
            check(&request, neighbours, &settings()).unwrap()
        };
        let first = accept(&neighbours(), &body);
        let text = resource::to_yaml(&first.cluster, "nautes").unwrap();
        prop_assert_eq!(&resource::from_yaml(text.as_bytes()).unwrap(), &first.cluster);

        let own = File { path: resource::path("new-1"), content: text.into_bytes() };
        let mut registered = neighbours();
        registered.resource_files.push(own);
        let second = accept(&registered, &body);
        prop_assert_eq!(&second.cluster, &first.cluster);
        prop_assert_eq!(&second.surroundings, &first.surroundings);
        prop_assert_eq!(second.current.unwrap().0, first.cluster.clone());
    }
}
