//! Watches.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::support::*;

/// The lines of a watch as they come.
struct WatchLines {
    body: Incoming,
    rest: String,
}

impl WatchLines {
    async fn open(cluster: &ClusterFixture, query: &str) -> Self {
        let client = cluster.client();
        let request = client.request("GET", &format!("{CONFIG_MAPS}?watch=1&{query}"));
        let http = HttpClient::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let response = http
            .request(request.body(Full::default()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        Self {
            body: response.into_body(),
            rest: String::new(),
        }
    }

    /// The next event; none when the watch has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.rest.split_once('\n') {
                let event = serde_json::from_str(line).unwrap();
                self.rest = rest.to_owned();
                return Some(event);
            }
            let frame = self.body.frame().await?.unwrap();
            self.rest
                .push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }

    async fn expect(&mut self, kind: &str, name: &str) -> Value {
        let event = self.next().await.unwrap();
        assert_eq!(
            (&event["type"], &event["object"]["metadata"]["name"]),
            (&json!(kind), &json!(name)),
            "{event}"
        );
        event["object"].clone()
    }
}

#[tokio::test]
async fn tells_what_is_there_and_what_happens() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let mut watch = WatchLines::open(&cluster, "").await;
    watch.expect("ADDED", "a").await;
    client
        .post(CONFIG_MAPS, config_map("b", json!({})))
        .await
        .ok();
    watch.expect("ADDED", "b").await;
    client
        .patch(
            &format!("{CONFIG_MAPS}/b"),
            MERGE,
            json!({"data": {"x": "1"}}),
        )
        .await
        .ok();
    assert_eq!(watch.expect("MODIFIED", "b").await["data"]["x"], "1");
    client.delete(&format!("{CONFIG_MAPS}/b")).await.ok();
    let last = watch.expect("DELETED", "b").await;
    let list = client.get(CONFIG_MAPS).await.ok();
    assert_eq!(
        last["metadata"]["resourceVersion"],
        list["metadata"]["resourceVersion"]
    );
}

#[tokio::test]
async fn starts_after_a_revision_and_sees_every_change_in_order() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let from = client.get(CONFIG_MAPS).await.ok()["metadata"]["resourceVersion"]
        .as_str()
        .unwrap()
        .to_owned();
    client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    client.delete(&format!("{CONFIG_MAPS}/a")).await.ok();
    client.post(SECRETS, secret("other")).await.ok();
    client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let mut watch = WatchLines::open(&cluster, &format!("resourceVersion={from}")).await;
    for kind in ["ADDED", "DELETED", "ADDED"] {
        watch.expect(kind, "a").await;
    }
}

#[tokio::test]
async fn objects_that_cease_to_match_are_deleted_to_the_watcher() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let mut watch = WatchLines::open(&cluster, "labelSelector=on%3Dyes").await;
    client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let path = format!("{CONFIG_MAPS}/a");
    client
        .patch(&path, MERGE, json!({"metadata": {"labels": {"on": "yes"}}}))
        .await
        .ok();
    watch.expect("ADDED", "a").await;
    client
        .patch(&path, MERGE, json!({"metadata": {"labels": {"on": "no"}}}))
        .await
        .ok();
    watch.expect("DELETED", "a").await;
}

#[tokio::test]
async fn a_forgotten_revision_is_an_error_event() {
    let cluster = ClusterFixture::start().await;
    cluster
        .client()
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    cluster.kubernetes.store().compact();
    let mut watch = WatchLines::open(&cluster, "resourceVersion=1").await;
    let event = watch.next().await.unwrap();
    assert_eq!(
        (
            &event["type"],
            &event["object"]["code"],
            &event["object"]["reason"]
        ),
        (&json!("ERROR"), &json!(410), &json!("Expired"))
    );
    assert!(watch.next().await.is_none());
}

#[tokio::test]
async fn ends_by_its_time_with_a_bookmark() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let revision = client.get(CONFIG_MAPS).await.ok()["metadata"]["resourceVersion"].clone();
    let mut watch = WatchLines::open(&cluster, "allowWatchBookmarks=true&timeoutSeconds=1").await;
    watch.expect("ADDED", "a").await;
    let bookmark = watch.next().await.unwrap();
    assert_eq!(bookmark["type"], "BOOKMARK");
    assert_eq!(
        bookmark["object"]["metadata"],
        json!({"resourceVersion": revision})
    );
    assert!(watch.next().await.is_none());
}

#[tokio::test]
async fn initial_events_can_be_asked_for_with_a_mark_at_their_end() {
    let cluster = ClusterFixture::start().await;
    cluster
        .client()
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    let query = "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
    let mut watch = WatchLines::open(&cluster, query).await;
    watch.expect("ADDED", "a").await;
    let mark = watch.next().await.unwrap();
    assert_eq!(
        mark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"],
        "true"
    );
}
