//! Which tokens GitLab has taken lately.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tokens that are remembered: more than a tenant has people and programs at work at a time.
const MOST: usize = 64;

/// Tokens that GitLab has taken from one instance of a component. Nothing is permitted by it: it says in which order GitLab is
/// asked. A token that is not known costs one request before any other is sent, so that nobody has GitLab asked several things
/// with a token that is none.
#[derive(Debug, Default)]
pub struct KnownTokens(Mutex<Vec<u64>>);

impl KnownTokens {
    /// None is known.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Tells whether GitLab has taken a token.
    #[must_use]
    pub fn has(&self, token: &str) -> bool {
        self.keys().contains(&key(token))
    }

    /// Remembers or forgets a token. The one that was remembered first gives way.
    pub fn note(&self, token: &str, is_taken: bool) {
        let key = key(token);
        let mut keys = self.keys();
        keys.retain(|it| *it != key);
        if is_taken {
            if keys.len() >= MOST {
                keys.remove(0);
            }
            keys.push(key);
        }
    }

    fn keys(&self) -> MutexGuard<'_, Vec<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Not the token, which nothing keeps longer than a request.
fn key(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_known_and_one_that_is_refused_is_not() {
        let known = KnownTokens::new();
        assert!(!known.has("0"));
        for token in 0..=MOST {
            known.note(&token.to_string(), true);
        }
        assert_eq!([known.has("0"), known.has("1")], [false, true]);
        // Once more the newest.
        known.note("1", true);
        known.note("more", true);
        assert_eq!([known.has("1"), known.has("2")], [true, false]);
        known.note("more", false);
        assert!(!known.has("more"));
        assert!(known.keys().len() < MOST);
    }
}
