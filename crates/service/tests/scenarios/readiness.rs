//! `GET /readyz`: what of the two services is in the way of a save.

use http::Response;
use serde_json::{Value, json};

use crate::gitlab_service::answer;
use crate::runtime::{Fate, Memory};
use crate::setting::{memory, outcome, request, settings, text};

const TRIAL: &str = "kubernetes TRY applications/tenant1-management";

fn ready(memory: &Memory) -> (u16, Value) {
    let mut request = request("GET", "", &Value::Null);
    *request.uri_mut() = "http://localhost/readyz".parse().unwrap();
    request.headers_mut().remove("authorization");
    let live = Fate::Answer(Response::new(b"GitLab is alive".to_vec()));
    memory.fault("gitlab GET liveness", 0, usize::MAX, live);
    let settings = settings();
    let answer = outcome(memory.run(service::read(memory, &settings, &request))).unwrap();
    assert_eq!(memory.writes(), [""; 0]);
    answer
}

fn says(memory: &Memory) -> String {
    let (status, problem) = ready(memory);
    assert_eq!(
        (status, problem["reason"].as_str()),
        (503, Some("NOT_READY"))
    );
    problem["detail"].as_str().unwrap().to_owned()
}

#[test]
fn both_services_and_argo_cd_are_there() {
    let memory = memory();
    assert_eq!(ready(&memory).0, 200);
    assert_eq!(memory.0.borrow().trials, [TRIAL]);
    assert_eq!(
        memory.calls(),
        ["gitlab GET liveness", "kubernetes GET readyz"]
    );
}

#[test]
fn argo_cd_is_not_installed() {
    let memory = memory();
    memory
        .0
        .borrow_mut()
        .kubernetes
        .missing
        .insert("applications");
    assert_eq!(
        says(&memory),
        "the management cluster has no definition of Applications: Argo CD 3.2 or later is not installed"
    );
}

#[test]
fn argo_cd_is_too_old() {
    let memory = memory();
    let message = "failed to create typed patch object (argocd/tenant1-management; argoproj.io/v1alpha1, Kind=Application): \
        .spec.syncPolicy.retry.refresh: field not declared in schema";
    let refusal = json!({"kind": "Status", "status": "Failure", "code": 500, "reason": "InternalError", "message": message});
    memory.fault(TRIAL, 0, 1, Fate::Answer(answer(500, &refusal)));
    assert_eq!(
        says(&memory),
        "Argo CD in the management cluster is older than 3.2: its definition of Applications lacks a field (`nautes-clusters doctor` names it)"
    );
}

#[test]
fn any_other_refusal_is_for_a_save_to_tell() {
    for status in [401, 403, 404, 409, 422, 429, 500] {
        let memory = memory();
        let refusal = json!({"kind": "Status", "status": "Failure", "code": status, "reason": "Other", "message": "no"});
        memory.fault(TRIAL, 0, usize::MAX, Fate::Answer(answer(status, &refusal)));
        assert_eq!(ready(&memory).0, 200, "{status}");
    }
}

#[test]
fn a_service_that_fails_is_named() {
    for (down, text) in [
        (["gitlab GET liveness"].as_slice(), "GitLab does not answer"),
        (&["kubernetes"], "the management cluster does not answer"),
        (
            &["gitlab GET liveness", "kubernetes"],
            "neither GitLab nor the management cluster answers",
        ),
    ] {
        let memory = memory();
        for call in down {
            memory.fault(call, 0, usize::MAX, Fate::Answer(unavailable()));
        }
        assert_eq!(says(&memory), text);
    }
}

fn unavailable() -> Response<Vec<u8>> {
    text(503, "down")
}
