//! `deploy/crds`: the definition of Cluster.

use sandbox_kubernetes::ADMIN;
use serde_json::{Value, json};
use tests::{Tenant, guide};

use super::{apply, apply_all};

const NAME: &str = "physical-worker-deployment";
const FILE: &str = "crds/clusters.nautes.resource.nautes.io.yaml";

async fn start() -> Tenant {
    let tenant = Tenant::start_as(ADMIN, |_, options| options.cluster_crds = false).await;
    apply_all(&tenant.kubernetes, FILE).await;
    tenant
}

fn stored(tenant: &Tenant, name: &str) -> Option<Value> {
    let store = tenant.kubernetes.store();
    store.get("nautes.resource.nautes.io", "clusters", "nautes", name)
}

#[tokio::test]
async fn what_is_written_fits() {
    let tenant = start().await;
    for name in ["cluster-host", "virtual-worker-deployment", NAME] {
        let body = match name {
            // The guides' worker has the address of their host.
            NAME => guide("v0.4", name).replace("8.217.50.114", "8.217.50.115"),
            _ => guide("v0.4", name),
        };
        let saved = tenant.save(name, body).await.ok();
        let warnings = saved["warnings"].to_string();
        assert!(!warnings.contains("Cluster"), "{warnings}");

        let path = format!("nautes/overlays/production/clusters/{name}.yaml");
        let text = String::from_utf8(tenant.files()[&path].clone()).unwrap();
        let mut file: Value = serde_saphyr::from_str(&text).unwrap();
        // Nothing was pruned on the way.
        assert_eq!(stored(&tenant, name).unwrap()["spec"], file["spec"]);
        file["metadata"]["name"] = json!("strict");
        let answer = apply(&tenant.kubernetes, &file).await;
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }
}

#[tokio::test]
async fn without_it_a_save_warns() {
    let tenant = Tenant::start_as(ADMIN, |_, options| options.cluster_crds = false).await;
    let saved = tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    assert!(
        saved["warnings"].to_string().contains("Cluster"),
        "{saved:#}"
    );
}

fn cluster(change: impl FnOnce(&mut Value)) -> Value {
    let mut object = json!({
        "apiVersion": "nautes.resource.nautes.io/v1alpha1", "kind": "Cluster",
        "metadata": {"name": "a", "namespace": "nautes"},
        "spec": {
            "apiServer": "https://10.0.0.1:6443", "clusterType": "physical", "usage": "worker",
            "componentsList": {"deployment": {"name": "argocd", "namespace": "argocd"}},
        },
    });
    change(&mut object);
    object
}

#[tokio::test]
async fn what_is_no_cluster_is_refused() {
    let tenant = start().await;
    type Change = (&'static str, fn(&mut Value));
    let changes: [Change; 8] = [
        ("spec.usage", |it| it["spec"]["usage"] = json!("other")),
        ("spec.clusterType", |it| {
            it["spec"]["clusterType"] = json!("cloud")
        }),
        ("spec.workerType", |it| {
            it["spec"]["workerType"] = json!("batch")
        }),
        ("spec.apiServer", |it| {
            it["spec"]["apiServer"] = json!("10.0.0.1")
        }),
        ("spec.apiServer", |it| {
            it["spec"]["apiServer"] = json!("https://u:p@host")
        }),
        ("spec.componentsList.deployment.namespace", |it| {
            it["spec"]["componentsList"]["deployment"] = json!({"name": "argocd"});
        }),
        ("spec.componentsList", |it| {
            it["spec"].as_object_mut().unwrap().remove("componentsList");
        }),
        ("spec", |it| {
            it.as_object_mut().unwrap().remove("spec");
        }),
    ];
    for (field, change) in changes {
        let answer = apply(&tenant.kubernetes, &cluster(change)).await;
        assert_eq!(answer.status(), 422, "{field}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(field), "{field}: {text}");
    }
    for url in [
        "https://[2001:db8::1]:6443",
        "https://host",
        "https://a.example.com/k8s/x",
    ] {
        let object = cluster(|it| it["spec"]["apiServer"] = json!(url));
        let answer = apply(&tenant.kubernetes, &object).await;
        assert!(answer.status().is_success(), "{url}");
    }
}

#[tokio::test]
async fn operators_can_write_their_status() {
    let tenant = start().await;
    let answer = apply(&tenant.kubernetes, &cluster(|_| ())).await;
    assert!(answer.status().is_success());
    let now = "2026-01-02T03:04:05Z";
    let synced = json!({"lastSuccessSpec": "{}", "lastSuccessTime": now, "secretID": "1"});
    let status = json!({
        "conditions": [{"type": "ClusterSyncToArgocd", "status": "True", "reason": "RegularUpdate",
            "message": "", "lastTransitionTime": now}],
        "mgtAuthStatus": synced, "sync2ArgoStatus": synced,
        "entryPoints": {"traefik": {"httpPort": 30080, "httpsPort": 30443, "type": "NodePort"}},
        "productIDMap": {"demo": "product-1"},
        "warnings": [{"type": "DuplicateEntryPoint", "from": "Cluster", "id": "x", "message": "m"}],
        "componentsStatus": {"pipeline": {"any": ["thing"]}},
    });
    let url = "/apis/nautes.resource.nautes.io/v1alpha1/namespaces/nautes/clusters/a/status";
    let request = tests::http_client()
        .patch(format!(
            "{}{url}?fieldValidation=Strict",
            tenant.kubernetes.url()
        ))
        .header("content-type", "application/merge-patch+json")
        .bearer_auth(tenant.kubernetes.token());
    let answer = request
        .body(json!({"status": status}).to_string())
        .send()
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer["status"], status, "{answer:#}");
}
