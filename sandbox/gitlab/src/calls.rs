//! Log of calls, for tests that count and order requests.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method};

/// Request as the server saw it. Times are since the server's start.
#[derive(Debug, Clone)]
pub struct GitLabCall {
    /// HTTP method.
    pub method: Method,
    /// Path as sent, percent-encoded, with the prefix.
    pub path: String,
    /// Query as sent, with the value of `private_token` masked.
    pub query: Option<String>,
    /// Status of the answer; `None` while there is none and when the connection was dropped instead.
    pub status: Option<u16>,
    /// User the token belongs to, once it was accepted.
    pub user: Option<String>,
    /// When the request's head had arrived.
    pub started: Duration,
    /// When the answer was ready or the connection was dropped; `None` while neither has happened.
    pub finished: Option<Duration>,
    /// The header `traceparent`.
    pub traceparent: Option<String>,
    /// The header `x-request-id`.
    pub request_id: Option<String>,
}

/// The log of a server, in the order of arrival.
pub(crate) struct CallLog {
    epoch: Instant,
    entries: Mutex<CallEntries>,
}

#[derive(Default)]
struct CallEntries {
    /// Number of the first entry: entries keep their numbers when the log is cleared.
    first: usize,
    calls: Vec<GitLabCall>,
}

/// Set by authentication, read when the call ends.
#[derive(Clone, Default)]
pub(crate) struct CallUser(Arc<OnceLock<String>>);

impl CallUser {
    pub(crate) fn set(&self, username: &str) {
        // A second authentication within a request is by the same token.
        let _ = self.0.set(username.to_owned());
    }

    pub(crate) fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// An entry under way; completes it when dropped, as a request can be given up at any point.
pub(crate) struct CallInProgress {
    log: Arc<CallLog>,
    number: usize,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) user: CallUser,
    pub(crate) status: Option<u16>,
}

impl CallLog {
    pub(crate) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            entries: Mutex::default(),
        }
    }

    pub(crate) fn calls(&self) -> Vec<GitLabCall> {
        self.lock().calls.clone()
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.lock();
        entries.first += entries.calls.len();
        entries.calls.clear();
    }

    pub(crate) fn begin(
        self: &Arc<Self>,
        method: &Method,
        uri: &axum::http::Uri,
        headers: &HeaderMap,
    ) -> CallInProgress {
        let header = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let mut entries = self.lock();
        let number = entries.first + entries.calls.len();
        entries.calls.push(GitLabCall {
            method: method.clone(),
            path: uri.path().to_owned(),
            query: uri.query().map(mask_token),
            status: None,
            user: None,
            started: self.epoch.elapsed(),
            finished: None,
            traceparent: header("traceparent"),
            request_id: header("x-request-id"),
        });
        CallInProgress {
            log: Arc::clone(self),
            number,
            method: method.clone(),
            path: uri.path().to_owned(),
            user: CallUser::default(),
            status: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, CallEntries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CallInProgress {
    fn drop(&mut self) {
        let finished = self.log.epoch.elapsed();
        let mut entries = self.log.lock();
        let index = self.number.checked_sub(entries.first);
        let Some(call) = index.and_then(|index| entries.calls.get_mut(index)) else {
            return;
        };
        call.status = self.status;
        call.user = self.user.get().map(str::to_owned);
        call.finished = Some(finished);
    }
}

fn mask_token(query: &str) -> String {
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_token(name) => format!("{name}=[masked]"),
        _ => pair.to_owned(),
    };
    query.split('&').map(mask).collect::<Vec<_>>().join("&")
}

/// Compares decoded names: `private%5Ftoken` is a token too.
fn is_token(name: &str) -> bool {
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    matches!(name.as_ref(), "private_token" | "access_token")
}

#[cfg(test)]
mod tests {
    use super::mask_token;

    #[test]
    fn masks_tokens_only() {
        assert_eq!(
            mask_token("ref=main&private_token=x&path=a%2Fb"),
            "ref=main&private_token=[masked]&path=a%2Fb"
        );
        assert_eq!(mask_token("private%5ftoken=x"), "private%5ftoken=[masked]");
    }
}
