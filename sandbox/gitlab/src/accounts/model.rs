use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A role in the project, with GitLab's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// 10: sees the project, not its code.
    Guest,
    /// 15: reads the code, opens no merge requests (since 18.7).
    Planner,
    /// 20: reads the code.
    Reporter,
    /// 30: pushes to branches that are not protected, opens merge requests.
    Developer,
    /// 40: pushes to protected branches.
    Maintainer,
    /// 50: like a maintainer here.
    Owner,
}

impl AccessLevel {
    /// GitLab's number of the role.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Guest => 10,
            Self::Planner => 15,
            Self::Reporter => 20,
            Self::Developer => 30,
            Self::Maintainer => 40,
            Self::Owner => 50,
        }
    }
}

/// Uses of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Everything.
    Api,
    /// GET and HEAD of the REST API.
    ReadApi,
    /// `GET /user`.
    ReadUser,
    /// `git clone`, and the files API for reading.
    ReadRepository,
    /// `git clone` and `git push`; no REST.
    WriteRepository,
    /// A CI/CD job's token: reads branches, commits and files, and nothing else.
    Job,
}

impl TokenScope {
    /// The scope's name in GitLab.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::ReadApi => "read_api",
            Self::ReadUser => "read_user",
            Self::ReadRepository => "read_repository",
            Self::WriteRepository => "write_repository",
            Self::Job => "job",
        }
    }

    /// The scope of that name, as a request for authorization asks for it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let personal = [
            Self::Api,
            Self::ReadApi,
            Self::ReadUser,
            Self::ReadRepository,
            Self::WriteRepository,
        ];
        personal.into_iter().find(|scope| scope.name() == name)
    }
}

/// A user to add.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Login name, unique.
    pub username: String,
    /// Display name, also the committer's name.
    pub name: String,
    /// Role in the project; `None` is not a member.
    pub access_level: Option<AccessLevel>,
    /// A blocked user's tokens are refused.
    pub blocked: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserRecord {
    pub(crate) id: u64,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) access_level: Option<AccessLevel>,
    pub(crate) blocked: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
}

impl UserRecord {
    /// The address used in commits; `.example` never belongs to anybody (RFC 2606).
    pub(crate) fn email(&self) -> String {
        format!("{}@gitlab.example", self.username)
    }
}

/// No `Debug`: `value` is a credential.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) user_id: u64,
    pub(crate) scopes: Vec<TokenScope>,
    pub(crate) revoked: bool,
    pub(crate) expired: bool,
    /// When it ends; personal access tokens of the sandbox have no end.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
}

impl TokenRecord {
    pub(crate) fn allows(&self, accepted: &[TokenScope]) -> bool {
        self.scopes.iter().any(|scope| accepted.contains(scope))
    }

    pub(super) fn has_ended(&self) -> bool {
        let ended = |end| end <= OffsetDateTime::now_utc();
        self.expired || self.expires_at.is_some_and(ended)
    }
}
