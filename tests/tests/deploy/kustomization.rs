//! `kubectl apply -k deploy`: the values of `settings.env` arrive, and the API server takes what comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use sandbox::options::workspace;
use sandbox_kubernetes::{Kubernetes, KubernetesOptions};
use serde_json::Value;
use tempfile::TempDir;

use super::{apply, member, text};

/// Settings that `settings.env` leaves to others, as it says.
const ELSEWHERE: [&str; 7] = [
    "kubernetes_token",
    "console_key",
    "gitlab_oauth_client_secret",
    "ca_bundle",
    "catalog",
    "argocd_namespace",
    "nautes_namespace",
];

/// Entries of `settings.env` that are no settings of the application.
const OF_KUBERNETES: [&str; 4] = ["host", "image", "kubernetes_network", "gitlab_network"];

fn settings() -> BTreeMap<String, String> {
    let text = text("settings.env");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').unwrap_or_else(|| panic!("{line}")));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn every_setting_is_there_with_its_default() {
    let manifest: toml::Table = std::fs::read_to_string(workspace().join("spin.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let settings = settings();
    let variables = manifest["variables"].as_table().unwrap();
    for (name, variable) in variables
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()))
    {
        let value = settings
            .get(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
        if let Some(default) = variable.get("default").and_then(toml::Value::as_str) {
            assert_eq!(value, default, "{name}");
        }
    }
    let known: BTreeSet<&str> = variables
        .keys()
        .map(String::as_str)
        .chain(OF_KUBERNETES)
        .collect();
    let unknown = settings.keys().find(|name| !known.contains(name.as_str()));
    assert_eq!(unknown, None);
}

/// The objects that `kubectl` makes of a copy of `deploy/` with these settings. None, loudly, where there is no kubectl.
fn build(settings: &str) -> Option<Vec<Value>> {
    let copy = TempDir::new().unwrap();
    copy_folder(&workspace().join("deploy"), copy.path());
    std::fs::write(copy.path().join("settings.env"), settings).unwrap();
    let built = Command::new("kubectl")
        .arg("kustomize")
        .arg(copy.path())
        .output();
    let Ok(built) = built else {
        eprintln!("SKIPPED: kubectl is not installed, so the kustomization was not built");
        return None;
    };
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    Some(serde_saphyr::from_multiple(&String::from_utf8(built.stdout).unwrap()).unwrap())
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn one<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    objects
        .iter()
        .find(|object| member(object, "/kind") == kind)
        .unwrap()
}

#[test]
fn every_value_arrives() {
    let mark = |name: &String| format!("{name}=mark-of-{name}\n");
    let marked: String = settings().keys().map(mark).collect();
    let Some(objects) = build(&marked) else {
        return;
    };
    let app = one(&objects, "SpinApp");
    for name in settings()
        .keys()
        .filter(|name| !OF_KUBERNETES.contains(&name.as_str()))
    {
        let variables = app["spec"]["variables"].as_array().unwrap();
        let values: Vec<&Value> = variables.iter().filter(|it| it["name"] == **name).collect();
        assert_eq!(values.len(), 1, "{name}");
        assert_eq!(values[0]["value"], format!("mark-of-{name}"));
    }
    assert_eq!(app["spec"]["image"], "mark-of-image");
    let rules = &one(&objects, "Ingress")["spec"];
    assert_eq!(rules["rules"][0]["host"], "mark-of-host");
    assert_eq!(rules["tls"][0]["hosts"][0], "mark-of-host");
    let egress = &one(&objects, "NetworkPolicy")["spec"]["egress"];
    let network = |rule: usize| &egress[rule]["to"][0]["ipBlock"]["cidr"];
    assert_eq!(network(1), "mark-of-kubernetes_network");
    assert_eq!(network(2), "mark-of-gitlab_network");
    let policy = objects
        .iter()
        .find(|object| member(object, "/metadata/name") == "nautes-clusters-argocd")
        .unwrap();
    let variables = policy["spec"]["variables"].as_array().unwrap();
    let tenant = variables.iter().find(|it| it["name"] == "tenant").unwrap();
    assert_eq!(tenant["expression"], "'mark-of-tenant'");
    // What only carries the values is not applied.
    assert!(
        objects
            .iter()
            .all(|object| member(object, "/metadata/name") != "settings")
    );
}

#[tokio::test]
async fn the_api_server_takes_it() {
    let Some(objects) = build(&text("settings.env")) else {
        return;
    };
    assert!(objects.len() > 20, "{}", objects.len());
    let data = TempDir::new().unwrap();
    let kubernetes = Kubernetes::start(KubernetesOptions::new(data.path().to_owned()))
        .await
        .unwrap();
    let definitions = workspace().join("tests/cases/crds/spinkube.yaml");
    let definitions = std::fs::read_to_string(definitions).unwrap();
    let definitions: Vec<Value> = serde_saphyr::from_multiple(&definitions).unwrap();
    for object in definitions.iter().chain(&objects) {
        let answer = apply(&kubernetes, object).await;
        let status = answer.status();
        let name = (member(object, "/kind"), member(object, "/metadata/name"));
        assert!(
            status.is_success(),
            "{name:?}: {}",
            answer.text().await.unwrap()
        );
    }
}
