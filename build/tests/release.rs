//! An OCI image layout is read back as a registry's client does: from its index, every blob by its digest.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by it"
)]

use build::manifest::SpinManifest;
use build::release::{Files, checksums, locked, oci, sha256, write};
use build::workspace;
use serde_json::Value;
use std::collections::BTreeMap;

fn application() -> SpinManifest {
    SpinManifest::load(&workspace().join("spin.toml")).unwrap()
}

/// Bytes in place of each component that is served, two of them the same.
fn components(manifest: &SpinManifest) -> BTreeMap<String, Vec<u8>> {
    let served = manifest.served().enumerate();
    served
        .map(|(index, (id, _))| (id.to_owned(), vec![u8::try_from(index.max(1)).unwrap(); 9]))
        .collect()
}

fn layout(manifest: &SpinManifest) -> oci::ImageLayout {
    let components = components(manifest);
    let digest = |bytes: &Vec<u8>| format!("sha256:{}", sha256(bytes));
    let digests = components
        .iter()
        .map(|(id, bytes)| (id.clone(), digest(bytes)));
    let locked = locked::locked_application(manifest, &digests.collect());
    oci::layout(&manifest.application, components.values(), &locked)
}

/// The blob that a descriptor names, as long and with the digest that it says.
fn blob<'a>(files: &'a Files, descriptor: &Value) -> &'a [u8] {
    let digest = descriptor["digest"].as_str().unwrap();
    let digest = digest.strip_prefix("sha256:").unwrap();
    let bytes = files.get(&format!("blobs/sha256/{digest}")).expect(digest);
    assert_eq!(sha256(bytes), digest);
    assert_eq!(descriptor["size"], bytes.len());
    bytes
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_layout_is_read_back_from_its_index() {
    let manifest = application();
    let oci::ImageLayout { files, digest } = layout(&manifest);
    assert_eq!(json(&files["oci-layout"])["imageLayoutVersion"], "1.0.0");
    let index = json(&files["index.json"]);
    assert_eq!(index["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(index["manifests"][0]["digest"], digest);
    let image = json(blob(&files, &index["manifests"][0]));
    let config = json(blob(&files, &image["config"]));
    let layers = image["layers"].as_array().unwrap();

    // The last layer is the application, and the image says which; the others are what it is made of.
    let (last, wasm) = layers.split_last().unwrap();
    assert_eq!(
        config["config"]["Labels"]["com.fermyon.spin.lockedAppDigest"],
        last["digest"]
    );
    let there: Vec<&Value> = wasm.iter().map(|layer| &layer["digest"]).collect();
    let locked = json(blob(&files, last));
    for component in locked["components"].as_array().unwrap() {
        assert!(
            there.contains(&&component["source"]["digest"]),
            "{component}"
        );
    }
    let expected = components(&manifest);
    let read: Vec<&[u8]> = wasm.iter().map(|layer| blob(&files, layer)).collect();
    assert!(
        expected
            .values()
            .all(|bytes| read.contains(&bytes.as_slice()))
    );
    // Equal bytes are one layer, so the blobs are the image, its configuration and its layers, and no other.
    assert_eq!(read.len(), expected.len() - 1);
    let blobs = files
        .keys()
        .filter(|path| path.starts_with("blobs/"))
        .count();
    assert_eq!(blobs, layers.len() + 2);
}

#[test]
fn the_locked_application_is_the_manifests() {
    let manifest = application();
    let files = layout(&manifest).files;
    let index = json(&files["index.json"]);
    let image = json(blob(&files, &index["manifests"][0]));
    let locked = json(blob(
        &files,
        image["layers"].as_array().unwrap().last().unwrap(),
    ));
    assert_eq!(locked["metadata"]["name"], "nautes-clusters");
    // Libraries are in the functions, and only these are served.
    let components = locked["components"].as_array().unwrap();
    let ids: Vec<&str> = components
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.contains(&"gateway") && !ids.contains(&"validate"),
        "{ids:?}"
    );
    for component in components {
        let described = &manifest.component[component["id"].as_str().unwrap()];
        assert_eq!(
            component["metadata"]["allowed_outbound_hosts"],
            serde_json::json!(described.allowed_outbound_hosts)
        );
        assert_eq!(component["config"], serde_json::json!(described.variables));
    }
    let gateway = components.iter().find(|it| it["id"] == "gateway").unwrap();
    assert_eq!(
        gateway["host_requirements"]["local_service_chaining"],
        "required"
    );
    let trigger = &locked["triggers"][0];
    assert_eq!(trigger["id"], "gateway-http-trigger");
    assert_eq!(trigger["trigger_config"]["route"], "/...");
    let token = &locked["variables"]["kubernetes_token"];
    assert_eq!(*token, serde_json::json!({"secret": true}));
    assert_eq!(locked["variables"]["delivery"]["default"], "commit");
}

#[test]
fn the_same_components_give_the_same_bytes() {
    let manifest = application();
    assert!(layout(&manifest).files == layout(&manifest).files);
}

#[test]
fn a_folder_is_written_once_and_checked_by_its_sums() {
    let folder = std::env::temp_dir().join(format!("nautes-release-{}", std::process::id()));
    let files: Files = [("a/b.wasm".to_owned(), vec![1]), ("c".to_owned(), vec![])].into();
    write(&files, &folder).unwrap();
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums, checksums(&files));
    for line in sums.lines() {
        let (sum, path) = line.split_once("  ").unwrap();
        assert_eq!(sha256(&std::fs::read(folder.join(path)).unwrap()), sum);
    }
    let again = write(&files, &folder).unwrap_err().to_string();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(again.ends_with("is not empty"), "{again}");
}
