//! The application as an OCI image layout: a folder from which `skopeo copy oci:…` or `oras cp --from-oci-layout` puts it into a
//! registry, where `spin up --from` and SpinKube find what `spin registry push` would have put there.
//!
//! Sources: the OCI image specification 1.1, `image-layout.md` and `manifest.md`; `crates/oci/src/client.rs` of Spin, as of
//! 4.1.0-pre0. There is no date in it: the same components give the same bytes.

use super::{Files, sha256};
use crate::manifest::ManifestApplication;
use serde_json::{Value, json};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const COMPONENT: &str = "application/vnd.wasm.content.layer.v1+wasm";
const LOCKED_APPLICATION: &str = "application/vnd.fermyon.spin.application.v1+config";

/// The files of a layout, and the digest of the image in it.
pub struct ImageLayout {
    /// By path below the layout's folder.
    pub files: Files,
    /// `sha256:…` of the image's manifest: what a deployment pins.
    pub digest: String,
}

/// Puts together a layout of composed components and the locked application that names them by digest.
#[must_use]
pub fn layout<'a>(
    application: &ManifestApplication,
    components: impl IntoIterator<Item = &'a Vec<u8>>,
    locked: &Value,
) -> ImageLayout {
    let mut blobs = ImageBlobs::default();
    let mut layers: Vec<Value> = Vec::new();
    for component in components {
        let layer = blobs.add(COMPONENT, component.clone()).describe();
        if !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    let locked = blobs.add(LOCKED_APPLICATION, locked.to_string().into_bytes());
    layers.push(locked.describe());
    let config = json!({
        "architecture": "wasm",
        "os": "Wasip1",
        "config": {"Labels": {"com.fermyon.spin.lockedAppDigest": locked.digest}},
        "rootfs": {"type": "layers", "diff_ids": []},
    });
    let config = blobs.add(CONFIG, config.to_string().into_bytes());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.describe(),
        "layers": layers,
        "annotations": {
            "org.opencontainers.image.title": application.name,
            "org.opencontainers.image.version": application.version,
            "org.opencontainers.image.description": application.description,
        },
    });
    let manifest = blobs.add(MANIFEST, manifest.to_string().into_bytes());
    let index = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [manifest.describe_as(&application.version)],
    });
    let mut files = blobs.0;
    let marker = json!({"imageLayoutVersion": "1.0.0"});
    files.insert("oci-layout".to_owned(), marker.to_string().into_bytes());
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    ImageLayout {
        files,
        digest: manifest.digest,
    }
}

#[derive(Default)]
struct ImageBlobs(Files);

impl ImageBlobs {
    fn add(&mut self, media_type: &'static str, bytes: Vec<u8>) -> BlobDescriptor {
        let (digest, size) = (sha256(&bytes), bytes.len());
        self.0.insert(format!("blobs/sha256/{digest}"), bytes);
        BlobDescriptor {
            media_type,
            digest: format!("sha256:{digest}"),
            size,
        }
    }
}

/// How one blob names another.
struct BlobDescriptor {
    media_type: &'static str,
    digest: String,
    size: usize,
}

impl BlobDescriptor {
    fn describe(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest, "size": self.size})
    }

    /// With the name that tools know an image by inside of its layout.
    fn describe_as(&self, name: &str) -> Value {
        json!({
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size,
            "annotations": {"org.opencontainers.image.ref.name": name},
        })
    }
}
