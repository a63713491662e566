//! What can happen before anything is decided: tokens, memberships, a server that is out of order.

use std::time::Duration;

use serde_json::json;
use service::runtime::TransportError;

use super::row::Part::{Call, Open, Read, Rest};
use super::row::{
    Mode, Part, WAYS, assert_told, assert_untouched, assert_written_once, denied, guard, html,
    limited, located, packed, play, timed_out, too_many, unauthenticated, unavailable,
};
use crate::gitlab_service::answer;
use crate::native::Native;
use crate::runtime::Fate;
use crate::setting::{
    body_of, delete, gitlab_says, memory, outcome, read, registered, request, save, settings, text,
    worker,
};

const A: &str = "https://a.example.com:6443";
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
        unavailable(html(200, "Sign in"), "no sign-in of its own"),
        unavailable(html(401, "Sign in"), "no sign-in of its own"),
        unavailable(text(401, "Unauthorized"), "no sign-in of its own"),
        unavailable(packed(text(401, "\u{1f}\u{8b}")), "the content coding"),
        unavailable(html(403, "Access denied"), "Access denied"),
        unavailable(html(404, "Not here"), "Not here"),
        unavailable(
            answer(404, &json!({"error": "404 Not Found"})),
            "404 Not Found",
        ),
        unavailable(text(302, ""), "redirect"),
        // What proxies make of an encoded slash: decoded, refused, or sent elsewhere.
        unavailable(
            answer(404, &json!({"error": "404 Not Found"})),
            "pass %2F in paths on as it is",
        ),
        unavailable(html(404, "Not Found"), "pass %2F in paths on as it is"),
        unavailable(html(400, "Bad Request"), "pass %2F in paths on as it is"),
        unavailable(text(400, "400 Bad Request"), "gitlab_url has to be"),
        unavailable(
            located("https://gitlab.example.com/api/v4/projects/group/tenant"),
            "pass %2F in paths on as it is",
        ),
        unavailable(
            located("https://sign-in.example.com/"),
            "no sign-in of its own",
        ),
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
        unavailable(answer(200, &json!({})), "lacks what was asked for"),
        unavailable(packed(answer(200, &json!({}))), "the content coding gzip"),
        unavailable(packed(text(200, "\u{1f}\u{8b}")), "the content coding gzip"),
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
        // Beside the project the branch and the file.
        assert_eq!(memory.calls().len(), 2 + times);
        assert_untouched(&memory);
    }
}

#[test]
fn a_token_for_something_else_is_told_by_its_kind() {
    for (token, kind) in [
        ("gldt-canary", "a deploy token"),
        ("glcbt-canary", "a CI/CD job token"),
        ("eyJcanary.a.b", "a JWT"),
    ] {
        for (says, status) in [
            (gitlab_says(401, "401 Unauthorized"), 401),
            (gitlab_says(403, "403 Forbidden"), 403),
        ] {
            let memory = memory();
            memory.fault("gitlab GET", 0, usize::MAX, Fate::Answer(says));
            let mut request = request("POST", "w1", &worker(A));
            let header = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert("authorization", header);
            let saved = memory.run(service::save(&memory, &Native, &settings(), &request));
            let (code, body) = outcome(saved).unwrap();
            assert_eq!(code, status, "{body}");
            assert!(body["detail"].as_str().unwrap().contains(kind), "{body}");
            assert_untouched(&memory);
        }
    }
}

/// Advice has to lead somewhere: nobody proposes who may not push, and nobody is sent where they are.
#[test]
fn who_may_not_push_learns_which_right_is_missing() {
    let rows = [
        (
            Mode::Commit,
            Some(20),
            "the role Reporter",
            "delivery=merge-request",
        ),
        (
            Mode::MergeRequest,
            Some(20),
            "the role Reporter",
            "delivery=merge-request",
        ),
        (
            Mode::MergeRequest,
            Some(30),
            "begin with nautes/",
            "delivery=merge-request",
        ),
        (
            Mode::Commit,
            Some(30),
            "delivery=merge-request",
            "the role Reporter",
        ),
    ];
    for (mode, role, words, others) in rows {
        let memory = memory();
        memory.0.borrow_mut().gitlab.role = role;
        memory.0.borrow_mut().gitlab.may_not_push = true;
        memory
            .0
            .borrow_mut()
            .gitlab
            .foreign_on("nautes/register-w1", &Vec::new());
        memory.forget();
        let may_not =
            json!({"name": "nautes/register-w1", "can_push": false, "commit": {"id": "2"}});
        let branch = "gitlab GET branches/nautes";
        memory.fault(branch, 0, usize::MAX, Fate::Answer(answer(200, &may_not)));
        let (status, body) = save(&memory, mode.query(), &worker(A));
        let detail = body["detail"].as_str().unwrap_or_default();
        assert_eq!(
            (status, body["reason"].as_str()),
            (403, Some("PERMISSION_DENIED")),
            "{body}"
        );
        assert!(
            detail.contains(words) && !detail.contains(others),
            "{detail}"
        );
        assert!(detail.contains(NOTHING), "{detail}");
        assert_eq!(memory.writes(), [""; 0]);
    }
}

#[test]
fn who_sees_the_project_alone_learns_what_reading_the_code_takes() {
    for (says, role) in [
        (gitlab_says(403, "403 Forbidden"), Some(10)),
        (gitlab_says(404, "404 Repository Not Found"), Some(30)),
    ] {
        for mode in WAYS {
            let memory = memory();
            memory.0.borrow_mut().gitlab.role = role;
            memory.fault(
                "gitlab GET branches/main",
                0,
                usize::MAX,
                Fate::Answer(says.clone()),
            );
            let (status, body) = save(&memory, mode.query(), &worker(A));
            assert_eq!(status, 403, "{body}");
            let detail = body["detail"].as_str().unwrap();
            for words in ["may not read its code", "takes the role Reporter", NOTHING] {
                assert!(detail.contains(words), "{words}: {detail}");
            }
            assert_untouched(&memory);
        }
    }
}

#[test]
fn an_archived_project_is_named_and_read_all_the_same() {
    let whole = body_of(include_str!(
        "../../../../domain/tests/cases/a-kubeconfig-that-names-another-server-than-api_server.yaml"
    ));
    let memory = registered(&[("w1", worker(A))]);
    let project = json!({"id": 42, "path_with_namespace": "group/tenant", "web_url": "u", "archived": true,
        "default_branch": "main", "permissions": {"project_access": {"access_level": 50}, "group_access": null}});
    memory.fault(
        "gitlab GET project",
        0,
        usize::MAX,
        Fate::Answer(answer(200, &project)),
    );
    for mode in WAYS {
        let by = mode.query().trim_start_matches("w1");
        let outcomes = [
            save(&memory, &format!("w1{by}"), &worker(A)),
            save(
                &memory,
                &format!("w2{by}"),
                &worker("https://b.example.com"),
            ),
            save(&memory, &format!("w2{by}"), &json!({})),
            save(&memory, &format!("w2{by}"), &whole),
            delete(&memory, &format!("w1{by}")),
        ];
        for (status, body) in outcomes {
            assert_eq!(
                (status, body["reason"].as_str()),
                (403, Some("PERMISSION_DENIED")),
                "{body}"
            );
            let detail = body["detail"].as_str().unwrap();
            assert!(
                detail.contains("archived") && detail.contains("unarchive it"),
                "{detail}"
            );
        }
    }
    assert_eq!(memory.writes(), [""; 0]);
    assert_eq!(read(&memory, "w1").0, 200);
}

#[test]
fn a_long_rate_limit_is_passed_on_at_once() {
    let with_date = || {
        let mut answer = too_many(Some("Wed, 21 Oct 2026 07:29:17 GMT"));
        let date = "Wed, 21 Oct 2026 07:28:00 GMT".parse().unwrap();
        answer.headers_mut().insert("date", date);
        answer
    };
    for (mode, says) in [
        (Mode::Commit, too_many(Some("77"))),
        (Mode::MergeRequest, too_many(Some("77"))),
        (Mode::Commit, with_date()),
    ] {
        let fate = Fate::Answer(says);
        let (memory, outcome) = play(mode, "gitlab GET project", 0, usize::MAX, fate);
        assert_told(&limited(too_many(None)), &outcome, NOTHING);
        assert_eq!(memory.calls(), mode.calls(&[Open]));
        assert!(memory.0.borrow().slept.is_empty());
        assert_untouched(&memory);
    }
}
