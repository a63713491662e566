//! In which order objects are put into the management cluster and taken out again.

mod install;
mod uninstall;

use domain::Settings;
use http::Request;
use serde_json::Value;

pub use install::{ClusterAccess, InstallInput, install};
pub use uninstall::{
    GeneratedApplication, OwningApplication, UninstallInput, generated_application,
    owning_applications, refresh_host, tenant_removal, uninstall,
};

use crate::objects::{CredentialsError, with_stored_config};
use crate::ownership;
use kubernetes::api::{ClusterApi, NEW};
use kubernetes::error::{Error, Verb, WriteConflict};
use kubernetes::kind::{Kind, Target};

/// One request to the API server. Each may be repeated.
#[derive(Clone, PartialEq)]
pub struct Step {
    /// The object.
    pub target: Target,
    /// Change to make to the object.
    pub change: Change,
    /// Which failure leaves the rest of the plan worth doing.
    pub tolerated: ToleratedError,
}

/// Change of one object.
#[derive(Clone, PartialEq)]
pub enum Change {
    /// Apply it.
    Apply {
        /// The object. May hold credentials.
        object: Value,
        /// Take fields over from other managers.
        force: bool,
    },
    /// Read the Secret [`Step::target`], then go on with [`Step::with_stored`].
    ApplyWithStoredConfig {
        /// The Secret to be applied, without its credentials.
        object: Value,
    },
    /// Merge patch it.
    Patch(Value),
    /// Delete it.
    Delete {
        /// Only the object of this uid, and not one that has taken its name.
        uid: Option<String>,
    },
}

/// Which failure is not worth stopping for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToleratedError {
    /// None.
    Nothing,
    /// The object, or its kind, is not there.
    Missing,
    /// The object's CRD is not installed: a warning.
    KindMissing,
    /// Somebody else manages the fields: a warning, and theirs stay.
    FieldConflict,
}

/// Objects may hold credentials, so only the outline is shown.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match &self.change {
            Change::Apply { force: true, .. } => "force",
            Change::Apply { .. } => "apply",
            Change::ApplyWithStoredConfig { .. } => "keep",
            Change::Patch(_) => "patch",
            Change::Delete { .. } => "delete",
        };
        write!(f, "{word} {}", self.target)?;
        match self.tolerated {
            ToleratedError::Nothing => Ok(()),
            tolerated => write!(f, " unless {tolerated:?}"),
        }
    }
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Change(…)")
    }
}

impl Step {
    /// The request: for [`Change::ApplyWithStoredConfig`] the one that reads the Secret.
    #[must_use]
    pub fn request(&self, api: &ClusterApi) -> Request<Vec<u8>> {
        match &self.change {
            Change::Apply { object, force } => api.apply(&self.target, object, *force),
            Change::ApplyWithStoredConfig { .. } => api.get(&self.target),
            Change::Patch(patch) => api.merge_patch(&self.target, patch),
            Change::Delete { uid } => api.delete(&self.target, uid.as_deref()),
        }
    }

    /// Verb of the request, for [`Error::explain`].
    #[must_use]
    pub fn verb(&self) -> Verb {
        match &self.change {
            Change::Apply { object, .. } if is_new(object) => Verb::Create,
            Change::Apply { .. } => Verb::Apply,
            Change::ApplyWithStoredConfig { .. } => Verb::Get,
            Change::Patch(_) => Verb::Patch,
            Change::Delete { .. } => Verb::Delete,
        }
    }

    /// Tells whether the step's object was looked at and is there.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match &self.change {
            Change::Delete { uid } => uid.is_some(),
            Change::Patch(patch) => patch.pointer("/metadata/uid").is_some(),
            Change::Apply { .. } | Change::ApplyWithStoredConfig { .. } => false,
        }
    }

    /// Tells whether the plan goes on after this failure.
    #[must_use]
    pub fn tolerates(&self, error: &Error) -> bool {
        match self.tolerated {
            ToleratedError::Nothing => false,
            ToleratedError::Missing
                if matches!(error, Error::Conflict(WriteConflict::Changed { .. })) =>
            {
                // What has taken its name meanwhile is somebody else's.
                matches!(self.change, Change::Delete { .. })
            }
            ToleratedError::Missing => matches!(error, Error::NotFound { .. } | Error::KindMissing),
            ToleratedError::KindMissing => *error == Error::KindMissing,
            ToleratedError::FieldConflict => {
                matches!(error, Error::Conflict(WriteConflict::Fields(_)))
            }
        }
    }

    /// The step that follows [`Change::ApplyWithStoredConfig`] when the Secret has been read; any
    /// other step stays as it is.
    pub fn with_stored(self, stored: &Value) -> Result<Self, CredentialsError> {
        let Change::ApplyWithStoredConfig { object } = self.change else {
            return Ok(self);
        };
        let object = with_stored_config(object, stored)?;
        let target = Target::of(&object).unwrap_or(self.target);
        let version = stored
            .pointer(RESOURCE_VERSION_POINTER)
            .and_then(Value::as_str);
        let is_same_secret = stored.pointer("/metadata/name") == object.pointer("/metadata/name");
        let object = match version.filter(|_| is_same_secret) {
            Some(version) => with_resource_version(object, version),
            None => object,
        };
        let force = object.pointer("/metadata/uid").is_some();
        Ok(Self::apply(target, object, force, self.tolerated))
    }

    /// Applies an object that was looked at, or creates one that was not there. Fields of others are taken over
    /// only of one that is known: who creates the same in between keeps it.
    fn apply_known(
        target: Target,
        object: Value,
        uid: Option<&str>,
        tolerated: ToleratedError,
    ) -> Self {
        Self::apply(target, known(object, uid), uid.is_some(), tolerated)
    }

    /// True where the API server refused a versioned write: the object was to be new and is there, or was written after it was read.
    #[must_use]
    pub fn is_taken(&self, error: &Error) -> bool {
        let is_versioned = match &self.change {
            Change::Apply { object, .. } => object.pointer(RESOURCE_VERSION_POINTER).is_some(),
            _ => false,
        };
        matches!(error, Error::Conflict(_)) && is_versioned
    }

    /// Returns the step that follows where [`Self::is_taken`], given the object that is `there`. Where that is ours and the same
    /// cluster's, another request came first, or an answer was lost, and the step applies it as one that is known. `None`: it is somebody
    /// else's, or a Secret with credentials of another save, which may be the later one.
    #[must_use]
    pub fn of_existing(&self, there: &Value, settings: &Settings) -> Option<Self> {
        let Change::Apply { object, .. } = &self.change else {
            return None;
        };
        let uid = there.pointer("/metadata/uid").and_then(Value::as_str)?;
        let mut object = object.clone();
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            metadata.remove(RESOURCE_VERSION);
        }
        let is_same = ownership::is_same(there, &object, settings)
            && (self.target.kind != Kind::SECRET
                || ownership::hold_same_credentials(there, &object));
        is_same.then(|| {
            let object = with_uid(object, Some(uid));
            Self::apply(self.target.clone(), object, true, self.tolerated)
        })
    }

    /// A deletion of its object where it has this uid.
    #[must_use]
    pub fn of_uid(self, uid: &str) -> Self {
        Self::delete(self.target, Some(uid))
    }

    fn apply(target: Target, object: Value, force: bool, tolerated: ToleratedError) -> Self {
        Self {
            target,
            change: Change::Apply { object, force },
            tolerated,
        }
    }

    fn delete(target: Target, uid: Option<&str>) -> Self {
        let uid = uid.map(str::to_owned);
        Self {
            target,
            change: Change::Delete { uid },
            tolerated: ToleratedError::Missing,
        }
    }

    fn patch(target: Target, patch: Value, uid: &str) -> Self {
        Self {
            target,
            change: Change::Patch(with_uid(patch, Some(uid))),
            tolerated: ToleratedError::Missing,
        }
    }
}

/// Name of the member of `metadata` that holds a version.
const RESOURCE_VERSION: &str = "resourceVersion";
const RESOURCE_VERSION_POINTER: &str = "/metadata/resourceVersion";

/// An object that was looked at, by its uid; or else one that must not be there yet.
pub(crate) fn known(mut object: Value, uid: Option<&str>) -> Value {
    if uid.is_none() {
        object = with_resource_version(object, NEW);
    }
    with_uid(object, uid)
}

/// An object that the API server takes as long as nothing else has been written in its place.
fn with_resource_version(mut object: Value, version: &str) -> Value {
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.insert(RESOURCE_VERSION.to_owned(), version.into());
    }
    object
}

fn is_new(object: &Value) -> bool {
    object
        .pointer(RESOURCE_VERSION_POINTER)
        .and_then(Value::as_str)
        == Some(NEW)
}

/// An object or merge patch that the API server takes for the object of this uid alone: it answers 422 where another
/// one has the name (`metadata.uid` is immutable), 409 where none has it any more (`applyPatch` in Kubernetes'
/// `endpoints/handlers/patch.go`).
pub(crate) fn with_uid(mut object: Value, uid: Option<&str>) -> Value {
    if let (Some(uid), Some(Value::Object(metadata))) = (uid, object.get_mut("metadata")) {
        metadata.insert("uid".to_owned(), uid.into());
    }
    object
}

#[cfg(test)]
mod tests;
