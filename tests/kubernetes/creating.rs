//! Tests of what a creation proves, and of the names and addresses that an API server takes.

use http::Method;
use kubernetes::api::NEW;
use serde_json::{Value, json};

use crate::server::{BATCH, CORE, NAUTES};
use crate::tenant::{Tenant, host, worker};

const APPLY: &str = "application/apply-patch+yaml";

/// The longest name of a worker or host with the catalog's own components: Vault's agent has a Service
/// `{name}-vault-agent-injector-svc`, and that is a DNS label.
const LONGEST: usize = 38;

/// An object of each kind that a save creates, which an API server takes.
fn objects(name: &str) -> [(&'static str, Value); 3] {
    let container = json!({"name": "a", "image": "a"});
    let pod = json!({"restartPolicy": "Never", "containers": [container]});
    let spec = json!({"apiServer": "https://a.example.com", "clusterType": "physical", "usage": "host",
        "clusterKind": "kubernetes", "componentsList": {}});
    let object = |api_version: &str, kind: &str| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}});
    let with = |mut object: Value, member: &str, value: Value| {
        object[member] = value;
        object
    };
    [
        (
            "secrets",
            with(object("v1", "Secret"), "data", json!({"a": "YQ=="})),
        ),
        (
            "jobs",
            with(
                object("batch/v1", "Job"),
                "spec",
                json!({"suspend": true, "template": {"spec": pod}}),
            ),
        ),
        (
            "clusters",
            with(
                object("nautes.resource.nautes.io/v1alpha1", "Cluster"),
                "spec",
                spec,
            ),
        ),
    ]
}

#[tokio::test]
async fn what_must_be_new_is_made_or_refused_and_never_merged_into() {
    let tenant = Tenant::start().await;
    for (plural, object) in objects("a") {
        let folder = match plural {
            "secrets" => tenant.in_argocd(CORE, plural),
            "jobs" => tenant.in_argocd(BATCH, plural),
            _ => format!("{NAUTES}/namespaces/{}/{plural}", tenant.nautes),
        };
        let path = format!("{folder}/a");
        let apply = async |object: &Value| {
            let path = format!("{path}?fieldManager=nautes-clusters&force=false");
            tenant
                .server
                .send(Method::PATCH, &path, APPLY, object)
                .await
        };
        let mut new = object.clone();
        new["metadata"]["resourceVersion"] = NEW.into();
        let (status, body) = apply(&new).await;
        assert_eq!(status, 201, "{plural}: {body}");
        // The same by the same manager: what is there may be somebody else's by now.
        let (status, body) = apply(&new).await;
        assert_eq!(
            (status, &body["reason"]),
            (409, &json!("Conflict")),
            "{plural}: {body}"
        );
        tenant.server.remove(&path).await;

        // Of another manager, without one field that is in the way.
        let mut other = object.clone();
        if plural == "secrets" {
            other["data"] = json!({"b": "Yg=="});
        }
        tenant.server.create(&folder, &other).await;
        let before = tenant.server.get(&path).await;
        let (status, body) = apply(&new).await;
        assert_eq!(status, 409, "{plural}: {body}");
        assert_eq!(tenant.server.get(&path).await, before, "{plural}");
    }
    tenant.end().await;
}

#[tokio::test]
async fn long_names_and_addresses_of_every_kind_are_taken() {
    let tenant = Tenant::start().await;
    let long = tenant.name("n");
    let long = format!("{}{long}", "l".repeat(LONGEST - long.len()));
    let short = tenant.name("s");
    let label = "l".repeat(63);
    let dns = format!("{label}.{label}.{label}.example.com");
    for (name, server) in [
        (&long, "https://[2001:db8::1]:6443"),
        (&short, "https://[2001:db8:1:2:3:4:5:6]"),
        (&long, "https://single-label:6443"),
        (&short, &format!("https://{dns}:65535")),
    ] {
        for body in [worker(server), host(server)] {
            let (status, body) = tenant.save(name, &body).await;
            assert_eq!(status, 200, "{name} {server}: {body}");
            let resource = format!("{NAUTES}/namespaces/{}/clusters/{name}", tenant.nautes);
            let resource = tenant.server.get(&resource).await.unwrap();
            assert!(
                resource["spec"]["apiServer"]
                    .as_str()
                    .unwrap()
                    .starts_with(server)
            );
            let secret = tenant.secret(name).await;
            assert_eq!(
                secret["metadata"]["labels"]["cluster.nautes.io/name"],
                **name
            );
            let (status, body) = tenant.delete(name).await;
            assert_eq!(status, 200, "{name} {server}: {body}");
        }
    }
    tenant.end().await;
}
