//! Users, their roles in the project, and their personal access tokens.

mod directory;
mod error;
mod model;
mod seed;

pub(crate) use directory::{Accounts, Rejection};
pub use error::AccountError;
pub use model::{AccessLevel, NewUser, Scope};
pub(crate) use model::{TokenRecord, User};
pub use seed::Tokens;
