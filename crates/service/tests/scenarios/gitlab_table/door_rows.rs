//! What can happen before anything is decided: tokens, memberships, a server that is out of order.

use std::time::Duration;

use serde_json::json;
use service::runtime::TransportError;

use super::row::Part::{Call, Open, Read, Rest};
use super::row::{
    Mode, Part, WAYS, assert_told, assert_untouched, assert_written_once, denied, guard, html,
    limited, play, timed_out, too_many, unauthenticated, unavailable,
};
use crate::gitlab_service::answer;
use crate::runtime::Fate;
use crate::setting::{gitlab_says, text};

const NOTHING: &str = "nothing was written";

#[test]
fn tokens_and_memberships() {
    let rows = [
        denied(gitlab_says(404, "404 Project Not Found"), "not a member"),
        unauthenticated(gitlab_says(401, "401 Unauthorized"), "it is not known"),
        unauthenticated(
            guard(
                401,
                "invalid_token",
                "Token is expired. You can either do re-authorization or token refresh.",
            ),
            "it has expired",
        ),
        unauthenticated(
            guard(
                401,
                "invalid_token",
                "Token was revoked. You have to re-authorize from the user.",
            ),
            "it was revoked",
        ),
        unauthenticated(
            guard(
                401,
                "invalid_token",
                "Token is an impersonation token but impersonation was disabled.",
            ),
            "impersonation is switched off",
        ),
        unauthenticated(
            guard(
                401,
                "dpop_error",
                "DPoP validation error: DPoP header is missing",
            ),
            "a proof of possession is demanded",
        ),
        unauthenticated(html(401, "Sign in"), "it is not known"),
        denied(
            guard(
                403,
                "insufficient_scope",
                "The request requires higher privileges than provided by the access token.",
            ),
            "lacks a scope or permission (api)",
        ),
        denied(
            guard(
                403,
                "insufficient_granular_scope",
                "Access denied: Your Personal Access Token lacks the required permissions: [Project: Read]",
            ),
            "lacks a scope or permission (Project: Read)",
        ),
        denied(
            gitlab_says(403, "403 Forbidden - Your account has been blocked."),
            "Your account has been blocked",
        ),
        denied(
            gitlab_says(
                403,
                "403 Forbidden - You (@ann) must accept the Terms of Service in order to perform this action.",
            ),
            "Terms of Service",
        ),
        denied(gitlab_says(403, "403 Forbidden"), "GitLab forbids it"),
        denied(
            gitlab_says(404, "404 Repository Not Found"),
            "GitLab forbids it",
        ),
        // Not GitLab's words: somebody in front of it.
        unavailable(html(403, "Access denied"), "Access denied"),
        unavailable(html(404, "Not here"), "Not here"),
        unavailable(
            answer(404, &json!({"error": "404 Not Found"})),
            "404 Not Found",
        ),
        unavailable(text(302, ""), "redirect"),
    ];
    for row in rows {
        for mode in WAYS {
            let fate = Fate::Answer(row.says.clone());
            let (memory, outcome) = play(mode, "gitlab GET", 0, usize::MAX, fate);
            assert_told(&row, &outcome, NOTHING);
            assert_eq!(memory.calls(), mode.calls(&[Open]), "{}", row.words);
            assert_untouched(&memory);
        }
    }
}

#[test]
fn a_server_that_is_out_of_order_is_asked_three_times() {
    let limit = TransportError::Timeout(Duration::from_secs(15));
    let answered = [
        unavailable(html(502, "502 Bad Gateway"), "502 Bad Gateway"),
        unavailable(
            html(503, "503 Service Unavailable"),
            "503 Service Unavailable",
        ),
        unavailable(html(504, "504 Gateway Time-out"), "504 Gateway Time-out"),
        unavailable(text(408, "Request Timeout"), "Request Timeout"),
        unavailable(
            gitlab_says(500, "500 Internal Server Error"),
            "500 Internal Server Error",
        ),
        unavailable(text(200, "{\"id\":"), "not JSON"),
        unavailable(html(200, "Sign in"), "Sign in"),
        unavailable(answer(200, &json!({})), "lacks what was asked for"),
        limited(too_many(None)),
        limited(too_many(Some("2"))),
        limited(answer(
            429,
            &json!({"message": {"error": "This endpoint has been requested too many times. Try again later."}}),
        )),
    ];
    const PROJECT: Part = Call("GET project group%2Ftenant");
    for row in answered {
        for mode in WAYS {
            let fate = Fate::Answer(row.says.clone());
            let (memory, outcome) = play(mode, "gitlab GET project", 0, usize::MAX, fate.clone());
            assert_told(&row, &outcome, NOTHING);
            assert_eq!(
                memory.calls(),
                mode.calls(&[Open, PROJECT, PROJECT]),
                "{}",
                row.words
            );
            assert_untouched(&memory);
            // Where it passes, nobody notices.
            let (memory, outcome) = play(mode, "gitlab GET project", 0, 2, fate);
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            let calls = mode.calls(&[Open, PROJECT, PROJECT, Read, Part::Commit, Rest]);
            assert_eq!(memory.calls(), calls);
            assert_written_once(&memory, mode);
        }
    }
    // Whoever waits for it once more waits too long.
    let lost = [
        (timed_out(text(200, ""), "15 seconds"), limit, 1),
        (
            unavailable(text(200, ""), "refused"),
            TransportError::Broken("refused".into()),
            3,
        ),
    ];
    for (row, error, times) in lost {
        let (memory, outcome) = play(
            Mode::Commit,
            "gitlab GET project",
            0,
            usize::MAX,
            Fate::Lost(error),
        );
        assert_told(&row, &outcome, NOTHING);
        assert_eq!(memory.calls().len(), 1 + times);
        assert_untouched(&memory);
    }
}

#[test]
fn a_long_rate_limit_is_passed_on_at_once() {
    for mode in WAYS {
        let fate = Fate::Answer(too_many(Some("77")));
        let (memory, outcome) = play(mode, "gitlab GET project", 0, usize::MAX, fate);
        assert_told(&limited(too_many(None)), &outcome, NOTHING);
        assert_eq!(memory.calls(), mode.calls(&[Open]));
        assert!(memory.0.borrow().slept.is_empty());
        assert_untouched(&memory);
    }
}
