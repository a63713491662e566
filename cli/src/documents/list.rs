//! Answers of the service as files: what `get -o yaml` and `-o json` print goes back into `apply`.

use serde_json::{Map, Value};

/// Members of an answer that are no fields of a request.
const TOLD_BY_SERVICE: [&str; 3] = ["status", "created_at", "last_commit"];

/// Takes the items out of a list of clusters: the service's own, or a `kind: List` of manifests. `None` for what is no list.
pub(super) fn take_items(value: &mut Value) -> Option<Vec<Value>> {
    let kind = value.get("kind").and_then(Value::as_str);
    let is_list = match kind {
        Some(kind) => ["List", "ClusterList"].contains(&kind),
        None => !super::has_request_field(value),
    };
    let items = value.get_mut("items").filter(|_| is_list)?;
    Some(std::mem::take(items.as_array_mut()?))
}

/// Leaves out what the service tells of a cluster and would call unknown in a request. Tells whether there was any of it.
pub(super) fn leave_out_told(fields: &mut Map<String, Value>) -> bool {
    let told = TOLD_BY_SERVICE.iter();
    let removed = told.filter(|name| fields.remove(**name).is_some());
    removed.count() > 0
}
