//! Tests of what holds for every object in every file.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixtures::{five, settings};
use crate::repository::Repository;

/// The documents of a file.
pub fn documents(text: &str) -> Vec<Value> {
    let read = |text: &str| {
        domain::yaml::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
    };
    text.split("\n---\n").map(read).collect()
}

/// API versions that current Kubernetes, Argo CD 3, Traefik 3 and External Secrets 2 serve.
const SERVED: [&str; 9] = [
    "apps/v1",
    "argoproj.io/v1alpha1",
    "external-secrets.io/v1",
    "kustomize.config.k8s.io/v1beta1",
    "nautes.resource.nautes.io/v1alpha1",
    "networking.k8s.io/v1",
    "rbac.authorization.k8s.io/v1",
    "traefik.io/v1alpha1",
    "v1",
];

pub fn is_manifest(path: &str) -> bool {
    !path.starts_with("nautes/overlays/production/api-servers/")
}

#[test]
fn every_object_is_of_a_served_api_and_has_a_name() {
    let repository = Repository::of(settings(), &five());
    for path in repository.files.keys().filter(|path| is_manifest(path)) {
        for object in documents(repository.text(path)) {
            let api = object["apiVersion"].as_str().unwrap();
            assert!(SERVED.contains(&api), "{path}: {api}");
            let kind = object["kind"].as_str().unwrap();
            let name = object["metadata"]["name"].as_str();
            assert_eq!(name.is_some(), kind != "Kustomization", "{path}: {kind}");
        }
    }
}

#[test]
fn files_start_with_content_and_end_with_one_line_break() {
    for (path, content) in Repository::of(settings(), &five()).files {
        let text = String::from_utf8(content).unwrap();
        assert!(
            text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '#'),
            "{path}"
        );
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
        assert!(!text.contains("\t") && !text.contains(" \n"), "{path}");
    }
}

#[test]
fn no_object_stands_twice() {
    let repository = Repository::of(settings(), &five());
    for scope in ["argocd", "files"] {
        let mut seen = BTreeSet::new();
        for path in repository.files.keys().filter(|path| is_manifest(path)) {
            for object in documents(repository.text(path)) {
                let in_argocd = object["apiVersion"] == "argoproj.io/v1alpha1";
                if object["kind"] == "Kustomization" || in_argocd != (scope == "argocd") {
                    continue;
                }
                // Objects of Argo CD share one namespace, others belong to the cluster of their folder.
                let folder: Vec<&str> = path.split('/').take(2).collect();
                let place = if in_argocd {
                    String::new()
                } else {
                    folder.join("/")
                };
                let metadata = &object["metadata"];
                let key = format!(
                    "{place} {} {} {}",
                    object["kind"], metadata["namespace"], metadata["name"]
                );
                let is_patch = path.contains("/patch-");
                assert!(is_patch || seen.insert(key.clone()), "{path}: {key}");
            }
        }
    }
}

#[test]
fn applications_point_at_folders_that_are_there() {
    let repository = Repository::of(settings(), &five());
    let mut folders = 0;
    for path in repository.files.keys().filter(|path| is_manifest(path)) {
        for object in documents(repository.text(path)) {
            let spec = match object["kind"].as_str() {
                Some("Application") => &object["spec"],
                Some("ApplicationSet") => &object["spec"]["template"]["spec"],
                _ => continue,
            };
            let sources = spec["sources"].as_array().into_iter().flatten();
            let mut sources = sources.chain([&spec["source"]]);
            let Some(folder) = sources.find_map(|source| source["path"].as_str()) else {
                continue;
            };
            for cluster in five() {
                let folder = folder
                    .replace("{{.name}}", &cluster.name)
                    .replace("{{.cluster}}", &cluster.name);
                let of_kind = folder.contains(&cluster.name)
                    && (!path.starts_with("tenant/")
                        || path.contains("host") == cluster.worker_type.is_none())
                    && (!path.ends_with("vcluster-appset.yaml") || cluster.host_cluster.is_some());
                if of_kind {
                    let file = format!("{folder}/kustomization.yaml");
                    assert!(
                        repository.files.contains_key(&file),
                        "{path} points at {folder}"
                    );
                    folders += 1;
                }
            }
        }
    }
    assert!(folders > 35, "{folders}");
}

#[test]
fn secrets_hold_public_certificates_or_nothing() {
    let repository = Repository::of(settings(), &five());
    for path in repository.files.keys().filter(|path| is_manifest(path)) {
        for object in documents(repository.text(path)) {
            if object["kind"] != "Secret" {
                continue;
            }
            let keys: Vec<&String> = object["data"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, _)| key)
                .collect();
            assert!(
                keys.iter()
                    .all(|key| ["ca.crt", "ca-certs-Private-DEX.pem"].contains(&key.as_str())),
                "{path}: {keys:?}"
            );
            assert!(object.get("stringData").is_none(), "{path}");
        }
    }
}
