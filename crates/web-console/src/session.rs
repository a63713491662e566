//! Who is logged in: a cookie that only this console can read.

use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

use crate::origin::Origin;
use crate::seal::{Purpose, Sealer};

/// Name of the session's cookie.
const SESSION: &str = "nautes_session";
/// Name of the cookie between leaving for GitLab and coming back.
const LOGIN: &str = "nautes_login";
/// A working day.
pub(crate) const LIFETIME: u64 = 8 * 3600;
/// Time to log in at GitLab.
pub(crate) const LOGIN_LIFETIME: u64 = 600;

/// A person's session. Not `Debug`: it holds a token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The GitLab token that every request of this person is made with.
    pub(crate) token: String,
    /// End of the session, in seconds since 1970-01-01T00:00:00Z.
    pub(crate) ends: u64,
    /// GitLab gave the token for this session, so logging out ends it.
    pub(crate) is_ours: bool,
}

/// A login at GitLab that has begun.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingLogin {
    pub(crate) state: String,
    /// PKCE's secret (RFC 7636).
    pub(crate) verifier: String,
    /// The page to go back to.
    pub(crate) to: String,
    pub(crate) ends: u64,
}

impl Session {
    /// The session of a request, where it has one that has not ended.
    pub(crate) fn of(sealer: &Sealer<'_>, headers: &HeaderMap, now: u64) -> Option<Self> {
        let session: Self = sealer.open(Purpose::Session, &cookie(headers, SESSION)?)?;
        (session.ends > now).then_some(session)
    }

    /// `Set-Cookie` for the session. No other site can make a browser send it, and no script can read it.
    pub(crate) fn cookie(&self, sealed: &str, origin: &Origin) -> String {
        set(SESSION, sealed, LIFETIME, "Strict", origin)
    }
}

impl PendingLogin {
    /// The login that a request comes back from.
    pub(crate) fn of(sealer: &Sealer<'_>, headers: &HeaderMap, now: u64) -> Option<Self> {
        let login: Self = sealer.open(Purpose::Login, &cookie(headers, LOGIN)?)?;
        (login.ends > now).then_some(login)
    }

    /// `Set-Cookie` for the time at GitLab. GitLab's redirect has to bring it back, so it can't be `Strict`.
    pub(crate) fn cookie(sealed: &str, origin: &Origin) -> String {
        set(LOGIN, sealed, LOGIN_LIFETIME, "Lax", origin)
    }
}

/// Tells whether a browser sends a session's cookie, be the session good or not.
pub(crate) fn is_sent(headers: &HeaderMap) -> bool {
    cookie(headers, SESSION).is_some()
}

/// `Set-Cookie` that ends the session.
pub(crate) fn ended(origin: &Origin) -> String {
    set(SESSION, "", 0, "Strict", origin)
}

/// `Set-Cookie` that ends a login at GitLab.
pub(crate) fn login_ended(origin: &Origin) -> String {
    set(LOGIN, "", 0, "Lax", origin)
}

fn set(name: &str, value: &str, seconds: u64, same_site: &str, origin: &Origin) -> String {
    let secure = if origin.is_secure() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| {
        let value = pair.trim().strip_prefix(name)?.strip_prefix('=')?;
        Some(value.to_owned())
    })
}
