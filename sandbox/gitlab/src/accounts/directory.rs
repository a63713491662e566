use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::AccountError;
use super::model::{NewUser, TokenRecord, TokenScope, UserRecord};
use crate::{json_file, random};

/// Name of the token every user gets.
const OWN_TOKEN: &str = "own";

/// All accounts of a server.
pub(crate) struct AccountDirectory {
    path: PathBuf,
    records: Mutex<AccountRecords>,
}

#[derive(Default, Serialize, Deserialize)]
struct AccountRecords {
    users: Vec<UserRecord>,
    tokens: Vec<TokenRecord>,
}

/// Why a token is not accepted, in the order GitLab checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthenticationError {
    Unknown,
    Expired,
    Revoked,
    InsufficientScope,
    Blocked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenState {
    Active,
    Expired,
    Revoked,
}

impl AccountDirectory {
    pub(crate) fn open(data: &Path) -> Result<Self, AccountError> {
        let path = data.join("accounts.json");
        let records = json_file::read(&path)?.unwrap_or_default();
        Ok(Self {
            path,
            records: Mutex::new(records),
        })
    }

    /// Adds a user with a token of scope `api`.
    pub(crate) fn add_user(&self, user: NewUser) -> Result<String, AccountError> {
        if self
            .lock()
            .users
            .iter()
            .any(|known| known.username == user.username)
        {
            return Err(AccountError::Exists(user.username));
        }
        self.ensure_user(user)
    }

    /// A further token of a user.
    pub(crate) fn add_token(
        &self,
        username: &str,
        scopes: &[TokenScope],
    ) -> Result<String, AccountError> {
        let name = random::name(8)?;
        self.ensure_token(username, &name, scopes, TokenState::Active)
    }

    pub(super) fn ensure_user(&self, user: NewUser) -> Result<String, AccountError> {
        let username = user.username.clone();
        {
            let mut records = self.lock();
            if !records.users.iter().any(|known| known.username == username) {
                let id = next_id(records.users.iter().map(|known| known.id));
                records.users.push(UserRecord {
                    id,
                    username: user.username,
                    name: user.name,
                    access_level: user.access_level,
                    blocked: user.blocked,
                    created_at: OffsetDateTime::now_utc(),
                });
            }
        }
        self.ensure_token(&username, OWN_TOKEN, &[TokenScope::Api], TokenState::Active)
    }

    pub(super) fn ensure_token(
        &self,
        username: &str,
        name: &str,
        scopes: &[TokenScope],
        state: TokenState,
    ) -> Result<String, AccountError> {
        let mut records = self.lock();
        let user_id = records
            .users
            .iter()
            .find(|user| user.username == username)
            .map(|user| user.id)
            .ok_or_else(|| AccountError::Unknown(username.to_owned()))?;
        if let Some(kept) = records
            .tokens
            .iter()
            .find(|token| token.user_id == user_id && token.name == name)
        {
            return Ok(kept.value.clone());
        }
        let token = TokenRecord {
            id: next_id(records.tokens.iter().map(|known| known.id)),
            name: name.to_owned(),
            value: format!("{}-{}", prefix(scopes), random::name(20)?),
            user_id,
            scopes: scopes.to_vec(),
            revoked: state == TokenState::Revoked,
            expired: state == TokenState::Expired,
            expires_at: None,
            created_at: OffsetDateTime::now_utc(),
        };
        let value = token.value.clone();
        records.tokens.push(token);
        json_file::write(&self.path, &*records)?;
        Ok(value)
    }

    /// The owner of a token that is valid for one of the accepted scopes; any scope when empty.
    pub(crate) fn authenticate(
        &self,
        value: &str,
        accepted: &[TokenScope],
    ) -> Result<(UserRecord, TokenRecord), AuthenticationError> {
        let records = self.lock();
        let token = records
            .tokens
            .iter()
            .find(|token| token.value == value)
            .ok_or(AuthenticationError::Unknown)?;
        let user = records
            .users
            .iter()
            .find(|user| user.id == token.user_id)
            .ok_or(AuthenticationError::Unknown)?;
        if token.has_ended() {
            return Err(AuthenticationError::Expired);
        }
        if token.revoked {
            return Err(AuthenticationError::Revoked);
        }
        let by_route = token.scopes.contains(&TokenScope::Job);
        if !accepted.is_empty() && !by_route && !token.allows(accepted) {
            return Err(AuthenticationError::InsufficientScope);
        }
        if user.blocked {
            return Err(AuthenticationError::Blocked);
        }
        Ok((user.clone(), token.clone()))
    }

    /// A token that an application gets for a user, with an end.
    pub(crate) fn add_session(
        &self,
        user_id: u64,
        scopes: &[TokenScope],
        lifetime: time::Duration,
    ) -> Result<String, AccountError> {
        let mut records = self.lock();
        // GitLab's OAuth tokens are 64 characters long and have no prefix.
        let value = random::name(64)?;
        let now = OffsetDateTime::now_utc();
        let id = next_id(records.tokens.iter().map(|known| known.id));
        // Sessions come and go: those that have ended are of no use to anybody.
        records
            .tokens
            .retain(|token| token.expires_at.is_none() || !token.has_ended());
        records.tokens.push(TokenRecord {
            id,
            name: "session".to_owned(),
            value: value.clone(),
            user_id,
            scopes: scopes.to_vec(),
            revoked: false,
            expired: false,
            expires_at: Some(now + lifetime),
            created_at: now,
        });
        json_file::write(&self.path, &*records)?;
        Ok(value)
    }

    /// Revokes a token; an unknown one is as good as revoked.
    pub(crate) fn revoke(&self, value: &str) -> Result<(), AccountError> {
        let mut records = self.lock();
        let found = records
            .tokens
            .iter_mut()
            .filter(|token| token.value == value);
        found.for_each(|token| token.revoked = true);
        Ok(json_file::write(&self.path, &*records)?)
    }

    /// Everybody who may log in.
    pub(crate) fn users(&self) -> Vec<UserRecord> {
        self.lock().users.clone()
    }

    /// The user with that id.
    pub(crate) fn user(&self, id: u64) -> Option<UserRecord> {
        self.lock().users.iter().find(|user| user.id == id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, AccountRecords> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// GitLab's default prefixes: scanners for leaked tokens recognise them.
fn prefix(scopes: &[TokenScope]) -> &'static str {
    if scopes.contains(&TokenScope::Job) {
        "glcbt"
    } else {
        "glpat"
    }
}

fn next_id(ids: impl Iterator<Item = u64>) -> u64 {
    ids.max().unwrap_or(0) + 1
}
