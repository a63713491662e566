//! Changing objects: create, update, patch, apply, delete, with the API server's checks in its order.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::managers::WriteContext;
use crate::resource::{ApiResource, ObjectKey};
use crate::status::StatusError;
use crate::store::StoreState;

mod create;
mod decode;
mod delete;
mod patch;
mod update;

pub use create::create;
pub use decode::{FieldValidation, decode};
pub use delete::{
    DeleteOptions, DeleteOutcome, DeletionPropagation, FOREGROUND, ORPHAN, delete, mark_or_remove,
    remove_finalizer,
};
pub use patch::{Patch, patch};
pub use update::update;

/// A write as the request describes it.
#[derive(Debug, Clone)]
pub struct WriteRequest {
    /// Resource that is written.
    pub resource: Arc<ApiResource>,
    /// Namespace of the path; empty for cluster-scoped resources.
    pub namespace: String,
    /// Name of the path; empty for creations.
    pub name: String,
    /// `status`, or empty.
    pub subresource: String,
    /// Field manager.
    pub manager: String,
    /// Check everything, store nothing.
    pub dry_run: bool,
    /// Treatment of unknown fields.
    pub field_validation: FieldValidation,
    /// Time of the request.
    pub now: String,
}

/// A finished write.
#[derive(Debug, Clone)]
pub struct WriteOutcome {
    /// The object afterwards.
    pub object: Arc<Value>,
    /// True for a new object.
    pub created: bool,
    /// Texts for `Warning` headers.
    pub warnings: Vec<String>,
}

impl WriteRequest {
    /// A write by this process itself: for good, and lenient about unknown fields.
    pub fn new(resource: Arc<ApiResource>, namespace: &str, name: &str, manager: &str) -> Self {
        Self {
            resource,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            subresource: String::new(),
            manager: manager.to_owned(),
            dry_run: false,
            field_validation: FieldValidation::Ignore,
            now: crate::object::now(),
        }
    }

    fn key(&self) -> ObjectKey {
        ObjectKey::new(&self.namespace, &self.name)
    }

    fn live(&self, state: &StoreState) -> Result<Arc<Value>, StatusError> {
        state
            .get(&self.resource.id, &self.key())
            .ok_or_else(|| StatusError::not_found(&self.resource.id, &self.name))
    }

    fn context<'a>(&'a self, api_version: &'a str) -> WriteContext<'a> {
        WriteContext {
            schema: &self.resource.schema,
            api_version,
            subresource: &self.subresource,
            has_status: self.resource.status,
            now: &self.now,
        }
    }
}

/// A random identifier for `metadata.uid`.
pub fn new_uid() -> String {
    Uuid::new_v4().to_string()
}
