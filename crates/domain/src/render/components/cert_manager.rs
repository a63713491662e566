//! cert-manager: the chart leaves its CRDs out unless told otherwise.

use serde_json::json;

use super::Special;

pub fn special() -> Special {
    Special {
        values: Some(json!({"crds": {"enabled": true}})),
        ..Special::default()
    }
}
