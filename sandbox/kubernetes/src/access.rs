//! Who calls, and what they may do.

use crate::options::{ADMIN, CallerIdentity, PolicyRule};
use crate::status::StatusError;
use crate::store::ObjectStore;

mod bindings;
mod review;
mod rules;
mod tokens;

pub use bindings::granted_rules;
pub use review::{review_access, review_rules, review_self};
pub use rules::{RequestAttributes, allows};
pub use tokens::{AUDIENCE, TokenClaims, TokenSigner};

/// An authenticated caller, or the anonymous one.
#[derive(Debug, Clone)]
pub struct UserInfo {
    /// Name, such as `system:serviceaccount:nautes:api`.
    pub name: String,
    /// Groups, such as `system:authenticated`.
    pub groups: Vec<String>,
    /// Grants of its identity.
    pub rules: Vec<PolicyRule>,
}

impl UserInfo {
    fn anonymous() -> Self {
        Self {
            name: "system:anonymous".into(),
            groups: vec!["system:unauthenticated".into()],
            rules: Vec::new(),
        }
    }

    fn of(identity: &CallerIdentity) -> Self {
        Self {
            rules: identity.rules.clone(),
            ..Self::named(&identity.name)
        }
    }

    /// Somebody with the groups that the name brings, and without grants beside those of the store.
    pub fn named(name: &str) -> Self {
        let mut groups = vec!["system:authenticated".to_owned()];
        if name == ADMIN {
            groups.push("system:masters".into());
        }
        if let Some(namespace) = name
            .strip_prefix("system:serviceaccount:")
            .and_then(|rest| rest.split(':').next())
        {
            groups.extend([
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
            ]);
        }
        Self {
            name: name.to_owned(),
            groups,
            rules: Vec::new(),
        }
    }

    /// Is one of the callers the server knows.
    pub fn is_authenticated(&self) -> bool {
        self.groups
            .iter()
            .any(|group| group == "system:authenticated")
    }
}

/// Callers: identities with their own tokens, and the service accounts of the store.
#[derive(Debug)]
pub struct TokenAuthenticator {
    /// Callers that the server was started with.
    pub identities: Vec<CallerIdentity>,
    /// Signs the tokens of service accounts.
    pub signer: TokenSigner,
}

impl TokenAuthenticator {
    /// Finds the caller of a bearer token: unknown tokens are refused, requests without one are anonymous.
    pub fn authenticate(
        &self,
        store: &ObjectStore,
        authorization: Option<&str>,
    ) -> Result<UserInfo, StatusError> {
        let token = authorization.and_then(|header| {
            let (scheme, token) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let Some(token) = token else {
            return Ok(UserInfo::anonymous());
        };
        let is_theirs = |identity: &&CallerIdentity| identity.token.as_deref() == Some(token);
        if let Some(identity) = self.identities.iter().find(is_theirs) {
            return Ok(UserInfo::of(identity));
        }
        let name = store.read(|state| self.signer.user(state, token));
        let account = name.map(|name| CallerIdentity {
            name,
            token: None,
            rules: Vec::new(),
        });
        account
            .map(|account| UserInfo::of(&account))
            .ok_or_else(StatusError::unauthorized)
    }
}
