//! Lists: selectors, pages, revisions.

use serde_json::{Value, json};

use crate::support::*;

async fn five(client: &ApiClient) {
    for (index, name) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let mut body = config_map(name, json!({}));
        body["metadata"]["labels"] =
            json!({"n": index.to_string(), "even": (index % 2 == 0).to_string()});
        client.post(CONFIG_MAPS, body).await.ok();
    }
}

fn names(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["metadata"]["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn selectors_choose() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    five(&client).await;
    for (query, expected) in [
        ("labelSelector=even%3Dtrue", vec!["a", "c", "e"]),
        ("labelSelector=n+in+(1,3),even", vec!["b", "d"]),
        ("labelSelector=n+notin+(0,1,2)", vec!["d", "e"]),
        ("labelSelector=!n", vec![]),
        ("fieldSelector=metadata.name%3Db", vec!["b"]),
        (
            "fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault&labelSelector=n+in+(0,1)",
            vec!["a"],
        ),
    ] {
        let list = client.get(&format!("{CONFIG_MAPS}?{query}")).await.ok();
        assert_eq!(names(&list), expected, "{query}");
    }
    client
        .get(&format!("{CONFIG_MAPS}?labelSelector=a+in+b"))
        .await
        .fails(400, "BadRequest");
    let status = client
        .get(&format!("{CONFIG_MAPS}?fieldSelector=data.x%3D1"))
        .await
        .fails(400, "BadRequest");
    assert_eq!(status["message"], "field label not supported: data.x");
}

#[tokio::test]
async fn pages_continue_where_they_ended() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    five(&client).await;
    let first = client.get(&format!("{CONFIG_MAPS}?limit=2")).await.ok();
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    let token = first["metadata"]["continue"].as_str().unwrap();
    let second = client
        .get(&format!("{CONFIG_MAPS}?limit=2&continue={token}"))
        .await
        .ok();
    assert_eq!(names(&second), ["c", "d"]);
    assert_eq!(
        second["metadata"]["resourceVersion"],
        first["metadata"]["resourceVersion"]
    );
    let last = second["metadata"]["continue"].as_str().unwrap();
    let third = client
        .get(&format!("{CONFIG_MAPS}?limit=2&continue={last}"))
        .await
        .ok();
    assert_eq!(names(&third), ["e"]);
    assert!(third["metadata"].get("continue").is_none());
    client
        .get(&format!("{CONFIG_MAPS}?continue=nonsense"))
        .await
        .fails(400, "BadRequest");
}

#[tokio::test]
async fn a_page_is_filled_with_what_a_selector_matches() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    five(&client).await;
    let all = client.get(&format!("{CONFIG_MAPS}?limit=2")).await.ok();
    assert_eq!(names(&all), ["a", "b"]);
    let path = format!("{CONFIG_MAPS}?limit=2&fieldSelector=metadata.name%3De");
    let last = client.get(&path).await.ok();
    assert_eq!(names(&last), ["e"]);
    assert!(last["metadata"].get("continue").is_none());
}

#[tokio::test]
async fn old_pages_expire_with_a_token_to_go_on() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    five(&client).await;
    let first = client.get(&format!("{CONFIG_MAPS}?limit=2")).await.ok();
    client
        .post(CONFIG_MAPS, config_map("f", json!({})))
        .await
        .ok();
    cluster.kubernetes.store().compact();
    let token = first["metadata"]["continue"].as_str().unwrap();
    let status = client
        .get(&format!("{CONFIG_MAPS}?limit=2&continue={token}"))
        .await
        .fails(410, "Expired");
    let fresh = status["metadata"]["continue"].as_str().unwrap();
    let rest = client
        .get(&format!("{CONFIG_MAPS}?continue={fresh}"))
        .await
        .ok();
    assert_eq!(names(&rest), ["c", "d", "e", "f"]);
}

#[tokio::test]
async fn lists_span_namespaces_and_carry_a_revision() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    client.post(SECRETS, secret("s")).await.ok();
    client
        .post("/api/v1/namespaces/default/secrets", secret("s"))
        .await
        .ok();
    let list = client.get("/api/v1/secrets").await.ok();
    assert_eq!(
        (&list["kind"], names(&list)),
        (&json!("SecretList"), vec!["s", "s"])
    );
    assert!(
        list["items"][0].get("kind").is_none(),
        "elements of built-in lists say no kind"
    );
    assert!(
        list["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .is_ok()
    );
    client.post(APPLICATIONS, application("a")).await.ok();
    let custom = client.get(APPLICATIONS).await.ok();
    assert_eq!(custom["items"][0]["kind"], "Application");
    assert_eq!(
        names(&client.get("/api/v1/namespaces/nowhere/secrets").await.ok()),
        Vec::<&str>::new()
    );
}

#[tokio::test]
async fn revisions_from_the_future_time_out() {
    let cluster = ClusterFixture::start().await;
    let client = cluster.client();
    let status = client
        .get(&format!("{CONFIG_MAPS}?resourceVersion=999999"))
        .await;
    assert_eq!(status.header("retry-after"), "1");
    let status = status.fails(504, "Timeout");
    assert_eq!(
        status["details"]["causes"][0]["reason"],
        "ResourceVersionTooLarge"
    );
    client
        .get(&format!("{CONFIG_MAPS}?resourceVersion=0"))
        .await
        .ok();
    client
        .get(&format!("{CONFIG_MAPS}?resourceVersion=x"))
        .await
        .fails(400, "BadRequest");
    client
        .get(&format!(
            "{CONFIG_MAPS}?resourceVersion=1&resourceVersionMatch=Exact"
        ))
        .await
        .fails(410, "Expired");
}
