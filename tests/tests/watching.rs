//! A watch through the gateway, beside the stand-in for Argo CD.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use sandbox_argocd::{ArgoCd, Behaviour};
use sandbox_kubernetes::ADMIN;
use serde_json::Value;
use tests::{Event, Events, Tenant, guide};

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
    argo.behave(ROOT, Behaviour::Unreachable);
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
    argo.behave(COMPONENT, Behaviour::Stuck);
    argo.behave(ROOT, Behaviour::Normal);
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

    argo.behave(COMPONENT, Behaviour::Normal);
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
    argo.behave(COMPONENT, Behaviour::Degraded("no disk".to_owned()));
    argo.behave(ROOT, Behaviour::Normal);
    let events = events.rest().await;
    assert_ended(&events, "degraded");
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
    for _ in 0..20 {
        let mut events = tenant.watch(NAME, "").await;
        first(&mut events).await;
        watches.push(events);
    }
    // Other requests are answered meanwhile.
    tenant.get(NAME).await.ok();
    argo.behave(ROOT, Behaviour::Normal);
    for events in watches {
        assert_ended(&events.rest().await, "ready");
    }
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
