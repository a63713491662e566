//! A tenant's whole life: a host with two virtual clusters, two physical workers, every one of them watched
//! until it is ready, changed, and removed again. In the end both services are as they were.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use sandbox_argocd::ArgoCd;
use sandbox_kubernetes::{ADMIN, Kubernetes, KubernetesOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Tenant, guide};

const HOST: &str = "cluster-host";
const VIRTUAL: [(&str, u16); 2] = [("virtual-a", 31456), ("virtual-b", 31457)];
const DEPLOYMENT: &str = "physical-worker-deployment";
const PIPELINE: &str = "physical-worker-pipeline";

struct World {
    tenant: Tenant,
    /// The host's own API server.
    host: Kubernetes,
    _folder: TempDir,
}

impl World {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let host = Kubernetes::start(KubernetesOptions::new(folder.path()));
        let host = host.await.unwrap();
        let tenant = Tenant::start_as(ADMIN, |gitlab, options| {
            let argo = ArgoCd::new(gitlab.repository(), Duration::from_millis(20));
            options.controllers.push(Arc::new(argo));
        });
        Self {
            tenant: tenant.await,
            host,
            _folder: folder,
        }
    }

    fn secrets_of(&self, cluster: &str) -> Vec<Value> {
        let secrets = self.tenant.kubernetes.store().list("", "secrets", "argocd");
        let label = |secret: &Value| secret["metadata"]["labels"]["cluster.nautes.io/name"].clone();
        let of_cluster = secrets
            .into_iter()
            .filter(|secret| label(secret) == cluster);
        of_cluster.collect()
    }

    fn secret_of(&self, cluster: &str) -> Value {
        let secrets = self.secrets_of(cluster);
        assert_eq!(secrets.len(), 1, "{secrets:#?}");
        secrets.into_iter().next().unwrap()
    }

    fn applications(&self) -> Vec<String> {
        let store = self.tenant.kubernetes.store();
        let list = store.list("argoproj.io", "applications", "argocd");
        let names = list
            .iter()
            .map(|it| it["metadata"]["name"].as_str().unwrap().to_owned());
        names.collect()
    }

    /// Watches until the cluster is ready and stays so: another cluster's save refreshes Applications of this one,
    /// which are out of sync for a moment.
    async fn ready(&self, cluster: &str) {
        for _ in 0..20 {
            let events = self.tenant.watch(cluster, "").await.rest().await;
            let end = events.last().unwrap();
            assert_eq!(end.data["reason"], "ready", "{cluster}: {events:#?}");
            let read = self.tenant.get(cluster).await.ok();
            if read["status"]["phase"] == "Ready" {
                return;
            }
            assert_eq!(read["status"]["phase"], "Installing", "{read:#}");
        }
        panic!("{cluster} does not stay ready");
    }

    /// The virtual cluster has come up on the host, and does what the Job of the management cluster would
    /// do there with kubectl (`deploy/kubeconfig_job.rs` runs that): reads the host's Secret, asks the
    /// host with it, applies the virtual cluster's.
    async fn virtual_cluster_comes_up(&self, name: &str) {
        let labels = json!({"app": "vcluster"});
        let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": {"name": "v", "namespace": name, "labels": labels}});
        self.host.store().put("apps", "statefulsets", set);
        let credentials = json!({"certificate-authority": "Y2E=", "client-certificate": "Y2VydA==", "client-key": "a2V5"});
        let metadata = json!({"name": "vc-v", "namespace": name});
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": credentials});
        self.host.store().put("", "secrets", secret);

        let store = self.tenant.kubernetes.store();
        let job = store.get("batch", "jobs", "argocd", &format!("{name}-kubeconfig"));
        let pod = &job.expect("no Job")["spec"]["template"]["spec"];
        let mounted = pod["volumes"][0]["secret"]["secretName"].as_str().unwrap();
        let mounted = store.get("", "secrets", "argocd", mounted).unwrap();
        assert_eq!(decoded(&mounted, "server"), HOST_SERVER);
        let config: Value = serde_json::from_str(&decoded(&mounted, "config")).unwrap();
        let token = config["bearerToken"].as_str().unwrap();
        let path = format!("/api/v1/namespaces/{name}/secrets/vc-v");
        let found = send(&self.host, Method::GET, &path, token, None).await;

        let environment = pod["containers"][0]["env"].as_array().unwrap();
        let variable = |name: &str| {
            let variable = environment.iter().find(|it| it["name"] == name).unwrap();
            variable["value"].as_str().unwrap().to_owned()
        };
        let of = |key: &str| found["data"][key].clone();
        let config = json!({"tlsClientConfig": {"insecure": false, "caData": of("certificate-authority"),
            "certData": of("client-certificate"), "keyData": of("client-key")}});
        let secret = variable("SECRET").replace("@CONFIG@", &STANDARD.encode(config.to_string()));
        let secret: Value = serde_json::from_str(&secret).unwrap();
        let path = format!(
            "/api/v1/namespaces/argocd/secrets/{}?fieldManager=nautes-clusters&force=true",
            secret["metadata"]["name"].as_str().unwrap()
        );
        let token = self.tenant.kubernetes.token();
        send(
            &self.tenant.kubernetes,
            Method::PATCH,
            &path,
            token,
            Some(&secret),
        )
        .await;
        for stale in variable("STALE_SECRETS").split_whitespace() {
            store.remove("", "secrets", "argocd", stale);
        }
    }

    async fn remove(&self, cluster: &str) {
        let mut last = String::new();
        for _ in 0..600 {
            let answer = self.tenant.delete(cluster).await;
            if answer.status == 404 {
                let left = self.applications();
                let prefix = format!("{cluster}-");
                assert!(
                    !left
                        .iter()
                        .any(|it| it == cluster || it.starts_with(&prefix)),
                    "{left:?}"
                );
                assert_eq!(self.secrets_of(cluster), Vec::<Value>::new());
                return;
            }
            assert_eq!(answer.status, 200, "{}", answer.text);
            last = answer.text;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{cluster} is never gone: {last}");
    }
}

fn decoded(secret: &Value, key: &str) -> String {
    let bytes = STANDARD
        .decode(secret["data"][key].as_str().unwrap())
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn send(
    to: &Kubernetes,
    method: Method,
    path: &str,
    token: &str,
    apply: Option<&Value>,
) -> Value {
    let request = tests::http_client()
        .request(method, format!("{}{path}", to.url()))
        .bearer_auth(token)
        .header("content-type", "application/apply-patch+yaml");
    let body = apply.map(Value::to_string).unwrap_or_default();
    let response = request.body(body).send().await.unwrap();
    assert!(
        response.status().is_success(),
        "{path}: {}",
        response.status()
    );
    response.json().await.unwrap()
}

fn kubeconfig(token: &str) -> String {
    format!(
        "clusters: [{{name: a, cluster: {{}}}}]\nusers: [{{name: a, user: {{token: {token}}}}}]\n"
    )
}

/// The guide's request, changed.
fn body(of: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut body: Value = serde_json::from_str(&guide("v0.4", of)).unwrap();
    change(&mut body);
    body.to_string()
}

fn physical(of: &str, server: &str, token: &str) -> String {
    body(of, |body| {
        body["api_server"] = json!(server);
        body["kubeconfig"] = json!(kubeconfig(token));
    })
}

/// The host's API server as the request names it: the loopback address where it really listens is refused.
const HOST_SERVER: &str = "https://10.1.0.100:6443";

fn virtual_cluster(port: u16) -> String {
    body("virtual-worker-pipeline", |body| {
        body["api_server"] = json!(format!("https://8.217.50.114:{port}"));
        body["vcluster"]["https_node_port"] = json!(port.to_string());
    })
}

#[tokio::test]
async fn every_cluster_is_registered_watched_changed_and_removed_without_a_trace() {
    let world = World::start().await;
    let tenant = &world.tenant;
    let (files, objects) = (tenant.files(), tenant.kubernetes.store().dump());

    // A host, registered with credentials that its API server takes.
    let host = |port: u16| {
        body(HOST, |body| {
            body["api_server"] = json!(HOST_SERVER);
            body["kubeconfig"] = json!(kubeconfig(world.host.token()));
            body["components_list"]["gateway"]["additions"]["httpNodePort"] =
                json!(port.to_string());
        })
    };
    tenant.save(HOST, host(30080)).await.ok();
    world.ready(HOST).await;

    for (name, port) in VIRTUAL {
        tenant.save(name, virtual_cluster(port)).await.ok();
        // It waits for its kubeconfig, and is not ready without.
        let limited = tenant.watch(name, "&timeout_seconds=1").await.rest().await;
        assert_eq!(limited.last().unwrap().data["reason"], "time_limit");
        assert_eq!(world.secrets_of(name), Vec::<Value>::new());
        world.virtual_cluster_comes_up(name).await;
        world.ready(name).await;
    }
    for (name, server) in [
        (DEPLOYMENT, "https://10.1.0.1:6443"),
        (PIPELINE, "https://10.1.0.2:6443"),
    ] {
        tenant
            .save(name, physical(name, server, "first"))
            .await
            .ok();
        world.ready(name).await;
    }
    let list = tenant.get("").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 5);

    // Credentials are rotated: the same Secret with another content. The commit brings their fingerprint.
    let applications = world.applications();
    let before = world.secret_of(DEPLOYMENT);
    assert!(decoded(&before, "config").contains("first"));
    let rotated = physical(DEPLOYMENT, "https://10.1.0.1:6443", "second");
    let saved = tenant.save(DEPLOYMENT, rotated).await.ok();
    assert_eq!(saved["commit"]["files_changed"], 1);
    let after = world.secret_of(DEPLOYMENT);
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    assert!(decoded(&after, "config").contains("second"));
    world.ready(DEPLOYMENT).await;

    // With a new API server the old Secret goes; the cluster keeps its name and its Applications.
    let moved = physical(DEPLOYMENT, "https://10.1.0.9:6443", "third");
    tenant.save(DEPLOYMENT, moved).await.ok();
    let new = world.secret_of(DEPLOYMENT);
    assert_ne!(new["metadata"]["name"], before["metadata"]["name"]);
    assert_eq!(decoded(&new, "server"), "https://10.1.0.9:6443");
    assert_eq!(decoded(&new, "name"), DEPLOYMENT);
    world.ready(DEPLOYMENT).await;
    assert_eq!(world.applications(), applications);

    // The host's gateway moves to another port.
    assert!(tenant.save(HOST, host(30081)).await.ok()["commit"]["id"].is_string());
    world.ready(HOST).await;

    tenant.delete(HOST).await.problem(409, "CLUSTER_IN_USE");
    for (name, _) in VIRTUAL {
        world.remove(name).await;
    }
    for name in [HOST, PIPELINE, DEPLOYMENT] {
        world.remove(name).await;
    }
    assert_eq!(tenant.files(), files);
    assert_eq!(tenant.kubernetes.store().dump(), objects);
}
