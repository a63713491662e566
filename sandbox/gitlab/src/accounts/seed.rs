//! The users and tokens every server has.

use super::directory::{AccountDirectory, TokenState};
use super::error::AccountError;
use super::model::{AccessLevel, NewUser, TokenScope};

/// The tokens of a server's own users, made on the first start and kept in the data directory.
#[derive(Clone)]
pub struct SeedTokens {
    /// Maintainer, scope `api`: may push to the protected default branch.
    pub maintainer: String,
    /// Developer, scope `api`: may push to other branches and open merge requests.
    pub developer: String,
    /// Owner, scope `api`: as a maintainer here.
    pub owner: String,
    /// Reporter, scope `api`: may read the code.
    pub reporter: String,
    /// Planner, scope `api`: may read the code, and open no merge requests.
    pub planner: String,
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
    /// Token of a CI/CD job that the maintainer started.
    pub job: String,
}

impl std::fmt::Debug for SeedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeedTokens").finish_non_exhaustive()
    }
}

const MEMBERS: [(&str, Option<AccessLevel>, bool); 8] = [
    ("maintainer", Some(AccessLevel::Maintainer), false),
    ("developer", Some(AccessLevel::Developer), false),
    ("reporter", Some(AccessLevel::Reporter), false),
    ("guest", Some(AccessLevel::Guest), false),
    ("stranger", None, false),
    ("blocked", Some(AccessLevel::Maintainer), true),
    ("owner", Some(AccessLevel::Owner), false),
    ("planner", Some(AccessLevel::Planner), false),
];

impl SeedTokens {
    /// The kept tokens; those missing are made.
    pub(crate) fn ensure(accounts: &AccountDirectory) -> Result<Self, AccountError> {
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
        let [
            maintainer,
            developer,
            reporter,
            guest,
            stranger,
            blocked,
            owner,
            planner,
        ] = <[String; 8]>::try_from(own)
            .map_err(|_| AccountError::Unknown("maintainer".to_owned()))?;
        Ok(Self {
            maintainer,
            developer,
            reporter,
            guest,
            stranger,
            blocked,
            owner,
            planner,
            job: further("job", TokenScope::Job, TokenState::Active)?,
            expired: further("expired", TokenScope::Api, TokenState::Expired)?,
            revoked: further("revoked", TokenScope::Api, TokenState::Revoked)?,
            read_api: further("read_api", TokenScope::ReadApi, TokenState::Active)?,
            read_user: further("read_user", TokenScope::ReadUser, TokenState::Active)?,
            read_repository: further(
                "read_repository",
                TokenScope::ReadRepository,
                TokenState::Active,
            )?,
            write_repository: further(
                "write_repository",
                TokenScope::WriteRepository,
                TokenState::Active,
            )?,
        })
    }
}

impl SeedTokens {
    /// All of them by name.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &str); 15] {
        [
            ("maintainer", &self.maintainer),
            ("owner", &self.owner),
            ("developer", &self.developer),
            ("reporter", &self.reporter),
            ("planner", &self.planner),
            ("guest", &self.guest),
            ("stranger", &self.stranger),
            ("blocked", &self.blocked),
            ("expired", &self.expired),
            ("revoked", &self.revoked),
            ("read_api", &self.read_api),
            ("read_user", &self.read_user),
            ("read_repository", &self.read_repository),
            ("write_repository", &self.write_repository),
            ("job", &self.job),
        ]
    }
}

fn display_name(username: &str) -> String {
    let mut characters = username.chars();
    characters.next().map_or_else(String::new, |first| {
        format!("{}{} Example", first.to_uppercase(), characters.as_str())
    })
}
