use super::*;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.as_bytes().to_vec()).unwrap()
}

fn of(call: CallKind, status: u16, body: &str) -> Error {
    classify(call, &answer(status, &[], body))
}

const CALLS: [CallKind; 3] = [CallKind::Read, CallKind::Commit, CallKind::Write];

#[test]
fn tokens() {
    for (body, problem, text) in [
        (
            r#"{"message":"401 Unauthorized"}"#,
            TokenProblem::Invalid,
            "401 Unauthorized",
        ),
        (
            r#"{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}"#,
            TokenProblem::Expired,
            "Token is expired. You can either do re-authorization or token refresh.",
        ),
        (
            r#"{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}"#,
            TokenProblem::Revoked,
            "Token was revoked. You have to re-authorize from the user.",
        ),
        (
            r#"{"error":"invalid_token","error_description":"Token is an impersonation token but impersonation was disabled."}"#,
            TokenProblem::Impersonation,
            "Token is an impersonation token but impersonation was disabled.",
        ),
        (
            r#"{"error":"dpop_error","error_description":"d"}"#,
            TokenProblem::ProofDemanded,
            "d",
        ),
    ] {
        for call in CALLS {
            let text = text.to_owned();
            assert_eq!(
                of(call, 401, body),
                Error::Unauthenticated { problem, text }
            );
        }
    }
    let foreign = of(CallKind::Read, 401, "<html>");
    assert!(matches!(foreign, Error::NotGitLab { status: 401, .. }));
}

#[test]
fn scopes_and_permissions() {
    let scope = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}"#;
    let granular = r#"{"error":"insufficient_granular_scope","error_description":"Access denied: your token lacks [Commit: Create]"}"#;
    let bare = r#"{"error":"insufficient_scope","error_description":"d"}"#;
    for (body, needed) in [
        (scope, "api read_api"),
        (granular, "Commit: Create"),
        (bare, "d"),
    ] {
        let needed = needed.to_owned();
        assert_eq!(
            of(CallKind::Commit, 403, body),
            Error::MissingScope { needed }
        );
    }
    let blocked = "403 Forbidden - Your account has been blocked.";
    let text = |text: &str| text.to_owned();
    for (body, error) in [
        (
            r#"{"message":"403 Forbidden - You are not allowed to push into this branch"}"#,
            Error::PushForbidden,
        ),
        (
            r#"{"message":"You cannot perform write operations on a read-only instance"}"#,
            Error::Refused {
                text: text("You cannot perform write operations on a read-only instance"),
            },
        ),
        (
            r#"{"message":"403 Forbidden - Your account has been blocked."}"#,
            Error::Forbidden {
                text: text(blocked),
            },
        ),
        (
            r#"{"message":"403 Forbidden"}"#,
            Error::Forbidden {
                text: text("403 Forbidden"),
            },
        ),
        (
            "<html><title>Access denied</title>",
            Error::NotGitLab {
                status: 403,
                text: text("Access denied"),
            },
        ),
    ] {
        assert_eq!(of(CallKind::Commit, 403, body), error);
    }
}

#[test]
fn what_is_not_there() {
    for (message, error) in [
        ("404 Project Not Found", Error::ProjectNotFound),
        ("404 Branch Not Found", Error::BranchNotFound),
        (
            "404 Commit Not Found",
            Error::LostRace(RaceKind::CommitGone),
        ),
        ("404 Tree Not Found", Error::LostRace(RaceKind::CommitGone)),
        (
            "404 Repository Not Found",
            Error::Forbidden {
                text: "404 Repository Not Found".to_owned(),
            },
        ),
    ] {
        let body = serde_json::json!({ "message": message }).to_string();
        assert_eq!(of(CallKind::Read, 404, &body), error);
    }
    for body in [
        r#"{"error":"404 Not Found"}"#,
        "<html>",
        "",
        "404 Project Not Found, says a proxy",
    ] {
        let error = of(CallKind::Read, 404, body);
        assert!(
            matches!(error, Error::NotGitLab { status: 404, .. }),
            "{body}"
        );
    }
}

#[test]
fn moved_projects() {
    let moved =
        |location: &str| classify(CallKind::Read, &answer(301, &[("location", location)], ""));
    let project_id = Some(42);
    for location in [
        "https://g.example/api/v4/projects/42",
        "https://other.example/git/api/v4/projects/42/repository/branches/main?x=1",
    ] {
        assert_eq!(moved(location), Error::Moved { project_id });
    }
    for location in [
        "https://g.example/users/sign_in?t=glpat-x",
        "https://g.example/api/v4/projects/a%2Fb",
    ] {
        let error = moved(location);
        assert!(
            matches!(error, Error::NotGitLab { status: 301, .. }),
            "{error:?}"
        );
        assert!(!error.to_string().contains("glpat"));
    }
    let body = r#"{"message":"Non GET methods are not allowed for moved projects"}"#;
    assert_eq!(
        of(CallKind::Commit, 405, body),
        Error::Moved { project_id: None }
    );
    let body = r#"{"message":"405 Method Not Allowed"}"#;
    assert!(matches!(
        of(CallKind::Commit, 405, body),
        Error::Unexpected { status: 405, .. }
    ));
}

#[test]
fn rate_limits() {
    for (headers, body, retry_after) in [
        (&[("retry-after", "30")][..], "Retry later\n", Some(30)),
        (
            &[],
            r#"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#,
            None,
        ),
        (
            &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")],
            "",
            None,
        ),
        (
            &[("retry-after", "5")],
            r#"{"message":"Upstream Gitaly has been exhausted: x. Try again later"}"#,
            Some(5),
        ),
    ] {
        for call in CALLS {
            let error = classify(call, &answer(429, headers, body));
            assert_eq!(error, Error::RateLimited { retry_after });
        }
    }
}

/// A read may be repeated; whether a write took effect has to be looked up.
#[test]
fn broken_servers() {
    for (status, body, text) in [
        (
            500,
            r#"{"message":"500 Internal Server Error"}"#,
            "500 Internal Server Error",
        ),
        (
            502,
            "<html><title>502 Bad Gateway</title>",
            "502 Bad Gateway",
        ),
        (503, "Service Unavailable", "Service Unavailable"),
        (504, "", ""),
        (408, "", ""),
    ] {
        let text = text.to_owned();
        assert_eq!(
            of(CallKind::Read, status, body),
            Error::Unavailable {
                status,
                text: text.clone()
            }
        );
        for call in [CallKind::Commit, CallKind::Write] {
            let text = format!("status {status}: {text}");
            assert_eq!(of(call, status, body), Error::UnknownOutcome { text });
        }
    }
}

#[test]
fn too_large() {
    let body = "RequestBody: upload failed: the upload size 5 is over maximum of 4 bytes: entity is too large";
    assert_eq!(
        of(CallKind::Commit, 413, body),
        Error::Refused {
            text: body.to_owned()
        }
    );
}

#[test]
fn merge_requests() {
    let open =
        r#"{"message":["Another open merge request already exists for this source branch: !5"]}"#;
    assert_eq!(
        of(CallKind::Write, 409, open),
        Error::LostRace(RaceKind::MergeRequestExists)
    );
    for (status, body, text) in [
        (
            422,
            r#"{"message":["Branch conflict: same"]}"#,
            "Branch conflict: same",
        ),
        (
            400,
            r#"{"message":{"title":["can't be blank"]}}"#,
            "title: can't be blank",
        ),
    ] {
        assert_eq!(
            of(CallKind::Write, status, body),
            Error::Refused {
                text: text.to_owned()
            }
        );
    }
}

#[test]
fn anything_else() {
    for (call, status, body) in [
        (
            CallKind::Read,
            400,
            r#"{"message":"The branch refname is invalid"}"#,
        ),
        (CallKind::Read, 406, r#"{"message":"406 Not Acceptable"}"#),
        (CallKind::Write, 409, "<html>"),
    ] {
        let error = of(call, status, body);
        assert!(matches!(error, Error::Unexpected { .. }), "{error:?}");
    }
}

#[test]
fn success_that_is_none() {
    for body in ["<html>sign in</html>", r#"{"id":"#, "", "{}"] {
        let answer = answer(201, &[], body);
        let read = unreadable(CallKind::Read, &answer);
        assert!(matches!(read, Error::Unavailable { status: 201, .. }));
        let commit = unreadable(CallKind::Commit, &answer);
        assert!(matches!(commit, Error::UnknownOutcome { .. }));
    }
}

#[test]
fn foreign_text_is_short_and_holds_no_token() {
    let body = format!("Bearer glpat-canary {}", "x".repeat(100_000));
    for call in CALLS {
        for status in [400, 401, 403, 404, 413, 418, 500] {
            let error = of(call, status, &body).to_string();
            assert!(error.len() < 700, "{status} {}", error.len());
            assert!(!error.contains("canary"), "{error}");
        }
    }
}

#[test]
fn what_gitlab_says_of_a_write_is_a_refusal_and_what_a_proxy_says_is_not() {
    for status in [400, 409, 422] {
        let refused = Error::Refused { text: "no".into() };
        assert_eq!(of(CallKind::Write, status, r#"{"message":"no"}"#), refused);
        let text = String::from("no");
        let foreign = match status {
            400 => Error::NotGitLab { status, text },
            _ => Error::Unexpected { status, text },
        };
        let unexpected = |text: &str| Error::Unexpected {
            status,
            text: text.into(),
        };
        assert_eq!(of(CallKind::Write, status, "no"), foreign);
        assert_eq!(
            of(CallKind::Read, status, r#"{"message":"no"}"#),
            unexpected("no")
        );
        assert_eq!(of(CallKind::Commit, status, "no"), foreign);
    }
    let text = r#"{"message":"no"}"#;
    assert!(matches!(
        of(CallKind::Commit, 409, text),
        Error::Unexpected { .. }
    ));
    assert!(matches!(
        of(CallKind::Commit, 400, text),
        Error::Refused { .. }
    ));
    assert!(matches!(
        of(CallKind::Read, 405, text),
        Error::Unexpected { .. }
    ));
}

#[test]
fn a_redirect_tells_where_to_and_nothing_that_was_handed_along() {
    for (location, origin) in [
        (
            Some("https://sso.example/login?token=canary#canary"),
            "https://sso.example/login",
        ),
        (Some("https://g.example/#canary"), "https://g.example/"),
        (None, "nowhere"),
    ] {
        let headers: Vec<(&str, &str)> = location.map(|it| ("location", it)).into_iter().collect();
        let text = format!("a redirect to {origin}");
        let error = classify(CallKind::Read, &answer(302, &headers, ""));
        assert_eq!(error, Error::NotGitLab { status: 302, text });
    }
}
