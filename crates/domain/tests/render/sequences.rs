//! Tests of what is left of one registration after others.

use domain::Cluster;
use domain::WorkerType::Pipeline;
use domain::render::names;

use crate::fixtures::{cluster, five, settings};
use crate::objects::documents;
use crate::repository::Repository;
use crate::states::{crowded, guest, move_port};

fn names_in(repository: &Repository, path: &str) -> Vec<String> {
    let objects = documents(repository.text(path));
    let name = |object: &serde_json::Value| object["metadata"]["name"].as_str().unwrap().to_owned();
    objects.iter().map(name).collect()
}

fn elements(repository: &Repository, path: &str) -> Vec<String> {
    let set = &documents(repository.text(path))[0];
    let elements = &set["spec"]["generators"][0]["list"]["elements"];
    let name = |element: &serde_json::Value| element["cluster"].as_str().unwrap().to_owned();
    elements.as_array().unwrap().iter().map(name).collect()
}

const MIDDLEWARES: &str = "host-clusters/host-a/traefik/overlays/production/middleware-oauth.yaml";
const INGRESSES: &str =
    "host-clusters/host-a/oauth2-proxy/overlays/production/ingress-tekton-dashboard.yaml";
const GUESTS: &str = "host-clusters/host-a/production/vcluster-appset.yaml";

#[test]
fn a_host_serves_every_pipeline_cluster_on_it() {
    let repository = crowded();
    let expected =
        ["v1", "v2", "v3"].map(|name| [format!("oauth-{name}"), format!("oauth-errors-{name}")]);
    assert_eq!(names_in(&repository, MIDDLEWARES), expected.concat());
    let expected = ["v1", "v2", "v3"].map(|name| format!("{name}-tekton-dashboard"));
    assert_eq!(names_in(&repository, INGRESSES), expected);
    assert_eq!(elements(&repository, GUESTS), ["v1", "v2", "v3"]);
    assert!(
        !repository
            .files
            .contains_key("host-clusters/host-b/production/vcluster-appset.yaml")
    );
}

#[test]
fn deleting_the_middle_one_leaves_the_others_as_they_were() {
    let mut repository = crowded();
    let before = repository.files.clone();
    repository.delete("v2");
    assert_eq!(elements(&repository, GUESTS), ["v1", "v3"]);
    assert_eq!(
        names_in(&repository, INGRESSES),
        ["v1-tekton-dashboard", "v3-tekton-dashboard"]
    );
    assert!(!repository.files.keys().any(|path| path.contains("v2")));
    let mentions = repository
        .files
        .values()
        .filter(|content| String::from_utf8_lossy(content).contains("v2"));
    // As a word, not in `v2.0` or the version of an API.
    let mentions = mentions.filter(|content| String::from_utf8_lossy(content).contains("-v2"));
    assert_eq!(mentions.count(), 0);
    repository.save(&guest("v2", 30002));
    assert_eq!(repository.files, before);
}

#[test]
fn another_port_of_the_host_reaches_everything_that_mentions_it() {
    let mut repository = crowded();
    move_port(&mut repository);
    for (path, content) in &repository.files {
        let text = String::from_utf8_lossy(content);
        assert!(
            path.contains("host-b") || !text.contains("30443"),
            "{path} has the old port"
        );
    }
    for name in ["v1", "v2", "v3"] {
        let path =
            format!("runtimes/{name}-runtime/argocd/overlays/production/patch-argocd-cm.yaml");
        assert!(repository.text(&path).contains(":31443\n"), "{path}");
    }
    assert_eq!(names_in(&repository, INGRESSES).len(), 3);
}

#[test]
fn removing_covers_every_file_that_saving_added() {
    for cluster in five() {
        let others: Vec<Cluster> = five()
            .into_iter()
            .filter(|other| other.name != cluster.name)
            .collect();
        if cluster.worker_type.is_none() {
            continue;
        }
        let mut repository = Repository::of(settings(), &others);
        let before = repository.files.clone();
        repository.save(&cluster);
        assert_ne!(repository.files, before);
        repository.delete(&cluster.name);
        assert_eq!(repository.files, before, "{}", cluster.name);
    }
}

#[test]
fn nothing_is_left_behind() {
    let mut repository = crowded();
    repository.save(&cluster("w", "https://10.0.0.3:6443", Some(Pipeline), None));
    for name in ["v1", "w", "v3", "v2", "host-a"] {
        repository.delete(name);
    }
    assert!(
        !repository
            .files
            .keys()
            .any(|path| path.starts_with("runtimes/"))
    );
    assert!(repository.files.contains_key(names::HOST_APPLICATION_SET));
    repository.delete("host-b");
    let left: Vec<&String> = repository.files.keys().collect();
    assert_eq!(left, [names::KUSTOMIZATION]);
    assert!(
        repository
            .text(names::KUSTOMIZATION)
            .ends_with("\nresources: []\n")
    );
}
