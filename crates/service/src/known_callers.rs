//! Tokens that GitLab has accepted before.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many tokens are known; then all are forgotten, and each costs its caller one round trip once more. 8 bytes each.
pub const MOST: usize = 1_024;

/// The callers that one instance of a component has seen GitLab accept.
///
/// Nothing is permitted for it: GitLab judges every request. What is usually asked beside the question who calls is asked for an
/// unknown caller after it, so that a made-up token costs GitLab one request.
#[derive(Debug, Default)]
pub struct KnownCallers(Mutex<BTreeSet<u64>>);

impl KnownCallers {
    /// Nobody is known.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeSet::new()))
    }

    /// True where GitLab has accepted this token.
    #[must_use]
    pub fn has(&self, token: &str) -> bool {
        self.known().contains(&key(token))
    }

    /// Keeps what GitLab made of a token.
    pub fn note(&self, token: &str, is_accepted: bool) {
        let mut known = self.known();
        match is_accepted {
            true if known.len() >= MOST => *known = BTreeSet::from([key(token)]),
            true => _ = known.insert(key(token)),
            false => _ = known.remove(&key(token)),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number for a token, which nothing keeps longer than a request.
pub(crate) fn key(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_tokens_are_known_until_they_are_refused_or_too_many() {
        let callers = KnownCallers::new();
        callers.note("a", false);
        assert!(!callers.has("a"));
        callers.note("a", true);
        assert!(callers.has("a") && !callers.has("b"));
        callers.note("a", false);
        assert!(!callers.has("a"));
        for number in 0..MOST {
            callers.note(&number.to_string(), true);
        }
        assert!(callers.has("0"));
        callers.note("a", true);
        assert!(callers.has("a") && !callers.has("0"));
    }
}
