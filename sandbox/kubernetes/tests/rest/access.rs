//! Authentication and authorisation.

use sandbox_kubernetes::{CallerIdentity, PolicyRule};
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn a_wrong_token_is_unauthorized_and_none_is_anonymous() {
    let cluster = ClusterFixture::start().await;
    let wrong = ApiClient::new(cluster.kubernetes.url(), Some("wrong"));
    let status = wrong.get(SECRETS).await.fails(401, "Unauthorized");
    assert_eq!(status["message"], "Unauthorized");
    let status = cluster
        .anonymous()
        .get(&format!("{SECRETS}/x"))
        .await
        .fails(403, "Forbidden");
    assert_eq!(
        status["message"],
        "secrets \"x\" is forbidden: User \"system:anonymous\" cannot get resource \"secrets\" in API group \"\" in the namespace \"argocd\""
    );
}

#[tokio::test]
async fn rules_bound_what_an_identity_may_do() {
    let cluster = ClusterFixture::start().await;
    cluster.client().post(SECRETS, secret("s")).await.ok();
    let reader = cluster.client_of("reader");
    reader.get(&format!("{SECRETS}/s")).await.ok();
    reader.get(SECRETS).await.ok();
    let before = cluster.kubernetes.store().dump();
    let status = reader
        .apply(&format!("{APPLICATIONS}/x"), "m", application("x"))
        .await
        .fails(403, "Forbidden");
    assert_eq!(
        status["message"],
        "applications.argoproj.io \"x\" is forbidden: User \"reader\" cannot patch resource \"applications\" in API group \"argoproj.io\" in the namespace \"argocd\""
    );
    assert_eq!(
        status["details"],
        json!({"name": "x", "group": "argoproj.io", "kind": "applications"})
    );
    let status = reader.get("/api/v1/secrets").await.fails(403, "Forbidden");
    assert_eq!(
        status["message"],
        "secrets is forbidden: User \"reader\" cannot list resource \"secrets\" in API group \"\" at the cluster scope"
    );
    let status = reader
        .get(&format!("{CLUSTERS}/a/status"))
        .await
        .fails(403, "Forbidden");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("cannot get resource \"clusters/status\"")
    );
    reader
        .get("/apis/example.com/v1/things")
        .await
        .fails(403, "Forbidden");
    assert_eq!(cluster.kubernetes.store().dump(), before);
}

#[tokio::test]
async fn an_apply_that_creates_needs_create_as_well() {
    let cluster = ClusterFixture::start_with(|options| {
        let rules = vec![PolicyRule::new(&[""], &["configmaps"], &["patch"])];
        options.identities.push(CallerIdentity {
            name: "patcher".into(),
            token: Some("patcher-token".into()),
            rules,
        });
    })
    .await;
    let patcher = cluster.client_of("patcher");
    let path = format!("{CONFIG_MAPS}/a");
    let status = patcher
        .apply(&path, "m", config_map("a", json!({})))
        .await
        .fails(403, "Forbidden");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .contains("cannot create resource \"configmaps\""),
        "{status}"
    );
    cluster
        .client()
        .post(CONFIG_MAPS, config_map("a", json!({})))
        .await
        .ok();
    patcher
        .apply(&path, "m", config_map("a", json!({"x": "1"})))
        .await
        .ok();
}

#[tokio::test]
async fn roles_in_the_store_grant_too() {
    let cluster = ClusterFixture::start_with(|options| {
        let name = "system:serviceaccount:nautes:api".to_owned();
        options.identities.push(CallerIdentity {
            name,
            token: None,
            rules: Vec::new(),
        });
    })
    .await;
    let admin = cluster.client();
    let api = cluster.client_of("system:serviceaccount:nautes:api");
    api.get(SECRETS).await.fails(403, "Forbidden");
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/argocd";
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": "api", "namespace": "nautes"}]});
    admin.post(&format!("{rbac}/roles"), role).await.ok();
    admin
        .post(&format!("{rbac}/rolebindings"), binding)
        .await
        .ok();
    api.get(SECRETS).await.ok();
    api.get(&format!("{SECRETS}/x"))
        .await
        .fails(403, "Forbidden");
    api.get("/api/v1/namespaces/nautes/secrets")
        .await
        .fails(403, "Forbidden");
    let change = json!({"roleRef": {"name": "other"}});
    admin
        .patch(&format!("{rbac}/rolebindings/b"), MERGE, change)
        .await
        .fails(422, "Invalid");
}

#[tokio::test]
async fn callers_can_ask_about_themselves() {
    let cluster = ClusterFixture::start().await;
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let review = |verb: &str, namespace: &str| {
        json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes":
            {"verb": verb, "group": "", "resource": "secrets", "namespace": namespace}}})
    };
    let allowed = |answer: ApiAnswer| {
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["status"]["allowed"] == Value::Bool(true)
    };
    let reader = cluster.client_of("reader");
    assert!(allowed(reader.post(path, review("get", "argocd")).await));
    assert!(!allowed(reader.post(path, review("patch", "argocd")).await));
    assert!(!allowed(reader.post(path, review("get", "default")).await));
    assert!(allowed(
        cluster.client().post(path, review("patch", "")).await
    ));
    cluster
        .anonymous()
        .post(path, review("get", "argocd"))
        .await
        .fails(403, "Forbidden");

    let who = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let answer = reader
        .post("/apis/authentication.k8s.io/v1/selfsubjectreviews", who)
        .await
        .ok();
    assert_eq!(answer["status"]["userInfo"]["username"], "reader");
    let dump = cluster.kubernetes.store().dump().to_string();
    assert!(!dump.contains("SelfSubject"), "reviews are not stored");
}
