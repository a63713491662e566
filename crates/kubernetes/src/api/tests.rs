use super::*;

fn api() -> ClusterApi {
    let token = BearerToken::new("canary").unwrap();
    ClusterApi::new("https://k8s.example:6443/proxy/", token).unwrap()
}

fn body(request: &Request<Vec<u8>>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

const ROOT: &str = "https://k8s.example:6443/proxy";

#[track_caller]
fn check(request: &Request<Vec<u8>>, method: &Method, path: &str, content_type: Option<&str>) {
    assert_eq!(request.method(), method);
    assert_eq!(request.uri().to_string(), format!("{ROOT}{path}"));
    let header = |name: &str| request.headers().get(name).map(|v| v.to_str().unwrap());
    assert_eq!(header("authorization"), Some("Bearer canary"));
    assert_eq!(header("content-type"), content_type);
    assert!(!format!("{request:?}").contains("canary"));
}

#[test]
fn apply() {
    let object = json!({"apiVersion": "v1", "kind": "Secret"});
    let target = Kind::SECRET.target("argocd", "cluster-a");
    let request = api().apply(&target, &object, true);
    check(
        &request,
        &Method::PATCH,
        "/api/v1/namespaces/argocd/secrets/cluster-a?fieldManager=nautes-clusters&force=true",
        Some("application/apply-patch+yaml"),
    );
    assert_eq!(body(&request), object);
    let request = api().apply(&target, &object, false);
    assert!(request.uri().query().unwrap().ends_with("force=false"));
}

#[test]
fn merge_patch() {
    let patch = json!({"metadata": {"labels": {"a": null}}});
    let target = Kind::APPLICATION.target("argocd", "t-management");
    let request = api().merge_patch(&target, &patch);
    check(
        &request,
        &Method::PATCH,
        "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/t-management?fieldManager=nautes-clusters",
        Some("application/merge-patch+json"),
    );
    assert_eq!(body(&request), patch);
}

#[test]
fn get_and_get_metadata() {
    let target = Kind::CLUSTER.target("nautes", "a/b");
    let path = "/apis/nautes.resource.nautes.io/v1alpha1/namespaces/nautes/clusters/a%2Fb";
    let request = api().get(&target);
    check(&request, &Method::GET, path, None);
    assert_eq!(request.headers()["accept"], "application/json");
    let request = api().get_metadata(&target);
    check(&request, &Method::GET, path, None);
    assert_eq!(
        request.headers()["accept"],
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    );
}

#[test]
fn list() {
    let request = api().list(&Kind::ENVIRONMENT, &ListQuery::default());
    check(
        &request,
        &Method::GET,
        "/apis/nautes.resource.nautes.io/v1alpha1/environments?limit=500",
        None,
    );
    let query = ListQuery {
        namespace: Some("argocd"),
        label_selector: Some("a=b,c"),
        continue_from: Some("x=="),
    };
    let request = api().list(&Kind::SECRET, &query);
    check(
        &request,
        &Method::GET,
        "/api/v1/namespaces/argocd/secrets?limit=500&labelSelector=a%3Db%2Cc&continue=x%3D%3D",
        None,
    );
}

#[test]
fn watch() {
    let query = WatchQuery {
        namespace: "argocd",
        label_selector: "a/b=c",
        resource_version: "12",
        seconds: 300,
    };
    let path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications?watch=1&labelSelector=a%2Fb%3Dc\
                &resourceVersion=12&allowWatchBookmarks=true&timeoutSeconds=300";
    let request = api().watch(&Kind::APPLICATION, &query);
    check(&request, &Method::GET, path, None);
}

#[test]
fn delete() {
    let target = Kind::JOB.target("argocd", "a-kubeconfig");
    let path = "/apis/batch/v1/namespaces/argocd/jobs/a-kubeconfig";
    let request = api().delete(&target, None);
    check(&request, &Method::DELETE, path, Some("application/json"));
    assert_eq!(
        body(&request),
        json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"})
    );
    let request = api().delete(&target, Some("u-1"));
    assert_eq!(body(&request)["preconditions"], json!({"uid": "u-1"}));
}
