//! GitLab and Kubernetes, which outlive the functions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use sandbox::options::workspace;
use sandbox_gitlab::GitLab;
use sandbox_kubernetes::Kubernetes;
use serde_json::Value;
use tempfile::TempDir;

use crate::functions::FunctionsProcess;

pub struct TenantFixture {
    pub gitlab: GitLab,
    pub kubernetes: Kubernetes,
    client: reqwest::Client,
    _data: TempDir,
}

/// A request of the API.
#[derive(Clone)]
pub struct TenantRequest {
    pub method: Method,
    pub name: &'static str,
    pub body: String,
}

/// Files and objects, without what differs between two objects of the same content.
#[derive(PartialEq)]
pub struct TenantContent {
    files: BTreeMap<String, String>,
    objects: BTreeMap<String, Value>,
}

impl TenantContent {
    /// Names of the files and objects that are not the same in both.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut names = differences(&self.files, &other.files);
        names.extend(differences(&self.objects, &other.objects));
        names
    }
}

fn differences<T: PartialEq>(
    one: &BTreeMap<String, T>,
    other: &BTreeMap<String, T>,
) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let different = names
        .into_iter()
        .filter(|name| one.get(*name) != other.get(*name));
    let note = |name: &String| {
        let there = [one, other].map(|all| all.contains_key(name));
        match there {
            [true, false] => format!("{name} is too much"),
            [false, true] => format!("{name} is missing"),
            _ => format!("{name} is another"),
        }
    };
    different.map(note).collect()
}

impl TenantRequest {
    pub fn save(name: &'static str, guide: &str) -> Self {
        let path = workspace().join(format!("tests/cases/requests/v0.4/{guide}.json"));
        Self {
            method: Method::POST,
            name,
            body: std::fs::read_to_string(path).unwrap(),
        }
    }

    pub fn delete(name: &'static str) -> Self {
        Self {
            method: Method::DELETE,
            name,
            body: String::new(),
        }
    }
}

impl TenantFixture {
    pub async fn start() -> Self {
        let manifest = workspace().join("spin.toml");
        let description = sandbox_host::SpinManifest::load(&manifest).unwrap();
        let mut report = sandbox_host::build::print_lines;
        sandbox_host::build::components(workspace(), &description, &mut report).unwrap();
        // The command line's build asks reqwest for no cryptography of its own; another test may have been first.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let data = TempDir::new().unwrap();
        let gitlab = sandbox_gitlab::GitLabOptions::new(data.path().join("gitlab"));
        let kubernetes = sandbox_kubernetes::KubernetesOptions::new(data.path().join("kubernetes"));
        Self {
            gitlab: GitLab::start(gitlab).await.unwrap(),
            kubernetes: Kubernetes::start(kubernetes).await.unwrap(),
            client: reqwest::Client::new(),
            _data: data,
        }
    }

    pub async fn functions(&self) -> FunctionsProcess {
        FunctionsProcess::start(&self.gitlab, &self.kubernetes).await
    }

    /// Sends a request; the error is that of a connection which broke.
    pub async fn send(
        &self,
        functions: &FunctionsProcess,
        request: &TenantRequest,
    ) -> reqwest::Result<(u16, Value)> {
        let url = format!("{}/api/v1/clusters/{}", functions.url(), request.name);
        let answer = self
            .client
            .request(request.method.clone(), url)
            .bearer_auth(&self.gitlab.tokens().maintainer)
            .header("content-type", "application/json")
            .timeout(Duration::from_secs(120))
            .body(request.body.clone())
            .send()
            .await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// The same, which must succeed.
    pub async fn carry_out(&self, functions: &FunctionsProcess, request: &TenantRequest) {
        let (status, body) = self.send(functions, request).await.unwrap();
        assert_eq!(status, 200, "{body:#}");
    }

    pub fn truth(&self) -> TenantContent {
        let mut files = files(self.gitlab.repository());
        let mut objects = self.kubernetes.store().dump().to_string();
        for (path, fingerprint) in fingerprints(&files) {
            let name = format!("the fingerprint in {path}");
            for text in files.values_mut().chain([&mut objects]) {
                *text = text.replace(&fingerprint, &name);
            }
        }
        TenantContent {
            files,
            objects: lasting_objects(serde_json::from_str(&objects).unwrap()),
        }
    }

    /// Number of commits on the branch.
    pub fn commits(&self) -> usize {
        let repository = git2::Repository::open_bare(self.gitlab.repository()).unwrap();
        let mut walk = repository.revwalk().unwrap();
        walk.push_ref("refs/heads/main").unwrap();
        walk.count()
    }
}

/// Path and fingerprint of credentials: each is salted anew, but a file's is that of its cluster's objects.
fn fingerprints(files: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let found = files.iter().filter_map(|(path, text)| {
        let (_, rest) = text.split_once("cluster.nautes.io/credentials: ")?;
        Some((path.clone(), rest.split_whitespace().next()?.to_owned()))
    });
    found.collect()
}

fn files(repository: &Path) -> BTreeMap<String, String> {
    let repository = git2::Repository::open_bare(repository).unwrap();
    let head = repository.find_reference("refs/heads/main").unwrap();
    let mut files = BTreeMap::new();
    let mut note = |folder: &str, entry: &git2::TreeEntry<'_>| {
        if entry.kind() == Some(git2::ObjectType::Blob) {
            let blob = repository.find_blob(entry.id()).unwrap();
            let text = String::from_utf8_lossy(blob.content()).into_owned();
            files.insert(format!("{folder}{}", entry.name().unwrap()), text);
        }
        git2::TreeWalkResult::Ok
    };
    head.peel_to_tree()
        .unwrap()
        .walk(git2::TreeWalkMode::PreOrder, &mut note)
        .unwrap();
    files
}

fn lasting_objects(dump: Value) -> BTreeMap<String, Value> {
    let mut objects = BTreeMap::new();
    for (kind, named) in members(dump) {
        for (name, object) in members(named) {
            let mut object = lasting(object);
            if name.ends_with("/tenant1-management") {
                forget_refresh(&mut object);
            }
            objects.insert(format!("{kind} {name}"), object);
        }
    }
    objects
}

/// A new root Application needs no refresh, and the one that goes out beside its creation may find nothing yet.
fn forget_refresh(application: &mut Value) {
    let metadata = application["metadata"].as_object_mut().unwrap();
    if let Some(annotations) = metadata["annotations"].as_object_mut() {
        annotations.remove("argocd.argoproj.io/refresh");
    }
}

/// Without what the API server gives every object anew. A Job has its uid in its labels too.
fn lasting(object: Value) -> Value {
    let uid = object["metadata"]["uid"].as_str().unwrap();
    let text = object.to_string().replace(uid, "uid");
    let mut object: Value = serde_json::from_str(&text).unwrap();
    let metadata = object["metadata"].as_object_mut().unwrap();
    for field in [
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
    ] {
        metadata.remove(field);
    }
    object
}

fn members(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}
