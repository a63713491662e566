//! Commits that were not made because somebody was faster, and those of which nobody knows.

use std::time::Duration;

use service::runtime::TransportError;

use super::row::Part::{Again, Commit, Look, Open, Read, Rest};
use super::row::{
    WAYS, assert_told, assert_untouched, assert_written_once, bad, html, lost, play, timed_out,
    unavailable,
};
use crate::runtime::Fate;
use crate::setting::{gitlab_says, text};

const NOTHING: &str = "nothing was written";
const POST: &str = "gitlab POST commits";

#[test]
fn a_lost_race_is_run_again_from_the_branch() {
    let rows = [
        "The file has changed since you started editing it: tenant/production/a.yaml",
        "A file with this name already exists",
        "A file with this name doesn't exist",
        "9:reference update: reference does not point to expected object",
        "9:reference update: reference does not point to expected object.",
        "9:reference update: reference already exists",
        "9:reference update: reference is already locked",
        "Could not update refs/heads/main. Please refresh and try again.",
        "13:expected old object ID not found",
        "A branch called 'nautes/register-w1' already exists. Switch to that branch in order to make changes",
    ];
    for words in rows {
        for mode in WAYS {
            let fate = Fate::Answer(bad(words));
            let (memory, outcome) = play(mode, POST, 0, 2, fate);
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            let round = [Again, Read, Commit];
            let calls = [
                vec![Open, Read, Commit],
                round.to_vec(),
                round.to_vec(),
                vec![Rest],
            ]
            .concat();
            assert_eq!(memory.calls(), mode.calls(&calls), "{words}");
            assert_written_once(&memory, mode);
        }
    }
}

#[test]
fn races_that_are_lost_without_end_are_given_up_in_time() {
    let words = "9:reference update: reference does not point to expected object";
    let row = lost(bad(words));
    for mode in WAYS {
        let fate = Fate::Answer(row.says.clone());
        let (memory, outcome) = play(mode, POST, 0, usize::MAX, fate);
        assert_told(&row, &outcome, NOTHING);
        let rounds = memory.calls().iter().filter(|call| *call == POST).count();
        assert!(rounds > 5, "{rounds}");
        let mut calls = vec![Open, Read, Commit];
        for _ in 1..rounds {
            calls.extend([Again, Read, Commit]);
        }
        assert_eq!(memory.calls(), mode.calls(&calls));
        let waited: Duration = memory.0.borrow().slept.iter().sum();
        assert!(waited <= Duration::from_secs(30), "{waited:?}");
        assert_untouched(&memory);
    }
}

#[test]
fn a_branch_that_was_renamed_or_removed_under_a_commit_is_a_lost_race() {
    let says = || bad("You can only create or edit files when you are on a branch");
    for mode in WAYS {
        let (memory, outcome) = play(mode, POST, 0, 1, Fate::Answer(says()));
        assert_eq!(outcome.0, 200, "{}", outcome.1);
        let calls = [Open, Read, Commit, Again, Read, Commit, Rest];
        assert_eq!(memory.calls(), mode.calls(&calls));
        assert_written_once(&memory, mode);
        let (memory, outcome) = play(mode, POST, 0, usize::MAX, Fate::Answer(says()));
        assert_told(
            &unavailable(says(), "a branch went away"),
            &outcome,
            NOTHING,
        );
        assert_untouched(&memory);
    }
}

/// GitLab's answers after which nobody knows, and what is reported when they do not end.
fn unknown_outcomes() -> Vec<super::row::Row> {
    vec![
        timed_out(bad("4:Deadline Exceeded"), "4:Deadline Exceeded"),
        timed_out(
            bad("4:context deadline exceeded."),
            "context deadline exceeded",
        ),
        unavailable(
            bad("14:connections to all backends failing"),
            "14:connections",
        ),
        unavailable(bad("13:internal error"), "13:internal error"),
        unavailable(
            gitlab_says(500, "500 Internal Server Error"),
            "500 Internal Server Error",
        ),
        unavailable(html(502, "502 Bad Gateway"), "502 Bad Gateway"),
        unavailable(
            html(503, "503 Service Unavailable"),
            "503 Service Unavailable",
        ),
        timed_out(html(504, "504 Gateway Time-out"), "504 Gateway Time-out"),
        timed_out(text(408, "Request Timeout"), "Request Timeout"),
        unavailable(text(201, "{\"id\":\"abc"), "not JSON"),
    ]
}

#[test]
fn where_nobody_knows_the_commit_is_looked_for_before_it_is_repeated() {
    for row in unknown_outcomes() {
        for mode in WAYS {
            let made = Fate::Answered(row.says.clone());
            let (memory, outcome) = play(mode, POST, 0, 1, made);
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            assert!(outcome.1["commit"]["id"].is_string());
            let calls = [Open, Read, Commit, Look, Rest];
            assert_eq!(memory.calls(), mode.calls(&calls), "{}", row.words);
            assert_written_once(&memory, mode);

            let not_made = || Fate::Answer(row.says.clone());
            let (memory, outcome) = play(mode, POST, 0, 1, not_made());
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            let calls = [Open, Read, Commit, Look, Again, Read, Commit, Rest];
            assert_eq!(memory.calls(), mode.calls(&calls), "{}", row.words);
            assert_written_once(&memory, mode);

            let (memory, outcome) = play(mode, POST, 0, usize::MAX, not_made());
            assert_told(&row, &outcome, "whether the commit was made is unknown");
            let rounds = memory.calls().iter().filter(|call| *call == POST).count();
            let mut calls = vec![Open, Read, Commit];
            for _ in 1..rounds {
                calls.extend([Look, Again, Read, Commit]);
            }
            assert_eq!(memory.calls(), mode.calls(&calls), "{}", row.words);
            assert_untouched(&memory);
        }
    }
}

#[test]
fn no_answer_at_all_is_the_same() {
    let rows = [
        (
            timed_out(text(200, ""), "15 seconds"),
            TransportError::Timeout(Duration::from_secs(15)),
        ),
        (
            unavailable(text(200, ""), "reset"),
            TransportError::Broken("reset".into()),
        ),
    ];
    for (row, error) in rows {
        for mode in WAYS {
            let (memory, outcome) = play(mode, POST, 0, 1, Fate::Outcome(error.clone()));
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            assert_eq!(
                memory.calls(),
                mode.calls(&[Open, Read, Commit, Look, Rest])
            );
            assert_written_once(&memory, mode);
            let (memory, outcome) = play(mode, POST, 0, usize::MAX, Fate::Lost(error.clone()));
            assert_told(&row, &outcome, "whether the commit was made is unknown");
            assert_untouched(&memory);
        }
    }
}

#[test]
fn a_lost_race_after_an_unknown_outcome_is_reported_as_unknown() {
    for mode in WAYS {
        let (memory, outcome) = {
            let memory = crate::setting::memory();
            memory.fault(POST, 0, 1, Fate::Answer(bad("4:Deadline Exceeded")));
            let locked = bad("9:reference update: reference is already locked");
            memory.fault(POST, 0, usize::MAX, Fate::Answer(locked));
            let body = crate::setting::worker("https://a.example.com:6443");
            let outcome = crate::setting::save(&memory, mode.query(), &body);
            (memory, outcome)
        };
        assert_told(
            &lost(bad("")),
            &outcome,
            "whether the commit was made is unknown",
        );
        let begin = mode.calls(&[Open, Read, Commit, Look, Again, Read, Commit]);
        assert_eq!(memory.calls()[..begin.len()], begin);
        assert_untouched(&memory);
    }
}
