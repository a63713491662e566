//! Every reason that a failure can have, provoked: the list is the description's, which another test compares with the
//! sources. However a request fails, nothing was written, unless its answer says what.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use domain::render::{RenderError, SharedFiles, Tree};
use domain::{Cluster, Surroundings};
use http::Method;
use serde_json::{Value, json};
use service::gateway::{self, Function};
use service::incoming;
use service::log::Event;
use service::problem::Problem;
use service::runtime::{Components, Opened, Pieces, Request, Response, Runtime, TransportError};

use crate::native::Native;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    KUSTOMIZATION, Outcome, delete, gitlab_says, host, kubeconfig, memory, outcome, registered,
    request, save, settings, settings_with, text, truth, try_save_with, virtual_worker,
    without_kubeconfig, worker,
};

const A: &str = "https://a.example.com:6443";

fn reasons() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let description: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let reasons = &description["components"]["schemas"]["Reason"]["enum"];
    let reasons = reasons.as_array().unwrap().iter();
    reasons
        .map(|reason| reason.as_str().unwrap().to_owned())
        .collect()
}

/// A failure, and whether anything changed in either service.
struct Provoked {
    status: u16,
    body: Value,
    changed: bool,
}

/// Lets the request fail in a runtime that is as it should be but for `spoil`.
fn in_world(
    memory: &Memory,
    spoil: impl FnOnce(&Memory),
    act: impl FnOnce(&Memory) -> (u16, Value),
) -> Provoked {
    spoil(memory);
    let before = truth(memory);
    let (status, body) = act(memory);
    Provoked {
        status,
        body,
        changed: truth(memory) != before,
    }
}

/// A save of a first cluster that fails by what calls meet.
fn hit(call: &str, fate: Fate) -> Provoked {
    let fault = |memory: &Memory| memory.fault(call, 0, usize::MAX, fate);
    in_world(&memory(), fault, |memory| save(memory, "w1", &worker(A)))
}

/// A request that the first of the two services it would ask never sees.
fn without_services(problem: Problem) -> Provoked {
    let (status, body) = outcome(Some(Err(problem))).unwrap();
    Provoked {
        status,
        body,
        changed: false,
    }
}

fn with_body(content_type: &str, body: &str) -> Provoked {
    let mut request = request("POST", "w1", &Value::Null);
    let content_type = content_type.parse().unwrap();
    request.headers_mut().insert("content-type", content_type);
    *request.body_mut() = body.as_bytes().to_vec();
    let act = |memory: &Memory| {
        let settings = settings();
        let saved = service::save(memory, &Native, &settings, &request);
        outcome(memory.run(saved)).unwrap()
    };
    in_world(&memory(), |_| {}, act)
}

/// Renders nothing.
struct Unable;

impl Components for Unable {
    fn list_from_folder(
        &self,
        listing: domain::render::FolderListing,
    ) -> Result<Vec<u8>, domain::render::RenderError> {
        Native.list_from_folder(listing)
    }

    fn survey(
        &self,
        request: &domain::SaveRequest,
    ) -> Result<domain::References, domain::Rejection> {
        Native.survey(request)
    }

    fn inspect(&self, file: &domain::File) -> Result<domain::References, domain::Rejection> {
        Native.inspect(file)
    }

    fn check(
        &self,
        request: &domain::SaveRequest,
        neighbours: &domain::Neighbours,
        settings: &domain::Settings,
    ) -> Result<domain::Checked, domain::Rejection> {
        Native.check(request, neighbours, settings)
    }

    fn check_removal(
        &self,
        name: &str,
        neighbours: &domain::Neighbours,
        settings: &domain::Settings,
    ) -> Result<(Cluster, Surroundings), domain::Rejection> {
        Native.check_removal(name, neighbours, settings)
    }

    fn render(
        &self,
        _: &Cluster,
        _: &Surroundings,
        _: &SharedFiles,
        _: &domain::Settings,
    ) -> Result<Tree, RenderError> {
        Err(RenderError::Other("no".into()))
    }

    fn remove(
        &self,
        _: &Cluster,
        _: &Surroundings,
        _: &SharedFiles,
        _: &domain::Settings,
    ) -> Result<Tree, RenderError> {
        Err(RenderError::Other("no".into()))
    }
}

/// Services that are not there.
struct Nobody;

impl Pieces for Nobody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(None)
    }
}

impl Runtime for Nobody {
    type Stream = Self;

    async fn open(&self, _: Request) -> Result<Opened<Self>, TransportError> {
        Err(TransportError::Broken("refused".into()))
    }

    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Err(TransportError::Broken("refused".into()))
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> u64 {
        0
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> u64 {
        0
    }

    fn log(&self, _: &Event<'_>) {}
}

fn ready() -> Outcome {
    let mut request = request("GET", "", &Value::Null);
    *request.uri_mut() = "http://localhost/readyz".parse().unwrap();
    let settings = settings();
    let answered = service::read(&Nobody, &settings, &request);
    let mut answered = std::pin::pin!(answered);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match answered.as_mut().poll(&mut context) {
        std::task::Poll::Ready(answer) => outcome(Some(answer)),
        std::task::Poll::Pending => None,
    }
}

fn timeout() -> Fate {
    Fate::Lost(TransportError::Timeout(Duration::from_secs(15)))
}

fn provoke(reason: &str) -> Option<Provoked> {
    let nothing = |_: &Memory| {};
    let provoked = match reason {
        "API_SERVER_IN_USE" => in_world(&registered(&[("w1", worker(A))]), nothing, |memory| {
            save(memory, "w2", &worker(A))
        }),
        "BODY_TOO_LARGE" => without_services(incoming::body_too_large()),
        "BODY_TIMEOUT" => without_services(incoming::body_too_slow()),
        "CLUSTER_IN_USE" => {
            let clusters = [("h1", host(A)), ("v1", virtual_worker("h1", 31443))];
            in_world(&registered(&clusters), nothing, |memory| {
                delete(memory, "h1")
            })
        }
        "CLUSTER_NAME_IN_USE" | "REMOVAL_IN_PROGRESS" => {
            let spoil = |memory: &Memory| {
                let going = (reason == "REMOVAL_IN_PROGRESS").then_some("2026-01-01T00:00:00Z");
                let metadata = json!({"name": "w1", "uid": "1", "deletionTimestamp": going});
                let mut object = json!({"metadata": metadata});
                if going.is_none() {
                    object["metadata"] = json!({"name": "w1", "uid": "1"});
                }
                memory.0.borrow_mut().kubernetes.put("clusters/w1", object);
            };
            in_world(&memory(), spoil, |memory| save(memory, "w1", &worker(A)))
        }
        "TOO_MANY_REQUESTS" => {
            let seats: &'static service::Seats = Box::leak(Box::default());
            let taken: Vec<_> = (0..5).map(|_| seats.take("token")).collect();
            without_services(taken.into_iter().find_map(Result::err)?)
        }
        "CLUSTER_NOT_FOUND" => in_world(&memory(), nothing, |memory| delete(memory, "w1")),
        "CONCURRENT_CHANGE" => {
            let raced = gitlab_says(400, "A file with this name already exists");
            hit("gitlab POST", Fate::Answer(raced))
        }
        "CREDENTIALS_NOT_APPROVED" => {
            let mut other = worker(A);
            other["kubeconfig"] = json!(kubeconfig("other"));
            in_world(&registered(&[("w1", worker(A))]), nothing, |memory| {
                save(memory, "w1?sync=true", &other)
            })
        }
        "ADOPTION_NOT_APPROVED" => {
            let memory = registered(&[("w1", worker(A))]);
            let key = format!("secrets/{}", domain::api_server::secret_name(A));
            let mut secret = memory.0.borrow().kubernetes.objects[&key].clone();
            secret["metadata"] = json!({
                "name": secret["metadata"]["name"], "uid": "other",
                "labels": {"argocd.argoproj.io/secret-type": "cluster"},
            });
            memory.0.borrow_mut().kubernetes.put(&key, secret);
            in_world(&memory, nothing, |memory| {
                save(memory, "w1?adopt=true&delivery=merge-request", &worker(A))
            })
        }
        "FORCE_NOT_APPROVED" => {
            let memory = registered(&[("w1", worker(A))]);
            let remains = memory.0.borrow().kubernetes.objects.clone();
            assert_eq!(delete(&memory, "w1").0, 200);
            memory.0.borrow_mut().kubernetes.objects = remains;
            in_world(&memory, nothing, |memory| {
                delete(memory, "w1?force=true&delivery=merge-request")
            })
        }
        "FUNCTION_UNAVAILABLE" => {
            let error = TransportError::Broken("trap".into());
            without_services(gateway::unreachable(Function::Save, &error))
        }
        "GITLAB_TIMEOUT" => hit("gitlab GET", timeout()),
        "GITLAB_UNAVAILABLE" => hit("gitlab GET", Fate::Answer(text(502, "<html>"))),
        "INSTALL_TRIGGER_FAILED" => hit("kubernetes PATCH", timeout()),
        "INTERNAL" => in_world(&memory(), nothing, |memory| {
            let request = request("POST", "w1", &worker(A));
            let settings = settings();
            let saved = service::save(memory, &Unable, &settings, &request);
            outcome(memory.run(saved)).unwrap()
        }),
        "KUBERNETES_TIMEOUT" | "KUBERNETES_UNAVAILABLE" => {
            let fate = match reason {
                "KUBERNETES_TIMEOUT" => timeout(),
                _ => Fate::Answer(text(503, "no")),
            };
            let fault = |memory: &Memory| memory.fault("kubernetes GET", 0, usize::MAX, fate);
            in_world(&registered(&[("w1", worker(A))]), fault, |memory| {
                save(memory, "w1", &without_kubeconfig(worker(A)))
            })
        }
        "MALFORMED_BODY" => with_body("application/json", "{"),
        "METHOD_NOT_ALLOWED" => {
            without_services(gateway::route(&Method::PUT, "/api/v1/clusters/a").err()?)
        }
        "MISCONFIGURED" => in_world(&memory(), nothing, |memory| {
            let settings = settings_with(&[("gitlab_branch", "nowhere")]);
            try_save_with(&settings, memory, "w1", &worker(A)).unwrap()
        }),
        "NOT_MERGED" => in_world(&memory(), nothing, |memory| {
            save(memory, "w1?sync=true", &worker(A))
        }),
        "NOT_READY" => {
            let (status, body) = ready()?;
            Provoked {
                status,
                body,
                changed: false,
            }
        }
        "PERMISSION_DENIED" => {
            let refusal = gitlab_says(403, "You are not allowed to push into this branch");
            hit("gitlab POST", Fate::Answer(refusal))
        }
        "RATE_LIMITED" => hit("gitlab GET", Fate::Answer(text(429, "Retry later"))),
        "ROUTE_NOT_FOUND" => without_services(gateway::route(&Method::GET, "/api/v2").err()?),
        "UNAUTHENTICATED" => {
            let refusal = gitlab_says(401, "401 Unauthorized");
            hit("gitlab GET", Fate::Answer(refusal))
        }
        "UNREADABLE_FILE" => {
            let spoil = |memory: &Memory| {
                let change = vec![(KUSTOMIZATION, Some("- no: [".to_owned()))];
                memory.0.borrow_mut().gitlab.foreign(&change);
            };
            in_world(&registered(&[("w1", worker(A))]), spoil, |memory| {
                save(memory, "w2", &worker("https://b.example.com:6443"))
            })
        }
        "UNSUPPORTED_MEDIA_TYPE" => with_body("text/html", "<p>"),
        "VALIDATION_FAILED" => {
            in_world(&memory(), nothing, |memory| save(memory, "w1", &json!({})))
        }
        _ => return None,
    };
    Some(provoked)
}

/// Reasons of the gateways in `deploy/gateways`, which `tests/gateways/run` provokes.
const OF_GATEWAYS: [&str; 1] = ["REQUEST_REFUSED"];

#[test]
fn every_reason_can_be_provoked_and_nothing_is_written_then() {
    let of_service = |reason: &String| !OF_GATEWAYS.contains(&reason.as_str());
    for reason in reasons().into_iter().filter(of_service) {
        let Some(provoked) = provoke(&reason) else {
            panic!("nothing provokes {reason}: add a case");
        };
        let body = provoked.body;
        assert_eq!(body["reason"], reason, "{body:#}");
        assert_eq!(body["code"], provoked.status, "{body:#}");
        assert_eq!(body["message"], body["detail"], "{reason}");
        // One failure comes after the commit, and its answer names the commit.
        let after_commit = reason == "INSTALL_TRIGGER_FAILED";
        assert_eq!(provoked.changed, after_commit, "{reason}");
        assert_eq!(body["commit"]["id"].is_string(), after_commit, "{reason}");
    }
}

#[test]
fn the_documentation_has_every_reason() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md");
    let page = std::fs::read_to_string(path).unwrap();
    for reason in reasons() {
        assert!(page.contains(&format!("`{reason}`")), "{reason}");
    }
}
