//! Tests that the content of a release runs: by its manifest, and as a registry's client finds it in the image.

use std::path::Path;

use build::release::{Files, application_files, write};
use sandbox::options::workspace;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::host::{sandbox, skipped};
use tests::{Log, Tenant};

const NAME: &str = "physical-worker-deployment";

/// The blob that a descriptor names.
fn blob<'a>(files: &'a Files, descriptor: &Value) -> &'a Vec<u8> {
    let digest = descriptor["digest"].as_str().unwrap();
    &files[&format!("oci/blobs/{}", digest.replace(':', "/"))]
}

/// Unpacks the image as Spin does: the locked application, and its components by their digests.
fn unpack(files: &Files, folder: &Path) {
    let json = |bytes: &Vec<u8>| serde_json::from_slice::<Value>(bytes).unwrap();
    let index = json(&files["oci/index.json"]);
    let image = json(blob(files, &index["manifests"][0]));
    let locked = json(blob(
        files,
        image["layers"].as_array().unwrap().last().unwrap(),
    ));
    let mut components = serde_json::Map::new();
    for component in locked["components"].as_array().unwrap() {
        let id = component["id"].as_str().unwrap();
        std::fs::write(folder.join(id), blob(files, &component["source"])).unwrap();
        let described = json!({
            "source": id,
            "allowed_outbound_hosts": component["metadata"]["allowed_outbound_hosts"],
            "variables": component["config"],
        });
        components.insert(id.to_owned(), described);
    }
    let mut variables = locked["variables"].clone();
    for (_, variable) in variables.as_object_mut().unwrap() {
        let is_required = variable.get("default").is_none();
        variable["required"] = json!(is_required);
    }
    let triggers = locked["triggers"].as_array().unwrap().iter();
    let triggers: Vec<&Value> = triggers.map(|trigger| &trigger["trigger_config"]).collect();
    let manifest = json!({
        "spin_manifest_version": 2,
        "application": {"name": locked["metadata"]["name"]},
        "variables": variables,
        "trigger": {"http": triggers},
        "component": components,
    });
    std::fs::write(
        folder.join("spin.toml"),
        toml::to_string(&manifest).unwrap(),
    )
    .unwrap();
}

/// The functions of a folder register a cluster of this tenant and read it back.
async fn runs(folder: &Path, tenant: &Tenant, name: &str) {
    let host = sandbox(
        &folder.join("spin.toml"),
        &tenant.variables(),
        &Log::default(),
    )
    .await;
    let url = format!("{}/api/v1/clusters/{name}", host.url());
    let body = tests::guide("v0.4", name);
    let token = &tenant.gitlab.tokens().maintainer;
    let client = tests::http_client();
    let save = client
        .post(&url)
        .bearer_auth(token)
        .header("content-type", "application/json");
    let saved = save.body(body).send().await.unwrap();
    assert_eq!(saved.status(), 200, "{}", saved.text().await.unwrap());
    let read = client.get(&url).bearer_auth(token).send().await.unwrap();
    assert_eq!(read.status(), 200, "{}", read.text().await.unwrap());
}

#[tokio::test]
async fn what_a_release_holds_runs() {
    if skipped("a release is made of the components of spin.toml") {
        return;
    }
    // Builds the components where they are not up to date.
    let tenant = Tenant::start().await;
    let files = application_files(workspace()).unwrap();
    let folder = TempDir::new().unwrap();
    let plain = folder.path().join("plain");
    write(&files, &plain).unwrap();
    runs(&plain, &tenant, NAME).await;
    unpack(&files, folder.path());
    runs(folder.path(), &tenant, NAME).await;
}
