//! Clusters to test with.

use std::collections::BTreeMap;

use domain::{Cluster, ClusterType, Credentials, Login, Settings, Usage, WorkerType};
use serde_json::{Value, json};

pub fn settings() -> Settings {
    Settings {
        tenant: "tenant-1".to_owned(),
        repository_url: "https://gitlab.example/tenant-1/management.git".to_owned(),
        target_revision: "HEAD".to_owned(),
        argocd_namespace: "argocd".to_owned(),
        nautes_namespace: "nautes".to_owned(),
        ..Settings::default()
    }
}

pub fn host() -> Cluster {
    Cluster {
        name: "host-1".to_owned(),
        api_server: "https://10.0.0.1:6443".to_owned(),
        cluster_kind: "kubernetes".to_owned(),
        cluster_type: ClusterType::Physical,
        usage: Usage::Host,
        worker_type: None,
        host_cluster: None,
        primary_domain: "10.0.0.1.nip.io".to_owned(),
        https_node_port: None,
        credentials: None,
        components: BTreeMap::new(),
        reserved_namespaces_allowed_products: BTreeMap::new(),
        product_allowed_cluster_resources: BTreeMap::new(),
    }
}

pub fn worker() -> Cluster {
    Cluster {
        name: "worker-1".to_owned(),
        api_server: "https://10.0.0.2:6443".to_owned(),
        usage: Usage::Worker,
        worker_type: Some(WorkerType::Pipeline),
        ..host()
    }
}

pub fn virtual_worker() -> Cluster {
    Cluster {
        name: "virtual-1".to_owned(),
        api_server: "https://10.0.0.1:31443".to_owned(),
        cluster_type: ClusterType::Virtual,
        host_cluster: Some("host-1".to_owned()),
        https_node_port: Some(31_443),
        ..worker()
    }
}

pub fn credentials(login: Login) -> Credentials {
    Credentials {
        ca_data: Some("Y2E=".to_owned()),
        insecure: false,
        server_name: None,
        proxy_url: None,
        login,
        expires_at: None,
    }
}

pub fn client_certificate() -> Login {
    Login::ClientCertificate {
        cert_data: "Y2VydA==".to_owned(),
        key_data: "Y2FuYXJ5LWtleQ==".to_owned(),
    }
}

/// An Application that is done, at the revision `head`.
pub fn application(name: &str, destination: &str, children: &[&str]) -> Value {
    let resource =
        |name: &&str| json!({"group": "argoproj.io", "kind": "Application", "name": name});
    let children: Vec<Value> = children.iter().map(resource).collect();
    json!({
        "metadata": {"name": name, "namespace": "argocd", "uid": format!("uid-of-{name}")},
        "spec": {
            "source": {"repoURL": "https://gitlab.example/tenant-1/management", "path": "x"},
            "destination": {"name": destination},
        },
        "status": {
            "sync": {"status": "Synced", "revision": "head"},
            "health": {"status": "Healthy"},
            "operationState": {"phase": "Succeeded"},
            "resources": children,
        },
    })
}

/// Everything that a worker has, done.
pub fn worker_applications() -> Vec<Value> {
    let in_cluster = "in-cluster";
    vec![
        application("worker-1-runtime", in_cluster, &["worker-1-runtime-app"]),
        application(
            "worker-1-runtime-app",
            in_cluster,
            &["worker-1-tekton", "worker-1-vault"],
        ),
        application("worker-1-runtime-argocd", "worker-1", &[]),
        application("worker-1-runtime-initial", "worker-1", &[]),
        application("worker-1-tekton", "worker-1", &[]),
        application("worker-1-vault", "worker-1", &[]),
        // Another cluster, whose name begins the same.
        application("worker-1-b-tekton", "worker-1-b", &[]),
    ]
}
