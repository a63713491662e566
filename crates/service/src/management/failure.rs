//! Why a step in the management cluster did not succeed.

use api::Reason;
use argocd::objects::CredentialsError;
use kubernetes::error::WriteConflict;
use kubernetes::{Error, Target, Verb};

use crate::problem::Problem;
use crate::runtime::TransportError;

/// Why a step did not succeed. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The API server said no.
    Answer {
        /// Why.
        error: Error,
        /// Verb of the call.
        verb: Verb,
        /// With which object.
        target: Box<Target>,
    },
    /// The API server said nothing.
    NoAnswer {
        /// Why.
        error: TransportError,
        /// Verb of the call.
        verb: Verb,
        /// With which object.
        target: Box<Target>,
    },
    /// Credentials that Argo CD could not use.
    Credentials(CredentialsError),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answer {
                error,
                verb,
                target,
            } => f.write_str(&error.explain(*verb, target)),
            Self::NoAnswer {
                error,
                verb,
                target,
            } => write!(f, "could not {}: {error}", verb.on(target)),
            Self::Credentials(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

impl From<CredentialsError> for Failure {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

impl Failure {
    /// Text for a reader of the project. Names of Secrets, accounts and grants are for the operator, in the log.
    #[must_use]
    pub fn for_readers(&self) -> &'static str {
        match self {
            Self::Answer {
                error: Error::Unauthorized | Error::Forbidden { .. },
                ..
            } => "the management cluster refuses to tell it: the log says what is to be granted",
            Self::NoAnswer { .. } => "the management cluster does not answer: the log says why",
            _ => "the management cluster can't be asked: the log says why",
        }
    }

    /// The problem where the repository is right already: the same request again finishes the work. 504 where time ran out, the
    /// management cluster's for an answer or the request's own.
    #[must_use]
    pub fn after_commit(&self, name: &str, commit: Option<api::Commit>) -> Problem {
        let (status, reason) = match self {
            Self::NoAnswer {
                error: TransportError::Timeout(_),
                ..
            } => (504, Reason::InstallTriggerFailed),
            _ => (502, Reason::InstallTriggerFailed),
        };
        let detail = format!(
            "the repository has cluster {name} as requested, but the management cluster does not: {self}; {}",
            self.way_out()
        );
        let mut problem = Problem::new(status, reason, detail);
        problem.commit = Some(commit);
        problem
    }

    /// The same request again helps alone where something else has changed meanwhile, or may pass by itself.
    fn way_out(&self) -> &'static str {
        let error = match self {
            Self::Answer { error, .. } => error,
            Self::Credentials(_) => return "send the request with a kubeconfig to finish the work",
            Self::NoAnswer { .. } => return "send the same request again to finish the work",
        };
        match error {
            Error::Invalid { .. } => "change that in the request and save again",
            refused if refused.is_of_admission() => {
                "change that in the request, or have the policy changed, and save again"
            }
            Error::Unauthorized
            | Error::Forbidden { .. }
            | Error::KindMissing
            | Error::NotFound { .. }
            | Error::UnsupportedMediaType { .. }
            | Error::Conflict(WriteConflict::Fields(_)) => {
                "when that is mended, send the same request again to finish the work"
            }
            _ => "send the same request again to finish the work",
        }
    }
}
