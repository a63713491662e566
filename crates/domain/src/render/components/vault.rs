//! The injector of Vault. Vault itself runs elsewhere.

use serde_json::json;

use super::Special;
use crate::render::context::Context;
use crate::render::objects::{base64, set};

pub fn special(context: &Context<'_>) -> Special {
    let address = set(&context.settings.vault_url);
    // Injected agents ask Vault by this address: they need its certificates as well.
    let certificates = set(&context.settings.ca_bundle)
        .map(|bundle| json!({"AGENT_INJECT_VAULT_CACERT_BYTES": base64(bundle)}));
    let path = format!("auth/{}", context.cluster.name);
    Special {
        values: Some(json!({
            "global": {"enabled": false, "externalVaultAddr": address},
            "injector": {
                "enabled": true,
                "authPath": path,
                "extraEnvironmentVars": certificates,
            },
        })),
        // The injector makes its own certificate and writes it there.
        ignore_differences: Some(json!([{
            "group": "admissionregistration.k8s.io",
            "kind": "MutatingWebhookConfiguration",
            "jsonPointers": ["/webhooks/0/clientConfig/caBundle"],
        }])),
        ..Special::default()
    }
}
