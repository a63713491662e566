//! Everything that can go wrong, by what the caller must do about it.

use crate::token::TokenKind;

mod bad_request;
mod classify;

pub(crate) use classify::{CallKind, classify, is_page, unreadable};

/// Why GitLab did not do what was asked. No text in it is longer than 500 characters or holds a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Ask for another token.
    #[error("gitlab does not accept the token: {problem} ({text})")]
    Unauthenticated {
        /// Reason why GitLab refuses the token.
        problem: TokenProblem,
        /// GitLab's words.
        text: String,
    },
    /// Ask for a token that may do more.
    #[error("the token lacks a scope or permission: {needed}")]
    MissingScope {
        /// Scope or permission that GitLab says would do, such as `api` or `Commit: Create`.
        needed: String,
    },
    /// There is no such project, or the caller is not a member of it: GitLab does not say which.
    #[error("the project does not exist or the token's user is not a member of it")]
    ProjectNotFound,
    /// The caller may not do this: a blocked user, a role that can't read the code, a repository
    /// that is switched off.
    #[error("gitlab forbids it: {text}")]
    Forbidden {
        /// GitLab's words.
        text: String,
    },
    /// Ask for the right to push, or deliver by merge request.
    #[error("the token's user may not push to this branch")]
    PushForbidden,
    /// The branch does not exist. In an empty repository the first commit makes it.
    #[error("the branch does not exist")]
    BranchNotFound,
    /// No file is there, but a link to a commit of another repository.
    #[error("{path} is a submodule")]
    Submodule {
        /// Where.
        path: String,
    },
    /// Wait.
    #[error("gitlab limits the rate of requests")]
    RateLimited {
        /// Seconds, where GitLab says how long.
        retry_after: Option<u64>,
    },
    /// Another writer was first. Nothing was written: read the branch again and start over.
    #[error("another writer was first: {0}")]
    LostRace(RaceKind),
    /// The call may have been carried out. Look for the commit before asking again.
    #[error("gitlab did not say whether it was done: {text}")]
    UnknownOutcome {
        /// Text of the answer that came instead.
        text: String,
    },
    /// A rule of the project or of the instance: push rules, hooks, size limits, read-only mode.
    /// Nothing was written, and asking again gives the same answer.
    #[error("gitlab refuses the change: {text}")]
    Refused {
        /// GitLab's words.
        text: String,
    },
    /// The project was renamed or moved; nothing was done. Address it by number.
    #[error("the project has moved")]
    Moved {
        /// Number of the project, where the answer tells.
        project_id: Option<u64>,
    },
    /// GitLab or something in front of it is broken; nothing was asked to be written.
    #[error("gitlab is not available (status {status}): {text}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// The answer's beginning.
        text: String,
    },
    /// Something else answers in place of GitLab's API: another address, or a proxy in front that changes paths or wants
    /// something first.
    #[error("not gitlab's api (status {status}): {text}")]
    NotGitLab {
        /// HTTP status.
        status: u16,
        /// The answer's beginning.
        text: String,
    },
    /// An answer that the API does not document, or a fault in the request.
    #[error("unexpected answer from gitlab (status {status}): {text}")]
    Unexpected {
        /// HTTP status.
        status: u16,
        /// The answer's beginning.
        text: String,
    },
}

/// Reason why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// GitLab does not know it.
    #[error("it is not known")]
    Invalid,
    /// The token was valid once.
    #[error("it has expired")]
    Expired,
    /// Somebody took it back.
    #[error("it was revoked")]
    Revoked,
    /// An impersonation token where impersonation is switched off.
    #[error("impersonation is switched off")]
    Impersonation,
    /// The instance wants proof of possession (DPoP), which a relayed token can't give.
    #[error("a proof of possession is demanded")]
    ProofDemanded,
    /// For something else than the API.
    #[error("it is {0}, and only access tokens do here")]
    Kind(TokenKind),
}

/// How a race was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RaceKind {
    /// A file changed since it was read.
    #[error("{path} has changed")]
    FileChanged {
        /// The file.
        path: String,
    },
    /// A file to be created is there already. GitLab does not say which.
    #[error("a new file exists already")]
    FileExists,
    /// A file to be changed or deleted is not there any more. GitLab does not say which.
    #[error("a file is not there any more")]
    FileMissing,
    /// The branch moved while the commit was being made.
    #[error("the branch moved")]
    RefMoved,
    /// Somebody else is writing to the branch.
    #[error("the branch is locked")]
    RefLocked,
    /// The new branch exists already.
    #[error("the branch exists already")]
    BranchExists,
    /// The commit that was read is not there: the branch was rewritten, or a replica lags behind.
    #[error("the commit that was read is not there any more")]
    CommitGone,
    /// A merge request for the same branches is open already.
    #[error("a merge request is open already")]
    MergeRequestExists,
    /// The merge request was merged or closed meanwhile.
    #[error("the merge request is not open any more")]
    MergeRequestGone,
}
