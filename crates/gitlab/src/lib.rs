//! The tenant configuration repository over the GitLab REST API v4, without IO.
//!
//! Requests are values: every method of [`ProjectApi`] returns an [`http::Request`] with an absolute URI and
//! all headers. Answers are read by the pure functions of [`parse`]. Who sends them, when, and how
//! often is the caller's business; [`retry`] says what is sensible.
//!
//! Own code, because the `gitlab` crate builds its endpoints only with its `client_api` feature, which
//! pulls reqwest and does not compile to wasm32-wasip2, and because no crate tells GitLab's many
//! meanings of "400" apart, on which losing no commit depends.

pub mod api;
pub mod blob;
pub mod commit;
pub mod diff;
pub mod error;
pub mod message;
pub mod model;
pub mod parse;
pub mod path;
pub mod retry;
pub mod token;

mod text;

pub use api::{CommitsQuery, GitLabUrlError, ProjectApi, TreeQuery};
pub use commit::{Action, BranchStart, NewCommit};
pub use error::{Error, RaceKind, TokenProblem};
pub use message::Provenance;
pub use model::{
    Branch, Commit, EntryKind, MergeRequest, NewMergeRequest, Project, ProjectMembership,
    ProjectPermissions, Role, TreeEntry, TreePage,
};
pub use token::{GitLabToken, GitLabTokenError, TokenKind};
