//! What GitLab and Kubernetes refuse or fail at.

use gitlab::TokenProblem;

use super::{Problem, concurrent_change};
use crate::ports::TransportError;
use crate::repository::Failure;

/// What the caller should know about writes when an upstream fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Nothing was asked to be written.
    Nothing,
    /// A commit was asked for and may have been made.
    Unknown,
}

impl Written {
    fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "nothing was written",
            Self::Unknown => {
                "whether the commit was made is unknown; send the same request again, it does nothing twice"
            }
        }
    }
}

/// GitLab's failure as the caller's problem.
#[must_use]
pub fn gitlab(failure: &Failure, written: Written) -> Problem {
    match failure {
        Failure::Transport(TransportError::Timeout(limit)) => Problem::new(
            504,
            "GITLAB_TIMEOUT",
            format!(
                "GitLab gave no answer within {} seconds; {}",
                limit.as_secs(),
                written.sentence()
            ),
        ),
        Failure::Transport(TransportError::Broken(text)) => Problem::new(
            502,
            "GITLAB_UNAVAILABLE",
            format!("GitLab can't be reached: {text}; {}", written.sentence()),
        ),
        Failure::Answer(error) => answer(error, written),
    }
}

fn answer(error: &gitlab::Error, written: Written) -> Problem {
    use gitlab::Error;
    match error {
        Error::Unauthenticated { problem, .. } => unauthenticated(*problem),
        Error::MissingScope { needed } => denied(format!(
            "the token lacks a scope or permission ({needed}); use one with scope api"
        )),
        Error::ProjectNotFound => denied(
            "the token's user is not a member of the tenant configuration repository (or gitlab_project names \
             none); ask a maintainer to add you",
        ),
        Error::Forbidden { text } => denied(format!("GitLab forbids it: {text}")),
        Error::PushForbidden => push_forbidden(),
        Error::BranchNotFound => Problem::new(
            500,
            "MISCONFIGURED",
            "the branch of the setting gitlab_branch does not exist in the tenant configuration repository",
        ),
        Error::RateLimited { retry_after } => Problem::new(
            503,
            "RATE_LIMITED",
            format!(
                "GitLab limits the rate of requests; {}; wait and send the request again",
                written.sentence()
            ),
        )
        .header("retry-after", retry_after.unwrap_or(10).to_string()),
        Error::LostRace(race) => concurrent_change(format!(
            "other writers were faster each time ({race}); nothing was written; send the request again"
        )),
        Error::Refused { text } => Problem::new(
            403,
            "PERMISSION_DENIED",
            format!("a rule of the repository refuses the commit: {text}; nothing was written"),
        ),
        Error::UnknownOutcome { text } => Problem::new(
            504,
            "GITLAB_TIMEOUT",
            format!(
                "GitLab did not say whether the commit was made ({text}); {}",
                Written::Unknown.sentence()
            ),
        ),
        Error::Moved { .. } | Error::Unavailable { .. } | Error::Unexpected { .. } => Problem::new(
            502,
            "GITLAB_UNAVAILABLE",
            format!("{error}; {}", written.sentence()),
        ),
    }
}

fn unauthenticated(problem: TokenProblem) -> Problem {
    let challenge = match problem {
        TokenProblem::Expired | TokenProblem::Revoked => r#"Bearer error="invalid_token""#,
        _ => "Bearer",
    };
    Problem::new(
        401,
        "UNAUTHENTICATED",
        format!("GitLab refuses the token: {problem}; create one with scope api in GitLab's user settings"),
    )
    .header("www-authenticate", challenge)
}

fn denied(detail: impl Into<String>) -> Problem {
    Problem::new(403, "PERMISSION_DENIED", detail)
}

/// The caller may read the repository but not push to its branch.
#[must_use]
pub fn push_forbidden() -> Problem {
    denied(
        "the token's user may not push to the branch of the tenant configuration repository; ask a maintainer \
         for the right to push",
    )
}

/// The management cluster's failure while something was read before any write.
#[must_use]
pub fn kubernetes(error: &crate::management::Failure) -> Problem {
    use crate::management::Failure;
    match error {
        Failure::Transport(TransportError::Timeout(limit)) => Problem::new(
            504,
            "KUBERNETES_TIMEOUT",
            format!(
                "the management cluster gave no answer within {} seconds; nothing was written",
                limit.as_secs()
            ),
        ),
        other => Problem::new(
            502,
            "KUBERNETES_UNAVAILABLE",
            format!("the management cluster can't be asked: {other}; nothing was written"),
        ),
    }
}
