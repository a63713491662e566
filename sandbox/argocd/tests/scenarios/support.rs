//! A server with a stand-in and a repository of its own for every test.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sandbox_argocd::ArgoCd;
use sandbox_kubernetes::{Kubernetes, KubernetesOptions, ObjectStore};
use serde_json::{Value, json};
use tempfile::TempDir;

const STEP: Duration = Duration::from_millis(30);

pub struct ArgoCdFixture {
    kubernetes: Kubernetes,
    argo: ArgoCd,
    folder: TempDir,
}

impl ArgoCdFixture {
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        git(
            folder.path(),
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                "bare.git",
            ],
        );
        git(folder.path(), &["clone", "--quiet", "bare.git", "work"]);
        let mut options = KubernetesOptions::new(folder.path().join("data"));
        let argo = ArgoCd::new(folder.path().join("bare.git"), STEP);
        options.controllers.push(Arc::new(argo.clone()));
        Self {
            argo,
            kubernetes: Kubernetes::start(options).await.unwrap(),
            folder,
        }
    }

    pub fn store(&self) -> &ObjectStore {
        self.kubernetes.store()
    }

    pub fn argo(&self) -> &ArgoCd {
        &self.argo
    }

    /// Writes and deletes files, pushes, and answers the commit.
    pub fn commit(&self, files: &[(&str, Option<Value>)]) -> String {
        let work = self.folder.path().join("work");
        for (path, content) in files {
            let file = work.join(path);
            match content {
                Some(content) => {
                    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                    std::fs::write(file, content.to_string()).unwrap();
                }
                None => std::fs::remove_file(file).unwrap(),
            }
        }
        git(&work, &["add", "--all"]);
        git(
            &work,
            &[
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@t",
                "commit",
                "--quiet",
                "--allow-empty",
                "-m",
                "x",
            ],
        );
        git(&work, &["push", "--quiet", "origin", "HEAD:main"]);
        git(&work, &["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub fn put(&self, plural: &str, object: Value) -> Value {
        self.store().put("argoproj.io", plural, object)
    }

    pub fn application(&self, name: &str) -> Option<Value> {
        self.store()
            .get("argoproj.io", "applications", "argocd", name)
    }

    pub fn names(&self) -> Vec<String> {
        let list = self.store().list("argoproj.io", "applications", "argocd");
        list.iter()
            .map(|application| application["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        assert!(
            self.store()
                .modify("argoproj.io", "applications", "argocd", name, change)
        );
    }

    /// Marks or removes as a DELETE does.
    pub async fn delete(&self, group: &str, plural: &str, name: &str) {
        let root = if group.is_empty() {
            "api/v1".to_owned()
        } else {
            format!("apis/{group}/v1alpha1")
        };
        let path = format!("{root}/namespaces/argocd/{plural}/{name}");
        let url = format!("{}/{path}", self.kubernetes.url());
        let client =
            hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
                .build_http::<http_body_util::Empty<bytes::Bytes>>();
        let request = http::Request::delete(url)
            .header(
                "authorization",
                format!("Bearer {}", self.kubernetes.token()),
            )
            .body(http_body_util::Empty::new())
            .unwrap();
        assert_eq!(client.request(request).await.unwrap().status(), 200);
    }

    /// Registers a cluster by its Secret.
    pub fn register(&self, name: &str, usage: &str) {
        self.store()
            .put("", "secrets", cluster_secret(name, usage, "{}"));
    }

    /// Waits until the Application is as wanted; fails with its state after half a minute.
    pub async fn until(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..1500 {
            if let Some(application) = self.application(name).filter(&wanted) {
                return application;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "{name} never got there: {:#}",
            self.application(name).unwrap_or_default()
        )
    }

    pub async fn until_healthy(&self, name: &str) -> Value {
        self.until(name, |application| {
            sync(application) == "Synced" && health(application) == "Healthy"
        })
        .await
    }

    pub async fn until_true(&self, what: &str, wanted: impl Fn() -> bool) {
        for _ in 0..1500 {
            if wanted() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("never: {what}");
    }

    /// Long enough for many passes.
    pub async fn settle(&self) {
        tokio::time::sleep(STEP * 10).await;
    }
}

pub fn sync(application: &Value) -> &str {
    application["status"]["sync"]["status"]
        .as_str()
        .unwrap_or_default()
}

pub fn health(application: &Value) -> &str {
    application["status"]["health"]["status"]
        .as_str()
        .unwrap_or_default()
}

pub fn condition(application: &Value) -> &str {
    application["status"]["conditions"][0]["type"]
        .as_str()
        .unwrap_or_default()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

pub fn cluster_secret(name: &str, usage: &str, config: &str) -> Value {
    use base64::Engine as _;
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": format!("cluster-{name}"), "namespace": "argocd",
            "labels": {"argocd.argoproj.io/secret-type": "cluster", "cluster.nautes.io/usage": usage}},
        "data": {"name": base64(name), "server": base64(&format!("https://{name}:6443")), "config": base64(config)},
    })
}

/// An Application; `automated`: synced, pruned and healed without being asked.
pub fn application(name: &str, path: &str, destination: Value, automated: bool) -> Value {
    let policy = if automated {
        json!({"automated": {"prune": true, "selfHeal": true}})
    } else {
        json!({})
    };
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
        "spec": {
            "project": "default", "destination": destination, "syncPolicy": policy,
            "source": {"repoURL": "https://example.com/r.git", "path": path, "targetRevision": "HEAD"},
        },
    })
}

pub fn in_cluster() -> Value {
    json!({"server": "https://kubernetes.default.svc", "namespace": "argocd"})
}

pub fn worker_set(template: Value, go: bool) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
        "metadata": {"name": "runtime-appset", "namespace": "argocd"},
        "spec": {
            "goTemplate": go, "template": template,
            "generators": [{"clusters": {"selector": {"matchLabels": {"cluster.nautes.io/usage": "worker"}}}}],
        },
    })
}

pub fn template(name: &str, path: &str, destination: Value) -> Value {
    let spec = application("x", path, destination, true)["spec"].clone();
    json!({"metadata": {"name": name}, "spec": spec})
}

pub fn config_map(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"x": value}})
}
