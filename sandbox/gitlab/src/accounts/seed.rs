//! The users and tokens every server has.

use super::directory::{Accounts, TokenState};
use super::error::AccountError;
use super::model::{AccessLevel, NewUser, Scope};

/// The tokens of a server's own users, made on the first start and kept in the data directory.
#[derive(Clone)]
pub struct Tokens {
    /// Maintainer, scope `api`: may push to the protected default branch.
    pub maintainer: String,
    /// Developer, scope `api`: may push to other branches and open merge requests.
    pub developer: String,
    /// Reporter, scope `api`: may read the code.
    pub reporter: String,
    /// Guest, scope `api`: sees the project, not its code.
    pub guest: String,
    /// Scope `api`, but not a member.
    pub stranger: String,
    /// Maintainer who is blocked.
    pub blocked: String,
    /// The maintainer's, expired.
    pub expired: String,
    /// The maintainer's, revoked.
    pub revoked: String,
    /// The maintainer's with scope `read_api` alone.
    pub read_api: String,
    /// The maintainer's with scope `read_user` alone.
    pub read_user: String,
    /// The maintainer's with scope `read_repository` alone.
    pub read_repository: String,
    /// The maintainer's with scope `write_repository` alone.
    pub write_repository: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

const MEMBERS: [(&str, Option<AccessLevel>, bool); 6] = [
    ("maintainer", Some(AccessLevel::Maintainer), false),
    ("developer", Some(AccessLevel::Developer), false),
    ("reporter", Some(AccessLevel::Reporter), false),
    ("guest", Some(AccessLevel::Guest), false),
    ("stranger", None, false),
    ("blocked", Some(AccessLevel::Maintainer), true),
];

impl Tokens {
    /// The kept tokens; those missing are made.
    pub(crate) fn ensure(accounts: &Accounts) -> Result<Self, AccountError> {
        let mut own = Vec::new();
        for (username, access_level, blocked) in MEMBERS {
            let user = NewUser {
                username: username.to_owned(),
                name: display_name(username),
                access_level,
                blocked,
            };
            own.push(accounts.ensure_user(user)?);
        }
        let further =
            |name, scope, state| accounts.ensure_token("maintainer", name, &[scope], state);
        let [maintainer, developer, reporter, guest, stranger, blocked] =
            <[String; 6]>::try_from(own)
                .map_err(|_| AccountError::Unknown("maintainer".to_owned()))?;
        Ok(Self {
            maintainer,
            developer,
            reporter,
            guest,
            stranger,
            blocked,
            expired: further("expired", Scope::Api, TokenState::Expired)?,
            revoked: further("revoked", Scope::Api, TokenState::Revoked)?,
            read_api: further("read_api", Scope::ReadApi, TokenState::Active)?,
            read_user: further("read_user", Scope::ReadUser, TokenState::Active)?,
            read_repository: further("read_repository", Scope::ReadRepository, TokenState::Active)?,
            write_repository: further(
                "write_repository",
                Scope::WriteRepository,
                TokenState::Active,
            )?,
        })
    }
}

fn display_name(username: &str) -> String {
    let mut characters = username.chars();
    characters.next().map_or_else(String::new, |first| {
        format!("{}{} Example", first.to_uppercase(), characters.as_str())
    })
}
