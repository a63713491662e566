//! Users, their roles in the project, and their personal access tokens.

mod directory;
mod error;
mod model;
mod seed;

pub(crate) use directory::{AccountDirectory, AuthenticationError};
pub use error::AccountError;
pub use model::{AccessLevel, NewUser, TokenScope};
pub(crate) use model::{TokenRecord, UserRecord};
pub use seed::SeedTokens;
