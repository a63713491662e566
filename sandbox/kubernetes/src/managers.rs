//! `metadata.managedFields`: who set which field, server-side apply and its conflicts.
//!
//! Rules: <https://kubernetes.io/docs/reference/using-api/server-side-apply/>. Owners are kept per leaf and per
//! element of an associative list; what a real API server records of the structs between is left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::schema::SchemaNode;

mod apply;
mod conflict;
mod encoding;
mod fields;
mod merge;

pub use apply::{apply, track_update};
pub use merge::strategic_merge;

use fields::{FieldSet, Leaves, leaves};

/// Facts about a write, for the bookkeeping.
#[derive(Debug, Clone, Copy)]
pub struct WriteContext<'a> {
    /// Schema of the object.
    pub schema: &'a SchemaNode,
    /// `apiVersion` of the request.
    pub api_version: &'a str,
    /// Subresource of the request, such as `status`; else empty.
    pub subresource: &'a str,
    /// The resource has a status subresource, so that the main endpoint never owns `status`.
    pub has_status: bool,
    /// Time of the request, RFC 3339.
    pub now: &'a str,
}

/// Fields of `metadata` that the server sets itself; they belong to nobody.
const SYSTEM_FIELDS: [&str; 11] = [
    "name",
    "generateName",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];

impl WriteContext<'_> {
    /// The leaves of an object that a manager can own through this endpoint.
    fn ownable<'v>(&self, object: &'v Value) -> Leaves<'v> {
        let mut leaves = leaves(object, self.schema);
        leaves.retain(|path, _| {
            let field = |at: usize| path.get(at).and_then(|step| step.strip_prefix("f:"));
            match field(0).unwrap_or_default() {
                "apiVersion" | "kind" => false,
                "metadata" => {
                    self.subresource.is_empty()
                        && !field(1).is_some_and(|name| SYSTEM_FIELDS.contains(&name))
                }
                "status" => self.subresource == "status" || !self.has_status,
                _ => self.subresource.is_empty(),
            }
        });
        leaves
    }
}

/// Owner of an entry. An applier is the same one whatever version it applies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ManagerId {
    /// `Apply` or `Update`.
    operation: String,
    /// `fieldManager`, or the start of the user agent.
    name: String,
    /// `apiVersion` it writes; empty for appliers.
    api_version: String,
    /// Subresource it writes through.
    subresource: String,
}

impl ManagerId {
    fn new(name: &str, operation: &str, context: &WriteContext<'_>) -> Self {
        let version = if operation == "Apply" {
            ""
        } else {
            context.api_version
        };
        Self {
            operation: operation.to_owned(),
            name: name.to_owned(),
            api_version: version.to_owned(),
            subresource: context.subresource.to_owned(),
        }
    }
}

/// Fields of a manager.
#[derive(Debug, Clone, PartialEq)]
struct OwnedFields {
    set: FieldSet,
    api_version: String,
    /// Last change, RFC 3339.
    time: String,
}

/// All managers of an object.
#[derive(Debug, Clone, Default, PartialEq)]
struct ManagerSet(BTreeMap<ManagerId, OwnedFields>);

impl ManagerSet {
    /// Reads `metadata.managedFields`; entries that make no sense count as none.
    fn of(object: &Value) -> Self {
        let entries = crate::object::list(object, "/metadata/managedFields");
        Self(entries.iter().filter_map(decode_entry).collect())
    }

    /// Writes `metadata.managedFields`: appliers first, each kind by time and name, as the API server does.
    fn store(mut self, object: &mut Value) {
        self.0.retain(|_, owned| !owned.set.is_empty());
        let mut entries: Vec<_> = self.0.iter().collect();
        entries
            .sort_by_key(|(id, owned)| (id.operation.clone(), owned.time.clone(), (*id).clone()));
        let encoded = entries
            .into_iter()
            .map(|(id, owned)| encode_entry(id, owned));
        let metadata = crate::object::metadata_mut(object);
        crate::object::set_or_remove(metadata, "managedFields", encoded.collect::<Vec<_>>());
    }

    /// Takes fields away from everyone but `except`.
    fn release(&mut self, fields: &FieldSet, except: Option<&ManagerId>) {
        let others = self.0.iter_mut().filter(|(id, _)| Some(*id) != except);
        for (_, owned) in others {
            owned.set.retain(|path| !fields.contains(path));
        }
    }
}

fn decode_entry(entry: &Value) -> Option<(ManagerId, OwnedFields)> {
    let text = |name: &str| crate::object::text(entry, &format!("/{name}")).to_owned();
    let (operation, api_version) = (text("operation"), text("apiVersion"));
    if !matches!(operation.as_str(), "Apply" | "Update") || api_version.is_empty() {
        return None;
    }
    let own_version = if operation == "Apply" {
        String::new()
    } else {
        api_version.clone()
    };
    let id = ManagerId {
        operation,
        name: text("manager"),
        api_version: own_version,
        subresource: text("subresource"),
    };
    let owned = OwnedFields {
        set: encoding::decode(entry.get("fieldsV1")?),
        api_version,
        time: text("time"),
    };
    Some((id, owned))
}

fn encode_entry(id: &ManagerId, owned: &OwnedFields) -> Value {
    let mut entry = json!({
        "manager": id.name, "operation": id.operation, "apiVersion": owned.api_version,
        "fieldsType": "FieldsV1", "fieldsV1": encoding::encode(&owned.set),
    });
    for (field, text) in [("subresource", &id.subresource), ("time", &owned.time)] {
        let value = (!text.is_empty()).then(|| Value::from(text.clone()));
        crate::object::set_field(&mut entry, field, value);
    }
    entry
}

fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    crate::object::metadata_mut(&mut object).remove("managedFields");
    object
}
