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
    /// A commit of this request is in the repository.
    Commit,
    /// The repository is right; of the uninstall some may be done.
    Partly,
}

impl Written {
    fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "nothing was written",
            Self::Commit => {
                "the repository has a commit of this request; send the same request again to finish it"
            }
            Self::Partly => "send the same request again to finish what was begun",
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
            "other writers were faster each time ({race}); {}; send the request again",
            written.sentence()
        )),
        Error::Refused { text } => Problem::new(
            403,
            "PERMISSION_DENIED",
            format!(
                "a rule of the repository refuses the commit: {text}; {}",
                written.sentence()
            ),
        ),
        Error::UnknownOutcome { text } => {
            let (status, reason) = match is_timeout(text) {
                true => (504, "GITLAB_TIMEOUT"),
                false => (502, "GITLAB_UNAVAILABLE"),
            };
            let detail = format!("{error}; {}", written.sentence());
            Problem::new(status, reason, detail)
        }
        Error::Moved { .. } | Error::Unavailable { .. } | Error::Unexpected { .. } => Problem::new(
            502,
            "GITLAB_UNAVAILABLE",
            format!("{error}; {}", written.sentence()),
        ),
    }
}

/// A proxy's or Gitaly's, told by what [`gitlab::Error::UnknownOutcome`] quotes.
fn is_timeout(text: &str) -> bool {
    ["status 408", "status 504", "4:"]
        .iter()
        .any(|start| text.starts_with(start))
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

/// The management cluster's failure, other than after a commit.
#[must_use]
pub fn kubernetes(error: &crate::management::Failure, written: Written) -> Problem {
    use crate::management::Failure;
    match error {
        Failure::Transport(TransportError::Timeout(limit)) => Problem::new(
            504,
            "KUBERNETES_TIMEOUT",
            format!(
                "the management cluster gave no answer within {} seconds; {}",
                limit.as_secs(),
                written.sentence()
            ),
        ),
        other => Problem::new(
            502,
            "KUBERNETES_UNAVAILABLE",
            format!(
                "the management cluster can't be asked: {other}; {}",
                written.sentence()
            ),
        ),
    }
}
