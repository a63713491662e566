use super::*;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.as_bytes().to_vec()).unwrap()
}

fn failure(code: u16, reason: &str, message: &str, details: &str) -> Error {
    let body = format!(
        r#"{{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":{message:?},"reason":{reason:?},"details":{details},"code":{code}}}"#
    );
    classify(&answer(code, &[], &body))
}

#[test]
fn by_code_and_reason() {
    let message = || "m".to_owned();
    let causes = Vec::new;
    for (code, reason, error) in [
        (
            400,
            "BadRequest",
            Error::Invalid {
                message: message(),
                causes: causes(),
            },
        ),
        (401, "Unauthorized", Error::Unauthorized),
        (403, "Forbidden", Error::Forbidden { message: message() }),
        (404, "NotFound", Error::NotFound { message: message() }),
        (
            405,
            "MethodNotAllowed",
            Error::Unexpected {
                status: 405,
                message: message(),
            },
        ),
        (
            406,
            "NotAcceptable",
            Error::Unexpected {
                status: 406,
                message: message(),
            },
        ),
        (
            409,
            "AlreadyExists",
            Error::Conflict(WriteConflict::AlreadyExists),
        ),
        (
            409,
            "Conflict",
            Error::Conflict(WriteConflict::Changed { message: message() }),
        ),
        (410, "Expired", Error::Expired),
        (410, "Gone", Error::Expired),
        (
            413,
            "RequestEntityTooLarge",
            Error::Unexpected {
                status: 413,
                message: message(),
            },
        ),
        (
            415,
            "UnsupportedMediaType",
            Error::UnsupportedMediaType { message: message() },
        ),
        (
            422,
            "Invalid",
            Error::Invalid {
                message: message(),
                causes: causes(),
            },
        ),
        (
            429,
            "TooManyRequests",
            Error::TooManyRequests { retry_after: None },
        ),
    ] {
        assert_eq!(failure(code, reason, "m", "{}"), error, "{code} {reason}");
    }
    for code in [500, 502, 503, 504] {
        let error = Error::Unavailable {
            status: code,
            message: message(),
            retry_after: Some(3),
        };
        assert_eq!(failure(code, "x", "m", r#"{"retryAfterSeconds":3}"#), error);
    }
}

#[test]
fn two_kinds_of_409() {
    let details = r#"{"name":"x","causes":[
        {"reason":"FieldManagerConflict","message":"conflict with \"argocd-controller\" using v1 at 2026-01-01T00:00:00Z","field":".metadata.labels.x"},
        {"reason":"FieldManagerConflict","message":"conflict with \"kubectl\"","field":".spec.a"}]}"#;
    let field = |manager: &str, field: &str| FieldConflict {
        manager: manager.to_owned(),
        field: field.to_owned(),
    };
    let error = failure(409, "Conflict", "Apply failed with 2 conflicts", details);
    assert_eq!(
        error,
        Error::Conflict(WriteConflict::Fields(vec![
            field("argocd-controller", ".metadata.labels.x"),
            field("kubectl", ".spec.a"),
        ]))
    );
    assert_eq!(
        error.to_string(),
        "conflict: .metadata.labels.x is managed by argocd-controller, .spec.a is managed by kubectl"
    );
}

#[test]
fn causes_without_values() {
    let details = r#"{"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"canary\": must match","field":"spec.apiServer"}]}"#;
    let message = "Cluster \"a\" is invalid: spec.apiServer: Invalid value: \"canary\": must match";
    let error = failure(422, "Invalid", message, details);
    assert!(!format!("{error:?}").contains("canary"));
    let Error::Invalid { causes, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(causes[0].field, "spec.apiServer");
    assert_eq!(causes[0].message, "Invalid value: must match");
}

#[test]
fn a_missing_kind_is_not_a_missing_object() {
    let text = classify(&answer(404, &[], "404 page not found\n"));
    assert_eq!(text, Error::KindMissing);
    let aggregated = "the server could not find the requested resource";
    assert_eq!(
        failure(404, "NotFound", aggregated, "{}"),
        Error::KindMissing
    );
    for body in ["<html>404 page not found", "nothing here", ""] {
        let error = classify(&answer(404, &[], body));
        assert!(
            matches!(error, Error::Unexpected { status: 404, .. }),
            "{body}"
        );
    }
}

#[test]
fn answers_that_are_no_status() {
    let unexpected = |status, message: &str| Error::Unexpected {
        status,
        message: message.to_owned(),
    };
    let wait = [("retry-after", "1")];
    for (code, headers, body, error) in [
        (
            429,
            &wait[..],
            "Too many requests, please try again later.\n",
            Error::TooManyRequests {
                retry_after: Some(1),
            },
        ),
        (
            429,
            &[("retry-after", "soon")],
            "",
            Error::TooManyRequests { retry_after: None },
        ),
        (
            503,
            &wait[..],
            "<html><body>no server is available</body></html>",
            Error::Unavailable {
                status: 503,
                message: "an HTML page".to_owned(),
                retry_after: Some(1),
            },
        ),
        (
            502,
            &[],
            "bad gateway",
            Error::Unavailable {
                status: 502,
                message: "bad gateway".to_owned(),
                retry_after: None,
            },
        ),
        (401, &[], "Unauthorized", Error::Unauthorized),
        (403, &[], "<html>", unexpected(403, "an HTML page")),
        (302, &[], "", unexpected(302, "")),
        (
            409,
            &[],
            r#"{"kind":"Secret","data":{}}"#,
            unexpected(409, "JSON that is no kubernetes Status"),
        ),
    ] {
        assert_eq!(classify(&answer(code, headers, body)), error);
    }
}

#[test]
fn half_a_secret_is_not_repeated() {
    let error = unreadable(&answer(
        200,
        &[],
        r#"{"kind":"Secret","data":{"config":"canary"#,
    ));
    assert!(!format!("{error:?} {error}").contains("canary"));
}

/// As kube-apiserver 1.37 answers a write with the uid of an object that is not there any more.
#[test]
fn another_object_has_taken_the_name() {
    let details = r#"{"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: field is immutable","field":"metadata.uid"}]}"#;
    let error = failure(422, "Invalid", "Secret \"z\" is invalid", details);
    let Error::Conflict(WriteConflict::Changed { message }) = error else {
        panic!("{error:?}");
    };
    assert!(message.contains("taken the name"), "{message}");
    let details = r#"{"causes":[{"reason":"x","message":"y","field":"spec"}]}"#;
    let error = failure(422, "Invalid", "m", details);
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
}
