//! Rules of retrying: whether, when and how to try again. Pure: time and randomness come from the caller.
//!
//! Five quick tries, as clients commonly make, are not enough here. All clusters of a tenant share a
//! kustomization and a few ApplicationSets, so that clients which save at once all conflict with each
//! other, and GitLab does not queue them: of those whose reads and commits overlap, one wins. The
//! constants below come from simulating sixteen clients that save 200 clusters (the test of this
//! module), with 5 to 200 ms from reading to committing.

use std::time::Duration;

use crate::error::Error;

/// No further try starts after this long. A save that loses every race still ends before the 60 s
/// after which proxies commonly give up on the caller. In the simulation the unluckiest save takes
/// 12 s where a round takes 100 ms, and 24 s where it takes 200 ms.
pub const TOTAL: Duration = Duration::from_secs(30);

/// Lost races before giving up: a backstop for callers whose clock does not move. In the simulation
/// the unluckiest save loses 80.
pub const RACES: u32 = 100;

/// Failures of GitLab before giving up: their waits add up to 6.3 s at most, about what a restarting
/// server behind a load balancer takes, and with one failure in ten calls seven in a row do not
/// happen.
pub const FAULTS: u32 = 7;

/// The first wait is at most this: one round of read and commit against a near GitLab.
pub const BASE: Duration = Duration::from_millis(100);

/// No wait is longer than this. Sixteen writers whose round takes 100 ms are served one per round
/// when they spread over 16 × 100 ms = 1.6 s.
pub const CAP: Duration = Duration::from_millis(1_600);

/// The waits grow up to this many lost races and shrink from then on. Whoever has lost often is to
/// come before newcomers, whose first try does not wait at all; without this the unluckiest save of
/// the simulation waits until the storm is over. It costs requests, not throughput: somebody's commit
/// wins however many are tried.
const PATIENCE: u32 = 5;

/// Next step after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Wait, then start again from the branch.
    RetryAfter(Duration),
    /// Wait, then read the branch again and look for the commit by its trailer
    /// ([`crate::message::is_made_by`]); only if it is not there start again.
    LookFirst(Duration),
    /// Tell the caller.
    GiveUp,
}

/// The retries of one request. Races and faults count apart: a server that fails now and then must
/// not end a save that is merely unlucky, and a broken server is not asked a hundred times.
#[derive(Debug, Clone, Default)]
pub struct RetryCounter {
    races: u32,
    faults: u32,
}

impl RetryCounter {
    /// Decides after a try has failed with `error`, `spent` after the request began. `random` is any
    /// number, evenly distributed.
    pub fn next(&mut self, spent: Duration, error: &Error, random: u64) -> Decision {
        let attempt = match error {
            Error::LostRace(_) => &mut self.races,
            _ => &mut self.faults,
        };
        *attempt += 1;
        next(*attempt, spent, error, random)
    }
}

/// Decides after the `attempt`-th failure of this kind (from 1). The waits are spread over the whole
/// span ("full jitter"), because writers that lost to each other must not meet again.
#[must_use]
pub fn next(attempt: u32, spent: Duration, error: &Error, random: u64) -> Decision {
    let (most, span) = match error {
        Error::LostRace(_) => (RACES, race_span(attempt)),
        _ => (FAULTS, fault_span(attempt)),
    };
    let jitter = jitter(span, random);
    let (wait, look) = match error {
        Error::LostRace(_) | Error::Unavailable { .. } => (jitter, false),
        Error::UnknownOutcome { .. } => (jitter, true),
        Error::RateLimited { retry_after } => (rate_limited(*retry_after, jitter), false),
        _ => return Decision::GiveUp,
    };
    if attempt >= most || spent.saturating_add(wait) > TOTAL {
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

fn race_span(attempt: u32) -> Duration {
    match attempt.checked_sub(PATIENCE) {
        None | Some(0) => fault_span(attempt),
        Some(beyond) => CAP.checked_div(beyond + 1).unwrap_or(BASE).max(BASE),
    }
}

fn fault_span(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    BASE.saturating_mul(1 << doublings).min(CAP)
}

fn jitter(span: Duration, random: u64) -> Duration {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random % micros.saturating_add(1))
}

#[cfg(test)]
mod tests;
