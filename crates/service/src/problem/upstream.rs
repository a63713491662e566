//! Problems of calls that GitLab and Kubernetes refuse or fail at.

use api::Reason;
use gitlab::{Role, TokenProblem};

use super::{Problem, concurrent_change, submodule, unreadable_file};
use crate::delivery::Delivery;
use crate::repository::Failure;
use crate::runtime::{AnswerLimit, TransportError};

/// Progress of the writes when an upstream fails, as far as the caller should know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteProgress {
    /// Nothing was asked to be written.
    Nothing,
    /// A commit was asked for and may have been made.
    Unknown,
    /// A commit of this request is in the repository.
    Commit,
    /// The branch of a merge request is right; whether the merge request is, nobody knows.
    MergeRequestResult,
    /// The repository is right; of the uninstall some may be done.
    Partly,
}

impl WriteProgress {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "nothing was written",
            Self::Commit => {
                "the repository has a commit of this request; send the same request again to finish it"
            }
            Self::MergeRequestResult => {
                "the branch to be merged is as it should be; send the same request again to have the merge \
                 request opened or brought up to date"
            }
            Self::Partly => "send the same request again to finish what was begun",
            Self::Unknown => {
                "whether the commit was made is unknown; send the same request again, it does nothing twice"
            }
        }
    }
}

/// GitLab's failure as the caller's problem, before anything was written.
#[must_use]
pub fn gitlab_before_writing(failure: Failure) -> Problem {
    gitlab(&failure, WriteProgress::Nothing)
}

/// GitLab's failure as the caller's problem.
#[must_use]
pub fn gitlab(failure: &Failure, written: WriteProgress) -> Problem {
    match failure {
        Failure::Transport(TransportError::Timeout(limit)) => Problem::new(
            504,
            Reason::GitlabTimeout,
            format!(
                "GitLab gave no answer within {} seconds; {}",
                limit.as_secs(),
                written.sentence()
            ),
        ),
        Failure::Transport(TransportError::Broken(text)) => Problem::new(
            502,
            Reason::GitlabUnavailable,
            format!("GitLab can't be reached: {text}; {}", written.sentence()),
        ),
        Failure::Transport(error @ TransportError::TooLarge(_)) => Problem::new(
            502,
            Reason::GitlabUnavailable,
            format!("GitLab answers too much: {error}; {}", written.sentence()),
        ),
        Failure::Answer(error) => answer(error, written),
        Failure::BranchMissing { branch, default } => {
            branch_missing(branch, default.as_deref(), written)
        }
        Failure::CodeForbidden { role, text } => code_forbidden(*role, text, written),
        Failure::LargeFile(path) => {
            let limit = AnswerLimit::FILE.0;
            unreadable_file(path, &format!("it has more than {limit} bytes"))
        }
    }
}

fn branch_missing(branch: &str, default: Option<&str>, written: WriteProgress) -> Problem {
    let way_out = match default {
        Some(default) if default == branch => {
            "GitLab has it as the default branch all the same: push a commit to it, or choose a branch that is there as the \
             default one in GitLab, under Settings > Repository"
                .to_owned()
        }
        Some(default) => format!(
            "its default branch is {default}: set the variable gitlab_branch to that, or leave it empty to follow \
             the default branch"
        ),
        None => "GitLab names no default branch: set the variable gitlab_branch to a branch that is there"
            .to_owned(),
    };
    let detail = format!(
        "the branch {branch} does not exist in the tenant configuration repository; {way_out}; {}",
        written.sentence()
    );
    Problem::new(500, Reason::Misconfigured, detail)
}

fn answer(error: &gitlab::Error, written: WriteProgress) -> Problem {
    use gitlab::Error;
    match error {
        Error::Unauthenticated { problem, .. } => unauthenticated(*problem, written),
        Error::MissingScope { needed } => denied(format!(
            "the token lacks a scope or permission ({needed}); use one with scope api; {}",
            written.sentence()
        )),
        Error::ProjectNotFound => denied(format!(
            "the token's user is not a member of the tenant configuration repository (or gitlab_project names \
             none); ask a maintainer to add you; {}",
            written.sentence()
        )),
        Error::Forbidden { text } => {
            denied(format!("GitLab forbids it: {text}; {}", written.sentence()))
        }
        Error::PushForbidden => denied(format!(
            "the token's user may not push to the branch: it is protected, or the role is less than {}; ask a maintainer \
             for the right to push to it; {}",
            Role::DEVELOPER,
            written.sentence()
        )),
        Error::BranchNotFound => Problem::new(
            502,
            Reason::GitlabUnavailable,
            format!(
                "a branch went away while it was used; {}",
                written.sentence()
            ),
        ),
        Error::Submodule { path } => submodule(path),
        Error::RateLimited { retry_after } => Problem::new(
            503,
            Reason::RateLimited,
            format!(
                "GitLab limits the rate of requests; {}; wait and send the request again",
                written.sentence()
            ),
        )
        .header("retry-after", retry_after.unwrap_or(10).to_string()),
        Error::LostRace(race) => concurrent_change(format!(
            "other writers were faster each time ({race}); {}; send the request again",
            written.sentence(),
        )),
        Error::Refused { text } => Problem::new(
            403,
            Reason::PermissionDenied,
            format!(
                "a rule of the repository refuses the commit: {text}; {}",
                written.sentence()
            ),
        ),
        Error::UnknownOutcome { text } => {
            let (status, reason) = match is_timeout(text) {
                true => (504, Reason::GitlabTimeout),
                false => (502, Reason::GitlabUnavailable),
            };
            let detail = format!("{error}; {}", written.sentence());
            Problem::new(status, reason, detail)
        }
        Error::NotGitLab { status, .. } => {
            let way_out = match status {
                413 => BODY_LIMIT,
                _ => ADDRESS,
            };
            Problem::new(
                502,
                Reason::GitlabUnavailable,
                format!("{error}; {way_out}; {}", written.sentence()),
            )
        }
        Error::Moved { .. } | Error::Unavailable { .. } | Error::Unexpected { .. } => Problem::new(
            502,
            Reason::GitlabUnavailable,
            format!("{error}; {}", written.sentence()),
        ),
    }
}

/// Way out where something else than GitLab's API answers. Paths of this API hold encoded slashes, and many proxies decode or refuse
/// these unless told otherwise.
const ADDRESS: &str = "gitlab_url has to be GitLab's own address, and every proxy in front of it has to pass %2F in paths on as \
                       it is and to ask for no sign-in of its own (docs/settings.md)";

/// Way out where a proxy before GitLab refuses the size of a commit.
const BODY_LIMIT: &str = "a proxy in front of GitLab takes no body as large as this commit: raise its limit (docs/settings.md)";

/// A proxy's or Gitaly's, told by what [`gitlab::Error::UnknownOutcome`] quotes.
fn is_timeout(text: &str) -> bool {
    ["status 408", "status 504", "4:"]
        .iter()
        .any(|start| text.starts_with(start))
}

fn unauthenticated(problem: TokenProblem, written: WriteProgress) -> Problem {
    let challenge = match problem {
        TokenProblem::Expired | TokenProblem::Revoked => r#"Bearer error="invalid_token""#,
        _ => "Bearer",
    };
    Problem::new(
        401,
        Reason::Unauthenticated,
        format!(
            "GitLab refuses the token: {problem}; create one with scope api in GitLab's user settings; {}",
            written.sentence()
        ),
    )
    .header("www-authenticate", challenge)
}

fn denied(detail: impl Into<String>) -> Problem {
    Problem::new(403, Reason::PermissionDenied, detail)
}

/// The caller may read the repository but not push to a branch of it. `role` is the one that GitLab shows.
#[must_use]
pub fn push_forbidden(branch: &str, role: Option<Role>, delivery: Delivery) -> Problem {
    let way_out = match (role, delivery) {
        // A proposal is pushed as well.
        (Some(role), _) if role < Role::DEVELOPER => {
            format!(
                "GitLab shows the role {role}, and to push takes {} at least; ask a maintainer for it",
                Role::DEVELOPER
            )
        }
        (_, Delivery::Commit) => format!(
            "{}; ask a maintainer for the right to push, or have the change proposed with delivery=merge-request",
            protected(role)
        ),
        (_, Delivery::MergeRequest) => format!(
            "{}; ask a maintainer for the right to push to branches that begin with nautes/",
            protected(role)
        ),
    };
    denied(format!(
        "the token's user may not push to {branch} of the tenant configuration repository: {way_out}; {}",
        WriteProgress::Nothing.sentence()
    ))
}

fn protected(role: Option<Role>) -> String {
    match role {
        Some(role) => format!("the branch is protected, and the role {role} is not enough"),
        None => "the branch is protected, or the role is less than Developer".to_owned(),
    }
}

/// Nobody may write to the repository.
#[must_use]
pub fn archived() -> Problem {
    denied(format!(
        "the tenant configuration repository is archived, and nothing can be changed in it: an owner can unarchive it in \
         GitLab, under Settings > General > Advanced; {}",
        WriteProgress::Nothing.sentence()
    ))
}

fn code_forbidden(role: Option<Role>, text: &str, written: WriteProgress) -> Problem {
    let role = role.map_or_else(String::new, |role| {
        format!(" (GitLab shows the role {role})")
    });
    denied(format!(
        "the token's user sees the tenant configuration repository's project but may not read its code{role}: that takes the \
         role Reporter, and the project's repository has to be switched on; ask a maintainer; GitLab says: {text}; {}",
        written.sentence()
    ))
}

/// The branch that counts has what the request asks for, but not everybody may have it installed.
#[must_use]
pub fn install_forbidden(branch: &str) -> Problem {
    denied(format!(
        "the token's user may not have installed what the branch {branch} has: that takes the right to push to it \
         or, where changes are delivered by merge request, the role of a developer in the project or its group; \
         have somebody with that right send the request; {}",
        WriteProgress::Nothing.sentence()
    ))
}

/// With `sync=true`: the branch that counts does not have what the request asks for.
#[must_use]
pub fn not_merged(branch: &str, differing: &str, open: Option<&gitlab::MergeRequest>) -> Problem {
    let way_out = match open {
        Some(open) => format!(
            "have merge request {} merged, then send the request again",
            open.web_url
        ),
        None => "no merge request is open for it: send the request without sync=true to have the change made or \
                 proposed"
            .to_owned(),
    };
    let detail = format!(
        "the branch {branch} does not have what the request asks for: {differing}; {way_out}; {}",
        WriteProgress::Nothing.sentence()
    );
    let mut problem = Problem::new(409, Reason::NotMerged, detail);
    problem.merge_request = open.map(crate::response::merge_request);
    problem
}

/// In an empty repository there is no branch to merge into.
#[must_use]
pub fn nothing_to_merge_into(branch: &str) -> Problem {
    super::invalid_query(
        "?delivery",
        &format!(
            "a merge request needs a branch to be merged into, and the repository has no {branch} yet"
        ),
        "send delivery=commit for the first change, or make a first commit in GitLab",
    )
}

/// The management cluster's failure, other than after a commit.
#[must_use]
pub fn kubernetes(error: &crate::management::Failure, written: WriteProgress) -> Problem {
    kubernetes_as(error, &error.to_string(), written)
}

/// A problem with the management cluster, for somebody who may read alone.
#[must_use]
pub fn kubernetes_for_readers(error: &crate::management::Failure) -> Problem {
    kubernetes_as(error, error.for_readers(), WriteProgress::Nothing)
}

fn kubernetes_as(
    error: &crate::management::Failure,
    words: &str,
    written: WriteProgress,
) -> Problem {
    use crate::management::Failure;
    match error {
        Failure::NoAnswer {
            error: TransportError::Timeout(_),
            ..
        } => Problem::new(
            504,
            Reason::KubernetesTimeout,
            format!(
                "the management cluster does not answer: {words}; {}",
                written.sentence()
            ),
        ),
        _ => Problem::new(
            502,
            Reason::KubernetesUnavailable,
            format!(
                "the management cluster can't be asked: {words}; {}",
                written.sentence()
            ),
        ),
    }
}
