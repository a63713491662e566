//! `metadata.managedFields`: which manager set which field, server-side apply and its conflicts.
//!
//! Rules: <https://kubernetes.io/docs/reference/using-api/server-side-apply/>.

use serde_json::{Value, json};

use crate::fields::{Element, FieldSet};
use crate::schema::Schema;
use crate::typed;

mod apply;
mod conflict;
mod managers;
mod track;

pub use apply::apply;
pub use track::track_update;

/// What a write is about, for the bookkeeping.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Schema of the object.
    pub schema: &'a Schema,
    /// `apiVersion` of the request.
    pub api_version: &'a str,
    /// Subresource of the request, such as `status`; else empty.
    pub subresource: &'a str,
    /// The resource has a status subresource, so that the main endpoint never owns `status`.
    pub has_status: bool,
    /// Time of the request, RFC 3339.
    pub now: &'a str,
}

impl Context<'_> {
    /// Leaves out fields that no manager owns through this endpoint.
    fn ownable(&self, mut set: FieldSet) -> FieldSet {
        let status = [Element::field("status")];
        if self.subresource == "status" {
            set = set.keep_below(&status);
        } else if self.has_status {
            set.remove_below(&status);
        }
        without_system_fields(set)
    }

    fn empty_object(&self, like: &Value) -> Value {
        json!({ "apiVersion": self.api_version, "kind": like.get("kind") })
    }
}

/// Names and the fields the server sets itself belong to nobody.
fn without_system_fields(mut set: FieldSet) -> FieldSet {
    for name in ["apiVersion", "kind", "metadata"] {
        set.members.remove(&Element::field(name));
    }
    let names = [
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
    for name in names {
        set.remove_below(&[Element::field("metadata"), Element::field(name)]);
    }
    set
}

fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    object
}

fn compare(old: &Value, new: &Value, context: &Context<'_>) -> typed::Comparison {
    let mut comparison = typed::compare(old, new, Some(context.schema));
    comparison.added = context.ownable(comparison.added);
    comparison.modified = context.ownable(comparison.modified);
    comparison
}
