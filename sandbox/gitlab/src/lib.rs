//! A GitLab stand-in for development and tests.
//!
//! It serves the part of GitLab's REST API v4 that a client needs which keeps files in a project:
//! project, branches, tree, files, blobs, commits, comparison and merge requests, with GitLab 18.8's
//! status codes and texts; of GraphQL the one query that reads many files at once. Behind it lies a real bare Git repository, which the same listener also
//! serves over smart HTTP for `git clone` and `git push`.
//!
//! Concurrency is real: no lock is held around a commit. A commit is built on the branch head that was
//! read and the ref is moved by compare-and-swap under Git's own ref lock, so API commits, foreign
//! pushes and other processes race as they do against GitLab and its storage service, Gitaly.
//!
//! [`GitLab::start`] runs a server in the current Tokio runtime; [`FaultPlan`] makes it misbehave.

mod accounts;
mod api;
mod calls;
mod conditions;
mod control;
mod dispatch;
mod faults;
mod git;
mod graphql;
mod json_file;
mod oauth;
mod options;
mod pages;
mod project;
mod random;
mod server;
mod smart_http;
mod state;
mod writer;

pub use accounts::{AccessLevel, AccountError, NewUser, SeedTokens, TokenScope};
pub use calls::GitLabCall;
pub use conditions::ProjectCondition;
pub use faults::{FaultAnswer, FaultPlan, FaultPoint, GitLabFault, GitLabFaultAction};
pub use json_file::FileError;
pub use oauth::CLIENT_ID;
pub use options::{GitLabOptions, InitialContent, TlsIdentity};
pub use project::ProjectError;
pub use server::{GitLab, GitLabStartError};
pub use writer::{RepositoryWriter, WriteError};
