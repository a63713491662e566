use crate::json_file::FileError;
use crate::random::NoRandomness;

/// Why accounts could not be read, written or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Their file could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A user of that name exists.
    #[error("user {0} exists")]
    Exists(String),
    /// No user of that name exists.
    #[error("no user {0}")]
    Unknown(String),
    /// No token could be made.
    #[error("cannot make a token")]
    Randomness(#[source] NoRandomness),
}

impl From<NoRandomness> for AccountError {
    fn from(source: NoRandomness) -> Self {
        Self::Randomness(source)
    }
}
