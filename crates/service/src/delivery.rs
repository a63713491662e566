//! How a change comes to the branch that counts.

use crate::problem::{self, Problem};

/// How a change comes to the branch that counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Delivery {
    /// By a commit to it.
    #[default]
    Commit,
    /// By a merge request that somebody else merges.
    MergeRequest,
}

impl Delivery {
    /// `commit` or `merge-request`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "commit" => Some(Self::Commit),
            "merge-request" => Some(Self::MergeRequest),
            _ => None,
        }
    }

    /// As a request's query asks for it, otherwise this one.
    ///
    /// # Errors
    /// It asks for something else.
    pub fn or_as_asked(self, asked: Option<&str>) -> Result<Self, Problem> {
        asked.map_or(Ok(self), |value| {
            Self::parse(value).ok_or_else(|| {
                problem::invalid_query(
                    "?delivery",
                    "must be commit or merge-request",
                    "send delivery=commit or delivery=merge-request, or leave it out",
                )
            })
        })
    }
}
