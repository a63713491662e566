//! The same clusters registered one after another, with nobody else about: what a storm must lead to.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::{Files, Tenant};
use tokio::sync::OnceCell;

use crate::clusters::{register_hosts, workers};

/// Repository and management cluster, comparable between tenants.
#[derive(Clone)]
pub struct End {
    pub files: Files,
    /// Kinds and names of all objects.
    pub objects: BTreeSet<String>,
    /// Names of Argo CD's cluster Secrets.
    pub secrets: BTreeSet<String>,
}

impl End {
    pub fn of(tenant: &Tenant) -> Self {
        let url = tenant.gitlab.url();
        let files = tenant.files().into_iter().map(|(path, content)| {
            // Only the port of GitLab's URL differs, and what is random.
            match String::from_utf8(content) {
                Ok(text) => {
                    let text = without_salt(&text.replace(url, "https://gitlab"));
                    (path, text.into_bytes())
                }
                Err(error) => (path, error.into_bytes()),
            }
        });
        let store = tenant.kubernetes.store();
        let objects = store.dump();
        let secrets = store.list("", "secrets", "argocd");
        let name = |secret: &Value| secret["metadata"]["name"].as_str().unwrap().to_owned();
        Self {
            files: files.collect(),
            objects: names(&objects),
            secrets: secrets.iter().map(name).collect(),
        }
    }
}

/// The fingerprint of credentials is made with random bits.
fn without_salt(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("sha256:") {
        Some((key, _)) if key.contains("cluster.nautes.io/credentials") => key,
        _ => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

fn names(dump: &Value) -> BTreeSet<String> {
    let kinds = dump.as_object().unwrap().iter();
    kinds
        .flat_map(|(kind, objects)| {
            let names = objects.as_object().unwrap().keys();
            names.map(move |name| format!("{kind} {name}"))
        })
        .collect()
}

/// With all clusters, and with those alone that stay.
pub async fn ends() -> &'static [End; 2] {
    static ENDS: OnceCell<[End; 2]> = OnceCell::const_new();
    ENDS.get_or_init(|| async {
        let tenant = Tenant::start().await;
        register_hosts(&tenant).await;
        for cluster in workers() {
            tenant.save(&cluster.name, cluster.body).await.ok();
        }
        let all = End::of(&tenant);
        for cluster in workers().into_iter().filter(|cluster| cluster.leaves) {
            tenant.delete(&cluster.name).await.ok();
        }
        [all, End::of(&tenant)]
    })
    .await
}
