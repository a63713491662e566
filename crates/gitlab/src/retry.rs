//! Whether, when and how to try again. Pure: time and randomness come from the caller.

use std::time::Duration;

use crate::error::Error;

/// No further try starts after this long. A save that loses every race still ends before the 60 s
/// after which proxies commonly give up on the caller.
pub const TOTAL: Duration = Duration::from_secs(30);

/// A backstop for callers without a clock that moves. With the waits below, [`TOTAL`] ends it first:
/// a wait is [`CAP`] / 2 on average, so 30 s hold 40 of them.
pub const ATTEMPTS: u32 = 50;

/// The first wait is at most this: one round of read and commit against a near GitLab.
pub const BASE: Duration = Duration::from_millis(100);

/// No wait is longer than this. GitLab does not queue writers: of those whose reads and commits
/// overlap, one wins. Sixteen writers whose round takes 100 ms are served one per round when
/// they spread over 16 × 100 ms = 1.6 s. A longer wait would not lose fewer races, but would
/// let newcomers, who wait less, starve those who have lost often.
pub const CAP: Duration = Duration::from_millis(1_600);

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Wait, then start again from the branch.
    RetryAfter(Duration),
    /// Wait, then read the branch again and look for the commit by its trailer
    /// ([`crate::message::has_trailer`]); only if it is not there start again.
    LookFirst(Duration),
    /// Tell the caller.
    GiveUp,
}

/// Decides after the `attempt`-th try (from 1) has failed with `error`, `spent` after the first one
/// began. `random` is any number, evenly distributed: waits are spread over the whole span ("full
/// jitter"), because writers that lost to each other must not meet again.
///
/// Five quick tries, as many clients make, are not enough here: all clusters of a tenant share a
/// kustomization and three application sets, so that sixteen clients which save at once all conflict
/// with each other, and an unlucky one loses more than ten times.
#[must_use]
pub fn next(attempt: u32, spent: Duration, error: &Error, random: u64) -> Decision {
    if attempt >= ATTEMPTS {
        return Decision::GiveUp;
    }
    let wait = back_off(attempt, random);
    let (wait, look) = match error {
        Error::LostRace(_) | Error::Unavailable { .. } => (wait, false),
        Error::UnknownOutcome { .. } => (wait, true),
        Error::RateLimited { retry_after } => (rate_limited(*retry_after, wait), false),
        _ => return Decision::GiveUp,
    };
    if spent.saturating_add(wait) > TOTAL {
        Decision::GiveUp
    } else if look {
        Decision::LookFirst(wait)
    } else {
        Decision::RetryAfter(wait)
    }
}

/// Not before GitLab allows it, and then not all at once; without a word from it, patiently.
fn rate_limited(retry_after: Option<u64>, jitter: Duration) -> Duration {
    let least = retry_after.map_or(CAP, Duration::from_secs);
    least.saturating_add(jitter)
}

fn back_off(attempt: u32, random: u64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let span = BASE.saturating_mul(1 << doublings).min(CAP);
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random % micros.saturating_add(1))
}

#[cfg(test)]
mod tests;
