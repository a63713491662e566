//! Every folder with a kustomization that a sequence of requests commits builds with `kubectl kustomize`.

use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::options::workspace;
use serde_json::Value;
use tempfile::TempDir;
use tests::{Tenant, guide};

#[tokio::test]
async fn every_kustomization_folder_builds() {
    if Command::new("kubectl")
        .arg("version")
        .arg("--client")
        .output()
        .is_err()
    {
        eprintln!("\n*** SKIPPED: kubectl is not installed, so no kustomization was built ***\n");
        return;
    }
    let tenant = Tenant::start().await;
    save_all(&tenant).await;
    assert!(build_all(&tenant) > 25);
    tenant.delete("guest-2").await.ok();
    let host = guide("v0.4", "cluster-host").replace("30443", "31443");
    tenant.save("cluster-host", host).await.ok();
    assert!(build_all(&tenant) > 20);
}

/// Two hosts, three virtual pipeline clusters on the first, and one cluster of every other kind.
async fn save_all(tenant: &Tenant) {
    let address = "8.217.50.114";
    let saves = [
        ("cluster-host", "cluster-host", "8.217.50.114", "6443"),
        ("host-b", "cluster-host", "8.217.50.117", "6443"),
        ("guest-1", "virtual-worker-pipeline", address, "31456"),
        ("guest-2", "virtual-worker-pipeline", address, "31457"),
        ("guest-3", "virtual-worker-pipeline", address, "31458"),
        ("guest-4", "virtual-worker-deployment", address, "31459"),
        (
            "deployment",
            "physical-worker-deployment",
            "8.217.50.115",
            "",
        ),
        ("pipeline", "physical-worker-pipeline", "8.217.50.116", ""),
    ];
    for (name, example, address, port) in saves {
        let body = guide("v0.4", example).replace("8.217.50.114", address);
        let body = body.replace("31456", port);
        tenant.save(name, body).await.ok();
    }
}

/// Builds every folder, and answers how many there are.
fn build_all(tenant: &Tenant) -> usize {
    let checkout = TempDir::new().unwrap();
    let folders = check_out(tenant, checkout.path());
    for folder in &folders {
        let output = Command::new("kubectl")
            .arg("kustomize")
            .arg(folder)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {error}", folder.display());
        assert_eq!(error, "", "{}", folder.display());
    }
    folders.len()
}

fn check_out(tenant: &Tenant, to: &Path) -> Vec<PathBuf> {
    let path = workspace().join("crates/domain/tests/remote.yaml");
    let stand_ins = std::fs::read_to_string(path).unwrap();
    let stand_ins: Value = serde_saphyr::from_str(&stand_ins).unwrap();
    let mut folders = Vec::new();
    for (path, mut content) in tenant.files() {
        let target = to.join(&path);
        let folder = target.parent().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        if path.ends_with("/kustomization.yaml") {
            content = with_stand_ins(&content, folder, &stand_ins);
            folders.push(folder.to_owned());
        }
        std::fs::write(target, content).unwrap();
    }
    folders
}

/// There is no network in a test: of remote manifests the objects that are patched stand in a file.
fn with_stand_ins(content: &[u8], folder: &Path, stand_ins: &Value) -> Vec<u8> {
    let text = String::from_utf8(content.to_vec()).unwrap();
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some(at) = line.find("https://") else {
            lines.push(line.to_owned());
            continue;
        };
        let is_version = |part: &str| part.starts_with('v') && part.contains('.');
        let url = line[at..].trim_end_matches('"').split('/');
        let key: Vec<&str> = url
            .map(|part| if is_version(part) { "*" } else { part })
            .collect();
        let objects = stand_ins[key.join("/")].as_array();
        let objects = objects.unwrap_or_else(|| panic!("no stand-in for {line}"));
        let objects: Vec<String> = objects.iter().map(Value::to_string).collect();
        let file = format!("remote-{}.yaml", lines.len());
        std::fs::write(folder.join(&file), objects.join("\n---\n")).unwrap();
        lines.push(format!("- {file}"));
    }
    (lines.join("\n") + "\n").into_bytes()
}
