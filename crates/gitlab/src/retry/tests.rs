use super::*;
use crate::error::{RaceKind, TokenProblem};

const LOST: Error = Error::LostRace(RaceKind::RefMoved);

fn after(attempt: u32, seconds: u64, error: &Error, random: u64) -> Decision {
    next(attempt, Duration::from_secs(seconds), error, random)
}

#[test]
fn what_may_be_repeated() {
    let text = String::new;
    let unavailable = Error::Unavailable {
        status: 502,
        text: text(),
    };
    for error in [&LOST, &unavailable] {
        assert_eq!(
            after(1, 0, error, 7),
            Decision::RetryAfter(Duration::from_micros(7))
        );
    }
    let unknown = Error::UnknownOutcome { text: text() };
    assert_eq!(
        after(1, 0, &unknown, 7),
        Decision::LookFirst(Duration::from_micros(7))
    );
    for error in [
        Error::Unauthenticated {
            problem: TokenProblem::Expired,
            text: text(),
        },
        Error::MissingScope { needed: text() },
        Error::ProjectNotFound,
        Error::Forbidden { text: text() },
        Error::PushForbidden,
        Error::BranchNotFound,
        Error::Refused { text: text() },
        Error::Moved { project_id: None },
        Error::Unexpected {
            status: 400,
            text: text(),
        },
    ] {
        assert_eq!(after(1, 0, &error, 7), Decision::GiveUp, "{error:?}");
    }
}

#[test]
fn waits_grow_to_the_cap_and_end_with_the_budget() {
    for (attempt, span) in [
        (1, 100),
        (2, 200),
        (3, 400),
        (4, 800),
        (5, 1_600),
        (6, 1_600),
        (40, 1_600),
    ] {
        let span = Duration::from_millis(span);
        // The greatest wait, and the one after it, which wraps around.
        let micros = u64::try_from(span.as_micros()).unwrap();
        assert_eq!(after(attempt, 0, &LOST, micros), Decision::RetryAfter(span));
        assert_eq!(
            after(attempt, 0, &LOST, micros + 1),
            Decision::RetryAfter(Duration::ZERO)
        );
    }
    assert_eq!(after(2, 30, &LOST, 0), Decision::RetryAfter(Duration::ZERO));
    assert_eq!(after(2, 30, &LOST, 1), Decision::GiveUp);
    assert_eq!(after(2, 31, &LOST, 0), Decision::GiveUp);
    assert_eq!(after(ATTEMPTS, 0, &LOST, 0), Decision::GiveUp);
}

#[test]
fn rate_limits_are_honoured() {
    let limited = |retry_after| Error::RateLimited { retry_after };
    let seconds = Duration::from_secs;
    assert_eq!(
        after(1, 0, &limited(Some(20)), 0),
        Decision::RetryAfter(seconds(20))
    );
    assert_eq!(after(1, 0, &limited(Some(31)), 0), Decision::GiveUp);
    assert_eq!(after(1, 0, &limited(Some(u64::MAX)), 9), Decision::GiveUp);
    assert_eq!(after(1, 0, &limited(None), 0), Decision::RetryAfter(CAP));
}

/// Writers that all change the same files: of rounds that overlap, the first to commit wins. Times
/// in microseconds; the same seed gives the same run.
struct Storm {
    round: u64,
    seed: u64,
    /// When the branch last moved.
    moved: u64,
    saved: u32,
    most_attempts: u32,
}

struct Writer {
    began: u64,
    read_at: u64,
    attempt: u32,
}

impl Storm {
    fn random(&mut self) -> u64 {
        // SplitMix64
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Sixteen clients that save `clusters` one after another; returns how many saves failed.
    fn run(&mut self, clusters: u32) -> u32 {
        let mut writers: Vec<Writer> = (0..16)
            .map(|i| Writer {
                began: i,
                read_at: i,
                attempt: 1,
            })
            .collect();
        let mut failed = 0;
        while self.saved + failed < clusters {
            // The next one to commit: whoever read first.
            let writer = writers.iter_mut().min_by_key(|w| w.read_at).unwrap();
            let now = writer.read_at + self.round;
            let won = writer.read_at >= self.moved;
            let random = self.random();
            let spent = Duration::from_micros(now - writer.began);
            let wait = if won {
                self.moved = now;
                self.saved += 1;
                self.most_attempts = self.most_attempts.max(writer.attempt);
                None
            } else {
                match next(writer.attempt, spent, &LOST, random) {
                    Decision::RetryAfter(wait) => Some(wait),
                    _ => {
                        failed += 1;
                        None
                    }
                }
            };
            *writer = match wait {
                Some(wait) => Writer {
                    began: writer.began,
                    read_at: now + u64::try_from(wait.as_micros()).unwrap(),
                    attempt: writer.attempt + 1,
                },
                // The client goes on with its next cluster.
                None => Writer {
                    began: now,
                    read_at: now,
                    attempt: 1,
                },
            };
        }
        failed
    }
}

#[test]
fn sixteen_clients_save_two_hundred_clusters_at_once() {
    for round_ms in [5, 20, 50, 100] {
        for seed in 0..20 {
            let mut storm = Storm {
                round: round_ms * 1_000,
                seed,
                moved: 0,
                saved: 0,
                most_attempts: 0,
            };
            let failed = storm.run(200);
            eprintln!(
                "{round_ms} ms: {failed} failed, at most {} attempts, {} ms",
                storm.most_attempts,
                storm.moved / 1000
            );
            assert_eq!(failed, 0, "rounds of {round_ms} ms, seed {seed}");
        }
    }
}
