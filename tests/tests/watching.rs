//! A watch through the gateway, beside the stand-in for Argo CD.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use sandbox_argocd::{ApplicationBehaviour, ArgoCd};
use sandbox_kubernetes::ADMIN;
use serde_json::Value;
use tests::{Answer, Event, Events, Tenant, guide};

const NAME: &str = "physical-worker-deployment";
/// From which everything of the tenant grows.
const ROOT: &str = "tenant1-management";
const COMPONENT: &str = "physical-worker-deployment-external-secrets";

/// A tenant whose cluster is registered, and stays so until Argo CD gets to work.
async fn registered() -> (Tenant, ArgoCd) {
    let mut started = None;
    let tenant = Tenant::start_as(ADMIN, |gitlab, options| {
        let argo = ArgoCd::new(gitlab.repository(), Duration::from_millis(20));
        options.controllers.push(Arc::new(argo.clone()));
        started = Some(argo);
    })
    .await;
    let argo = started.unwrap();
    argo.behave(ROOT, ApplicationBehaviour::Unreachable);
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    (tenant, argo)
}

async fn first(events: &mut Events) -> Value {
    let event = events.next().await.unwrap();
    assert_eq!(event.name, "cluster");
    assert_eq!(event.data["name"], NAME);
    event.data["status"].clone()
}

fn assert_ended(events: &[Event], reason: &str) {
    let last = events.last().unwrap();
    assert_eq!(
        (last.name.as_str(), &last.data["reason"]),
        ("end", &Value::from(reason)),
        "{events:#?}"
    );
}

#[tokio::test]
async fn changes_arrive_while_it_goes_on_and_it_ends_when_the_cluster_is_ready() {
    let (tenant, argo) = registered().await;
    let mut events = tenant.watch(NAME, "").await;
    assert_eq!(first(&mut events).await["phase"], "Registered");

    // What is told from here on has been passed on before the answer's end: one component does not come up.
    argo.behave(COMPONENT, ApplicationBehaviour::Stuck);
    argo.behave(ROOT, ApplicationBehaviour::Normal);
    let waiting = |status: &Value| {
        let components = status["components"].as_array().unwrap();
        let late: Vec<&Value> = components
            .iter()
            .filter(|it| it["health"] != "Healthy")
            .collect();
        components.len() > 5 && late.len() == 1 && late[0]["name"] == "external-secrets"
    };
    loop {
        let event = events.next().await.expect("the stream ended");
        assert_eq!(event.name, "status");
        assert_eq!(event.data["phase"], "Installing", "{}", event.data);
        if waiting(&event.data) {
            break;
        }
    }

    argo.behave(COMPONENT, ApplicationBehaviour::Normal);
    let events = events.rest().await;
    assert_ended(&events, "ready");
    assert_eq!(events[events.len() - 2].data["phase"], "Ready");
    let now = tenant.get(NAME).await.ok();
    assert_eq!(events[events.len() - 2].data, now["status"]);

    // A cluster that is ready is told so at once.
    let again = tenant.watch(NAME, "").await.rest().await;
    assert_eq!(again.len(), 2);
    assert_eq!(again[0].data, now);
    assert_ended(&again, "ready");
    assert!(
        !tenant.log().contains("without Content-Length"),
        "{}",
        tenant.log()
    );
}

#[tokio::test]
async fn a_component_that_fails_ends_it() {
    let (tenant, argo) = registered().await;
    let mut events = tenant.watch(NAME, "").await;
    first(&mut events).await;
    argo.behave(
        COMPONENT,
        ApplicationBehaviour::Degraded("no disk".to_owned()),
    );
    argo.behave(ROOT, ApplicationBehaviour::Normal);
    let events = events.rest().await;
    assert_ended(&events, "failed");
    let status = &events[events.len() - 2].data;
    assert_eq!(status["phase"], "Degraded");
    let components = status["components"].as_array().unwrap();
    let failed = components
        .iter()
        .find(|it| it["health"] == "Degraded")
        .unwrap();
    assert_eq!(failed["name"], "external-secrets");
}

#[tokio::test]
async fn its_time_limit_ends_it() {
    let (tenant, _) = registered().await;
    let events = tenant.watch(NAME, "&timeout_seconds=1").await.rest().await;
    assert_eq!(events.len(), 2, "{events:#?}");
    assert_ended(&events, "time_limit");
}

#[tokio::test]
async fn the_clusters_removal_ends_it() {
    let (tenant, _) = registered().await;
    let mut events = tenant.watch(NAME, "").await;
    first(&mut events).await;
    tenant.delete(NAME).await.ok();
    let events = events.rest().await;
    assert_ended(&events, "removed");
}

#[tokio::test]
async fn when_the_client_leaves_the_work_ends() {
    let (tenant, _) = registered().await;
    let mut events = tenant.watch(NAME, "").await;
    first(&mut events).await;
    drop(events);
    until_left(&tenant).await;
}

/// Waits until a watch has ended whose client has left.
async fn until_left(tenant: &Tenant) {
    for _ in 0..600 {
        if tenant.log().contains("\"reason\":\"client_left\"") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it goes on: {}", tenant.log());
}

#[tokio::test]
async fn many_watch_at_once() {
    let (tenant, argo) = registered().await;
    let mut watches = Vec::new();
    let tokens = tenant.gitlab.tokens();
    let readers = [
        &tokens.maintainer,
        &tokens.owner,
        &tokens.developer,
        &tokens.reporter,
        &tokens.read_api,
    ];
    for token in readers.into_iter().cycle().take(20) {
        let mut events = tenant.watch_as(token, NAME, "").await;
        first(&mut events).await;
        watches.push(events);
    }
    // Other requests are answered meanwhile.
    tenant.get(NAME).await.ok();
    argo.behave(ROOT, ApplicationBehaviour::Normal);
    for events in watches {
        assert_ended(&events.rest().await, "ready");
    }
}

#[tokio::test]
async fn one_token_has_four_watches_and_the_place_of_one_that_left() {
    let (tenant, _) = registered().await;
    let fifth = || {
        let path = format!("/api/v1/clusters/{NAME}?watch=true&timeout_seconds=1");
        let request = tenant.request(Method::GET, &path);
        request
            .bearer_auth(&tenant.gitlab.tokens().maintainer)
            .send()
    };
    let mut running = Vec::new();
    for _ in 0..4 {
        let mut events = tenant.watch(NAME, "").await;
        first(&mut events).await;
        running.push(events);
    }
    let refused = Answer::read(fifth().await.unwrap()).await;
    assert_eq!(refused.headers["retry-after"], "5");
    refused.problem(429, "TOO_MANY_REQUESTS");
    // Reads are no watches.
    tenant.get(NAME).await.ok();
    let mut other = tenant
        .watch_as(&tenant.gitlab.tokens().owner, NAME, "")
        .await;
    first(&mut other).await;

    drop(running.pop());
    let mut status = 429;
    for _ in 0..100 {
        status = fifth().await.unwrap().status().as_u16();
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_quiet_watch_asks_kubernetes_once() {
    let (tenant, argo) = registered().await;
    argo.behave(COMPONENT, ApplicationBehaviour::Stuck);
    argo.behave(ROOT, ApplicationBehaviour::Normal);
    let mut events = tenant.watch(NAME, "").await;
    let waits = |status: &Value| {
        let components = status["components"].as_array().unwrap();
        let late = components.iter().filter(|it| it["health"] != "Healthy");
        components.len() > 5 && late.count() == 1
    };
    let mut status = first(&mut events).await;
    while !waits(&status) {
        status = events.next().await.unwrap().data;
    }
    drop(events);
    until_left(&tenant).await;
    tenant.kubernetes.clear_calls();
    let events = tenant.watch(NAME, "&timeout_seconds=20").await.rest().await;
    assert_ended(&events, "time_limit");
    assert_eq!(events.len(), 2, "{events:#?}");
    let calls = tenant.kubernetes.calls();
    let own: Vec<_> = calls
        .iter()
        .map(|call| (call.verb.as_str(), call.resource.as_str()))
        .collect();
    let count = |verb: &str, resource: &str| {
        let same = own.iter().filter(|call| **call == (verb, resource));
        same.count()
    };
    assert_eq!(
        [
            count("list", "applications"),
            count("watch", "applications"),
            count("get", "secrets")
        ],
        // The Secret at the beginning, and with the look after 15 seconds.
        [1, 1, 2],
        "{own:?}"
    );
}

#[tokio::test]
async fn what_is_wrong_from_the_start_is_a_problem_document() {
    let (tenant, _) = registered().await;
    let before = tenant.written();
    let token = tenant.gitlab.tokens().maintainer.clone();
    let send = |method: Method, path: &'static str, token: Option<String>| {
        let tenant = &tenant;
        let body = if method == Method::POST {
            guide("v0.4", NAME)
        } else {
            String::new()
        };
        async move { tenant.send(method, path, token.as_deref(), body).await }
    };
    let known = || Some(token.clone());
    send(Method::GET, "other?watch=true", known())
        .await
        .problem(404, "CLUSTER_NOT_FOUND");
    let path = "physical-worker-deployment?watch=true";
    send(Method::GET, path, None)
        .await
        .problem(401, "UNAUTHENTICATED");
    send(Method::POST, path, known())
        .await
        .problem(422, "VALIDATION_FAILED");
    send(Method::DELETE, path, known())
        .await
        .problem(422, "VALIDATION_FAILED");
    send(Method::GET, "?watch=true", known())
        .await
        .problem(422, "VALIDATION_FAILED");
    let path = "physical-worker-deployment?watch=true&timeout_seconds=301";
    let problem = send(Method::GET, path, known())
        .await
        .problem(422, "VALIDATION_FAILED");
    assert_eq!(problem["violations"][0]["field"], "?timeout_seconds");
    // The headers of an ordinary read.
    let path = "physical-worker-deployment?watch=true";
    let head = send(Method::HEAD, path, known()).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(tenant.written(), before);
}
