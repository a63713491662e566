//! Repositories as requests leave them: what holds for every file has to hold in each.

use domain::WorkerType::Pipeline;
use domain::{Category, Cluster, Settings};

use crate::fixtures::{cluster, five, settings};
use crate::hostile;
use crate::repository::Repository;

/// A virtual pipeline cluster on `host-a`.
pub fn guest(name: &str, port: u16) -> Cluster {
    let api_server = format!("https://10.0.0.1:{port}");
    cluster(name, &api_server, Some(Pipeline), Some("host-a"))
}

/// Two hosts, three virtual pipeline clusters on the first.
pub fn crowded() -> Repository {
    let hosts = [
        cluster("host-a", "https://10.0.0.1:6443", None, None),
        cluster("host-b", "https://10.0.0.2:6443", None, None),
    ];
    let guests = [guest("v1", 30001), guest("v2", 30002), guest("v3", 30003)];
    Repository::of(settings(), &[hosts.to_vec(), guests.to_vec()].concat())
}

/// Saves `host-a` again with another port of its gateway.
pub fn move_port(repository: &mut Repository) {
    let mut host = repository.clusters["host-a"].clone();
    let gateway = host.components.get_mut(&Category::Gateway).unwrap();
    let port = ("httpsNodePort".to_owned(), "31443".to_owned());
    gateway.additions.extend([port]);
    repository.save(&host);
}

/// A tenant without single sign-on, Vault or certificates of its own.
pub fn bare() -> Settings {
    Settings {
        oidc_issuer_url: String::new(),
        oidc_client_id: String::new(),
        vault_url: String::new(),
        ca_bundle: String::new(),
        git_url: String::new(),
        ..settings()
    }
}

/// The five clusters with Argo CD where it is not by default.
fn moved() -> Repository {
    let mut clusters = five();
    for cluster in &mut clusters {
        if let Some(argocd) = cluster.components.get_mut(&Category::Deployment) {
            argocd.namespace = "deploy".into();
        }
    }
    Repository::of(settings(), &clusters)
}

/// Each with a name to report it by.
pub fn all() -> Vec<(&'static str, Repository)> {
    let mut without_the_middle = crowded();
    without_the_middle.delete("v2");
    let mut another_port = without_the_middle.clone();
    move_port(&mut another_port);
    let mut nobody = crowded();
    for name in ["v1", "v2", "v3", "host-a", "host-b"] {
        nobody.delete(name);
    }
    vec![
        ("five", Repository::of(settings(), &five())),
        ("bare", Repository::of(bare(), &five())),
        ("moved", moved()),
        ("crowded", crowded()),
        ("without the middle one", without_the_middle),
        ("with another port", another_port),
        ("nobody", nobody),
        ("hostile", hostile::repository()),
    ]
}
