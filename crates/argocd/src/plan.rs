//! In which order objects are put into the management cluster and taken out again.

mod install;
mod uninstall;

use http::Request;
use serde_json::Value;

pub use install::{Access, Install, install};
pub use uninstall::{Own, Owner, Uninstall, own, owners, tenant_removal, uninstall};

use crate::objects::{CredentialsError, with_stored_config};
use kubernetes::api::Api;
use kubernetes::error::{Conflict, Error, Verb};
use kubernetes::kind::Target;

/// One request to the API server. Each may be repeated.
#[derive(Clone, PartialEq)]
pub struct Step {
    /// The object.
    pub target: Target,
    /// What to do with it.
    pub change: Change,
    /// Which failure leaves the rest of the plan worth doing.
    pub tolerated: Tolerated,
}

/// What to do with an object.
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
    Delete,
}

/// Which failure is not worth stopping for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerated {
    /// None.
    Nothing,
    /// The object, or its kind, is not there.
    Missing,
    /// Its CRD is not installed: a warning.
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
            Change::Delete => "delete",
        };
        write!(f, "{word} {}", self.target)?;
        match self.tolerated {
            Tolerated::Nothing => Ok(()),
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
    pub fn request(&self, api: &Api) -> Request<Vec<u8>> {
        match &self.change {
            Change::Apply { object, force } => api.apply(&self.target, object, *force),
            Change::ApplyWithStoredConfig { .. } => api.get(&self.target),
            Change::Patch(patch) => api.merge_patch(&self.target, patch),
            Change::Delete => api.delete(&self.target, None),
        }
    }

    /// What the request does, for [`Error::explain`].
    #[must_use]
    pub fn verb(&self) -> Verb {
        match &self.change {
            Change::Apply { .. } => Verb::Apply,
            Change::ApplyWithStoredConfig { .. } => Verb::Get,
            Change::Patch(_) => Verb::Patch,
            Change::Delete => Verb::Delete,
        }
    }

    /// Whether the plan goes on after this failure.
    #[must_use]
    pub fn tolerates(&self, error: &Error) -> bool {
        match self.tolerated {
            Tolerated::Nothing => false,
            Tolerated::Missing => matches!(error, Error::NotFound { .. } | Error::KindMissing),
            Tolerated::KindMissing => *error == Error::KindMissing,
            Tolerated::FieldConflict => matches!(error, Error::Conflict(Conflict::Fields(_))),
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
        Ok(Self::apply(target, object, true, self.tolerated))
    }

    fn apply(target: Target, object: Value, force: bool, tolerated: Tolerated) -> Self {
        Self {
            target,
            change: Change::Apply { object, force },
            tolerated,
        }
    }

    fn delete(target: Target) -> Self {
        Self {
            target,
            change: Change::Delete,
            tolerated: Tolerated::Missing,
        }
    }

    fn patch(target: Target, patch: Value) -> Self {
        Self {
            target,
            change: Change::Patch(patch),
            tolerated: Tolerated::Missing,
        }
    }
}

#[cfg(test)]
mod tests;
