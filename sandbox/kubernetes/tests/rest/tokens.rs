//! Tokens of service accounts: requested ones with an end, and those that Secrets hold.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::*;

const ACCOUNTS: &str = "/api/v1/namespaces/argocd/serviceaccounts";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces/argocd";

/// The account `robot`, which may list Secrets.
async fn robot(client: &ApiClient) {
    let account =
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}});
    client.post(ACCOUNTS, account).await.ok();
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": "argocd"}]});
    client.post(&format!("{RBAC}/roles"), role).await.ok();
    let bindings = format!("{RBAC}/rolebindings");
    client.post(&bindings, binding).await.ok();
}

async fn request(client: &ApiClient, spec: Value) -> ApiAnswer {
    let body =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
    client.post(&format!("{ACCOUNTS}/robot/token"), body).await
}

fn user_of(cluster: &ClusterFixture, token: &Value) -> ApiClient {
    ApiClient::new(cluster.kubernetes.url(), token.as_str())
}

fn token_secret() -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {
        "name": "robot-token", "annotations": {"kubernetes.io/service-account.name": "robot"}}})
}

/// The token that the controller has written into the Secret.
async fn filled(client: &ApiClient) -> Value {
    for _ in 0..200 {
        let secret = client.get(&format!("{SECRETS}/robot-token")).await.ok();
        if let Some(token) = secret["data"]["token"].as_str() {
            let token = STANDARD.decode(token).unwrap();
            return String::from_utf8(token).unwrap().into();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never filled");
}

#[tokio::test]
async fn a_requested_token_is_its_account_until_that_goes() {
    let cluster = ClusterFixture::start().await;
    let admin = cluster.client();
    robot(&admin).await;
    let answer = request(&admin, json!({"expirationSeconds": 600})).await;
    assert_eq!(answer.status, 201);
    let answer = answer.json();
    assert_eq!(answer["spec"]["expirationSeconds"], 600);
    let robot = user_of(&cluster, &answer["status"]["token"]);
    robot.get(SECRETS).await.ok();
    let refused = robot.get(CONFIG_MAPS).await.fails(403, "Forbidden");
    let user = "User \"system:serviceaccount:argocd:robot\" cannot list";
    assert!(refused["message"].as_str().unwrap().contains(user));

    admin.delete(&format!("{ACCOUNTS}/robot")).await.ok();
    robot.get(SECRETS).await.fails(401, "Unauthorized");
}

#[tokio::test]
async fn a_token_that_has_ended_or_is_changed_or_is_for_others_is_refused() {
    let cluster = ClusterFixture::start().await;
    let admin = cluster.client();
    robot(&admin).await;
    let short = request(&admin, json!({"expirationSeconds": 60})).await;
    let fields = cause_fields(&short.fails(422, "Invalid"));
    assert_eq!(fields, ["spec.expirationSeconds"]);

    let answer = request(&admin, json!({})).await.ok();
    let token = answer["status"]["token"].as_str().unwrap();
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("no JWT")
    };
    let mut claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let end = claims["exp"].as_i64().unwrap();
    assert_eq!(end - claims["iat"].as_i64().unwrap(), 3600);
    claims["exp"] = json!(end + 1);
    let changed = URL_SAFE_NO_PAD.encode(claims.to_string());
    let changed = Value::from(format!("{header}.{changed}.{signature}"));
    user_of(&cluster, &changed)
        .get(SECRETS)
        .await
        .fails(401, "Unauthorized");

    let foreign = request(&admin, json!({"audiences": ["vault"]})).await.ok();
    let foreign = user_of(&cluster, &foreign["status"]["token"]);
    foreign.get(SECRETS).await.fails(401, "Unauthorized");

    let stranger = cluster.client_of("reader");
    let refused = request(&stranger, json!({})).await.fails(403, "Forbidden");
    let what = "cannot create resource \"serviceaccounts/token\"";
    assert!(refused["message"].as_str().unwrap().contains(what));
}

#[tokio::test]
async fn a_secret_is_filled_and_another_has_another_token() {
    let cluster = ClusterFixture::start().await;
    let admin = cluster.client();
    // In the order of a file that has the Secret first.
    admin.post(SECRETS, token_secret()).await.ok();
    robot(&admin).await;
    let first = filled(&admin).await;
    user_of(&cluster, &first).get(SECRETS).await.ok();
    let secret = admin.get(&format!("{SECRETS}/robot-token")).await.ok();
    assert!(secret["data"]["ca.crt"].is_string());
    assert_eq!(secret["data"]["namespace"], STANDARD.encode("argocd"));

    admin.delete(&format!("{SECRETS}/robot-token")).await.ok();
    let gone = user_of(&cluster, &first).get(SECRETS).await;
    gone.fails(401, "Unauthorized");
    admin.post(SECRETS, token_secret()).await.ok();
    let second = filled(&admin).await;
    assert_ne!(first, second);
    user_of(&cluster, &second).get(SECRETS).await.ok();
}

#[tokio::test]
async fn a_secret_goes_with_its_account() {
    let cluster = ClusterFixture::start().await;
    let admin = cluster.client();
    robot(&admin).await;
    admin.post(SECRETS, token_secret()).await.ok();
    filled(&admin).await;
    admin.delete(&format!("{ACCOUNTS}/robot")).await.ok();
    for _ in 0..200 {
        if admin.get(&format!("{SECRETS}/robot-token")).await.status == 404 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it stays");
}
