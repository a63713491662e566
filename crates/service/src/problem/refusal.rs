//! Why an attempt ended, before it is known what the request has written so far.

use super::{Problem, WriteProgress, upstream};
use crate::{management, repository};

/// Why an attempt ended.
#[derive(Debug)]
pub enum Refusal {
    /// The request or the repository is not as it should be.
    Problem(Problem),
    /// The same, naming objects of the management cluster: for whoever may write alone.
    Guarded(Problem),
    /// GitLab failed.
    GitLab(repository::Failure),
    /// The management cluster failed.
    Kubernetes(management::Failure),
}

impl Refusal {
    /// True where objects of the management cluster are named, which is for whoever may write alone.
    #[must_use]
    pub fn names_objects(&self) -> bool {
        match self {
            Self::Guarded(_) | Self::Kubernetes(_) => true,
            Self::Problem(problem) => problem.dependants.is_some(),
            Self::GitLab(_) => false,
        }
    }

    /// The problem, which says what was written.
    #[must_use]
    pub fn problem(self, written: WriteProgress) -> Problem {
        match self {
            Self::Problem(problem) | Self::Guarded(problem) => problem,
            Self::GitLab(failure) => upstream::gitlab(&failure, written),
            Self::Kubernetes(failure) => upstream::kubernetes(&failure, written),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<repository::Failure> for Refusal {
    fn from(failure: repository::Failure) -> Self {
        Self::GitLab(failure)
    }
}

impl From<management::Failure> for Refusal {
    fn from(failure: management::Failure) -> Self {
        Self::Kubernetes(failure)
    }
}
