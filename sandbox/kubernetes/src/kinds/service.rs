//! Services: cluster address and target ports.

use serde_json::{Value, json};

use crate::object;

pub(super) fn prepare(live: Option<&Value>, object: &mut Value) {
    let address = cluster_address(live, object);
    let spec = object::child_mut(object, "spec");
    if let Some(address) = address {
        spec.insert("clusterIPs".into(), json!([address]));
        spec.insert("clusterIP".into(), address.into());
    }
    for port in spec
        .get_mut("ports")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(port) = port.as_object_mut()
            && !port.contains_key("targetPort")
        {
            let target = port.get("port").cloned().unwrap_or_default();
            port.insert("targetPort".into(), target);
        }
    }
    object.as_object_mut().map(|map| {
        map.entry("status")
            .or_insert_with(|| json!({ "loadBalancer": {} }))
    });
}

/// The given or earlier address; a new one is made from the uid, so that it is stable and nearly unique.
fn cluster_address(live: Option<&Value>, object: &Value) -> Option<String> {
    if object::text(object, "/spec/type") == "ExternalName" {
        return None;
    }
    let given = object::text(object, "/spec/clusterIP");
    let earlier = live
        .map(|live| object::text(live, "/spec/clusterIP"))
        .unwrap_or_default();
    match [given, earlier]
        .into_iter()
        .find(|address| !address.is_empty())
    {
        Some(address) => Some(address.to_owned()),
        None => {
            let sum = object::uid(object).bytes().fold(7_u16, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(byte.into())
            });
            Some(format!("10.96.{}.{}", sum >> 8, (sum & 0xff).max(1)))
        }
    }
}
