//! Every kustomization folder that is committed builds with `kubectl kustomize`.

use std::path::Path;
use std::process::Command;

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
    for name in [
        "cluster-host",
        "virtual-worker-pipeline",
        "virtual-worker-deployment",
    ] {
        let body = guide("v0.4", name).replace(
            "31456",
            if name.ends_with("pipeline") {
                "31456"
            } else {
                "31457"
            },
        );
        tenant.save(name, body).await.ok();
    }
    for (name, address) in [
        ("physical-worker-deployment", "8.217.50.115"),
        ("physical-worker-pipeline", "8.217.50.116"),
    ] {
        tenant
            .save(name, guide("v0.4", name).replace("8.217.50.114", address))
            .await
            .ok();
    }
    let checkout = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for (path, content) in tenant.files() {
        let target = checkout.path().join(&path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let content = if path.ends_with("/kustomization.yaml") {
            folders.push(target.parent().unwrap().to_owned());
            without_remote_resources(&content, target.parent().unwrap())
        } else {
            content
        };
        std::fs::write(target, content).unwrap();
    }
    assert!(folders.len() > 10, "{folders:?}");
    for folder in folders {
        let output = Command::new("kubectl")
            .arg("kustomize")
            .arg(&folder)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() || only_patches_of_remote_objects(&error),
            "{}: {error}",
            folder.display()
        );
    }
}

/// Remote manifests are replaced by an empty file: there is no network in a test.
fn without_remote_resources(content: &[u8], folder: &Path) -> Vec<u8> {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("remote.yaml"), "").unwrap();
    let text = String::from_utf8(content.to_vec()).unwrap();
    let mut seen = false;
    let lines = text.lines().filter_map(|line| {
        if !line.trim_start().starts_with("- https://")
            && !line.trim_start().starts_with("- \"https://")
        {
            return Some(line.to_owned());
        }
        let indent = line.len() - line.trim_start().len();
        (!std::mem::replace(&mut seen, true))
            .then(|| format!("{}- remote.yaml", " ".repeat(indent)))
    });
    (lines.collect::<Vec<_>>().join("\n") + "\n").into_bytes()
}

/// A patch of an object that comes from a remote manifest has no target here.
fn only_patches_of_remote_objects(error: &str) -> bool {
    error.contains("no matches for Id")
        || error.contains("no resource matches strategic merge patch")
}
