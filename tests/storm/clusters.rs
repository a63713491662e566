//! The clusters of a storm: hosts, and workers of which every fifth is a virtual cluster on one of them.

use serde_json::{Value, json};
use tests::{Tenant, guide};

/// Hosts that are registered before the storm.
pub const HOSTS: usize = 4;
/// Clusters that are saved in it.
pub const CLUSTERS: usize = 200;

/// One request to save.
#[derive(Clone)]
pub struct Cluster {
    pub name: String,
    pub body: String,
    /// True where the cluster is removed again while others are saved: 80 of the 200, half of the virtual ones.
    pub leaves: bool,
}

fn body(of: &str, api_server: &str) -> Value {
    let mut body: Value = serde_json::from_str(&guide("v0.4", of)).unwrap();
    body["api_server"] = json!(api_server);
    body
}

pub fn hosts() -> Vec<Cluster> {
    (0..HOSTS)
        .map(|number| Cluster {
            name: format!("host-{number}"),
            body: body("cluster-host", &format!("https://10.1.0.{number}:6443")).to_string(),
            leaves: false,
        })
        .collect()
}

pub fn workers() -> Vec<Cluster> {
    (0..CLUSTERS)
        .map(|number| Cluster {
            name: format!("worker-{number:03}"),
            body: worker(number).to_string(),
            leaves: [0, 3, 6, 8].contains(&(number % 10)),
        })
        .collect()
}

fn worker(number: usize) -> Value {
    match number % 5 {
        0 => {
            let (host, port) = (number / 5 % HOSTS, 31_000 + number);
            let server = format!("https://10.1.0.{host}:{port}");
            let mut body = body("virtual-worker-deployment", &server);
            body["host_cluster"] = json!(format!("host-{host}"));
            body["vcluster"]["https_node_port"] = json!(port.to_string());
            body
        }
        1 => body("physical-worker-pipeline", &own_server(number)),
        _ => body("physical-worker-deployment", &own_server(number)),
    }
}

fn own_server(number: usize) -> String {
    format!("https://10.2.0.{number}:6443")
}

/// Registers the hosts, one after another.
pub async fn register_hosts(tenant: &Tenant) {
    for host in hosts() {
        tenant.save(&host.name, host.body).await.ok();
    }
}
