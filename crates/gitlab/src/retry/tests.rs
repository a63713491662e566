use super::*;
use crate::error::{RaceKind, TokenProblem};

const LOST: Error = Error::LostRace(RaceKind::RefMoved);

fn unavailable() -> Error {
    Error::Unavailable {
        status: 502,
        text: String::new(),
    }
}

fn after(attempt: u32, seconds: u64, error: &Error, random: u64) -> Decision {
    next(attempt, Duration::from_secs(seconds), error, random)
}

/// The longest wait after the `attempt`-th error: the number after it wraps around to nothing.
#[track_caller]
fn check_span(attempt: u32, error: &Error, millis: u64) {
    let span = Duration::from_millis(millis);
    assert_eq!(
        after(attempt, 0, error, millis * 1_000),
        Decision::RetryAfter(span)
    );
    assert_eq!(
        after(attempt, 0, error, millis * 1_000 + 1),
        Decision::RetryAfter(Duration::ZERO)
    );
}

#[test]
fn what_may_be_repeated() {
    let text = String::new;
    for error in [&LOST, &unavailable()] {
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
fn waits_for_a_broken_server_grow_to_the_cap() {
    for (attempt, millis) in [
        (1, 100),
        (2, 200),
        (3, 400),
        (4, 800),
        (5, 1_600),
        (6, 1_600),
    ] {
        check_span(attempt, &unavailable(), millis);
    }
    assert_eq!(after(FAULTS, 0, &unavailable(), 0), Decision::GiveUp);
}

#[test]
fn whoever_has_lost_often_waits_less() {
    for (attempt, millis) in [
        (1, 100),
        (4, 800),
        (5, 1_600),
        (6, 800),
        (8, 400),
        (20, 100),
        (99, 100),
    ] {
        check_span(attempt, &LOST, millis);
    }
    assert_eq!(after(RACES, 0, &LOST, 0), Decision::GiveUp);
}

#[test]
fn the_time_is_bounded() {
    assert_eq!(after(2, 30, &LOST, 0), Decision::RetryAfter(Duration::ZERO));
    assert_eq!(after(2, 30, &LOST, 1), Decision::GiveUp);
    assert_eq!(after(2, 31, &unavailable(), 0), Decision::GiveUp);
}

#[test]
fn races_and_faults_count_apart() {
    let mut retries = RetryCounter::default();
    let mut decide = |error: &Error| retries.next(Duration::ZERO, error, 0);
    for _ in 0..20 {
        assert_ne!(decide(&LOST), Decision::GiveUp);
    }
    for _ in 1..FAULTS {
        assert_ne!(decide(&unavailable()), Decision::GiveUp);
    }
    assert_eq!(decide(&unavailable()), Decision::GiveUp);
    assert_ne!(decide(&LOST), Decision::GiveUp);
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

/// A client in the middle of a save. Times in microseconds.
struct StormWriter {
    began: u64,
    read_at: u64,
    commits_at: u64,
    retries: RetryCounter,
}

/// Clients that all change the same files. The same seed gives the same run.
struct SaveStorm {
    /// Mean time from reading to committing; each round takes half of it to one and a half.
    round: u64,
    seed: u64,
    clusters: u32,
    /// When the branch last moved.
    moved: u64,
    failed: u32,
    longest: u64,
}

impl SaveStorm {
    fn random(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators")
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn writer(&mut self, began: u64, read_at: u64, retries: RetryCounter) -> StormWriter {
        let round = self.round / 2 + self.random() % self.round;
        StormWriter {
            began,
            read_at,
            commits_at: read_at + round,
            retries,
        }
    }

    /// The client's next cluster, up to 20 ms after its last.
    fn new_save(&mut self, now: u64) -> Option<StormWriter> {
        self.clusters = self.clusters.checked_sub(1)?;
        let began = now + self.random() % 20_000;
        Some(self.writer(began, began, RetryCounter::default()))
    }

    /// Of rounds that overlap, the first to commit wins.
    fn commit(&mut self, mut writer: StormWriter) -> Option<StormWriter> {
        let now = writer.commits_at;
        let spent = now - writer.began;
        if writer.read_at >= self.moved {
            self.moved = now;
            self.longest = self.longest.max(spent);
            return self.new_save(now);
        }
        let random = self.random();
        match writer
            .retries
            .next(Duration::from_micros(spent), &LOST, random)
        {
            Decision::RetryAfter(wait) => {
                let read_at = now + u64::try_from(wait.as_micros()).unwrap();
                Some(self.writer(writer.began, read_at, writer.retries))
            }
            _ => {
                self.failed += 1;
                self.new_save(now)
            }
        }
    }

    fn run(&mut self) {
        let mut writers: Vec<StormWriter> = (0..16).filter_map(|_| self.new_save(0)).collect();
        while let Some(next) = (0..writers.len()).min_by_key(|i| writers[*i].commits_at) {
            let writer = writers.swap_remove(next);
            writers.extend(self.commit(writer));
        }
    }
}

#[test]
fn sixteen_clients_save_two_hundred_clusters_at_once() {
    for (round, longest) in [(5, 3), (20, 7), (100, 15), (200, 27)] {
        for seed in 0..20 {
            let mut storm = SaveStorm {
                round: round * 1_000,
                seed,
                clusters: 200,
                moved: 0,
                failed: 0,
                longest: 0,
            };
            storm.run();
            assert_eq!(storm.failed, 0, "rounds of {round} ms, seed {seed}");
            assert!(
                storm.longest < longest * 1_000_000,
                "{} µs in rounds of {round} ms",
                storm.longest
            );
        }
    }
}
