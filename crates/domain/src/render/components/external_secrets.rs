//! External Secrets, with the store that everything in the cluster takes its secrets from.

use crate::Component;
use serde_json::json;

use super::Special;
use crate::render::context::Context;
use crate::render::overlay::Overlay;
use crate::render::secrets;

pub fn special(context: &Context<'_>, component: &Component) -> Special {
    let mut overlay = Overlay::default();
    let store = secrets::store(context, &component.namespace);
    let store = store.into_iter().collect();
    overlay.resources.insert("cluster-secret-store.yaml", store);
    Special {
        values: Some(json!({
            "serviceAccount": {"name": secrets::SERVICE_ACCOUNT},
            // Vault asks a worker about tokens by an account of its own (`vault-auth`), a host by this one.
            "systemAuthDelegator": context.is_host(),
        })),
        overlay: Some(overlay),
        ..Special::default()
    }
}
