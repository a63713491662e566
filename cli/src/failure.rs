//! Why a command ends without having done its work.
//!
//! `Usage` is for what the caller has to change on this machine: an argument, a file, a setting. `Service` and
//! `Kubernetes` are what the other side said. A command that has printed the failures of single clusters itself returns an
//! exit code instead.

use crate::exit;
use crate::interrupt::Signal;
use crate::service::ServiceError;

/// A failure of a command. Contains no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// An argument, a file or a setting can't be used.
    #[error("{0}")]
    Usage(String),
    /// The service refused, or can't be reached.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A cluster refused, or can't be reached.
    #[error(transparent)]
    Kubernetes(#[from] ClusterFailure),
    /// A component failed, or the like: the command is done, and the news are bad.
    #[error("{0}")]
    Failed(String),
    /// The time is up.
    #[error("{0}")]
    Timeout(String),
    /// Ctrl-C or SIGTERM, with what goes on.
    #[error("{1}")]
    Interrupted(Signal, String),
}

/// A failure of a cluster of the kubeconfig.
#[derive(Debug, thiserror::Error)]
#[error("{why}{}{way_out}", if way_out.is_empty() { "" } else { "; " })]
pub(crate) struct ClusterFailure {
    /// The failure in a sentence.
    pub(crate) why: String,
    /// Advice; empty where there is none.
    pub(crate) way_out: String,
}

impl CommandError {
    /// A sentence about an argument, a file or a setting.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A sentence about a cluster, with advice, which may be empty.
    pub(crate) fn kubernetes(why: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self::Kubernetes(ClusterFailure {
            why: why.into(),
            way_out: way_out.into(),
        })
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit::TROUBLE,
            Self::Service(_) | Self::Kubernetes(_) | Self::Failed(_) => exit::FAILED,
            Self::Timeout(_) => exit::TIMEOUT,
            Self::Interrupted(signal, _) => signal.exit_code(),
        }
    }
}
