//! Changing and deleting with kubectl.

use std::time::Duration;

use crate::support::{Kubectl, OBJECTS};

#[tokio::test]
async fn create_with_generators() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    assert_eq!(
        kubectl.ok("create namespace team").await,
        "namespace/team created\n"
    );
    kubectl
        .ok("create secret generic s -n team --from-literal=a=b")
        .await;
    assert_eq!(
        kubectl
            .ok("get secret s -n team -o jsonpath={.data.a}")
            .await,
        "Yg=="
    );
    kubectl.ok("create cm c -n team --from-literal=x=1").await;
    kubectl.ok("create job j -n team --image=busybox").await;
    kubectl
        .ok("create deployment d -n team --image=nginx --replicas=0")
        .await;
    assert_eq!(
        kubectl
            .ok("get deploy d -n team -o jsonpath={.spec.replicas}")
            .await,
        "0"
    );
    kubectl.ok("create serviceaccount sa -n team").await;
    kubectl
        .ok("create role r -n team --verb=get --resource=secrets")
        .await;
    kubectl
        .ok("create rolebinding b -n team --role=r --serviceaccount=team:sa")
        .await;
    kubectl
        .ok("create service clusterip web -n team --tcp=80:8080")
        .await;
    let port = "get svc web -n team -o jsonpath={.spec.ports[0].port}/{.spec.ports[0].targetPort}";
    assert_eq!(kubectl.ok(port).await, "80/8080");
    assert!(
        kubectl
            .fails("create namespace team", "")
            .await
            .contains("AlreadyExists")
    );
    assert_eq!(
        kubectl.ok("delete namespace team").await,
        "namespace \"team\" deleted\n"
    );
    assert!(
        kubectl
            .fails("get secret s -n team", "")
            .await
            .contains("NotFound")
    );
}

#[tokio::test]
async fn patch_label_annotate() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    kubectl.ok_with("create -f -", OBJECTS).await;
    kubectl
        .ok(r#"patch app guestbook -n argocd --type=merge -p {"spec":{"project":"p"}}"#)
        .await;
    kubectl.ok(r#"patch app guestbook -n argocd --type=json -p [{"op":"add","path":"/spec/source/path","value":"b"}]"#).await;
    let spec = "get app guestbook -n argocd -o jsonpath={.spec.project}/{.spec.source.path}";
    assert_eq!(kubectl.ok(spec).await, "p/b");
    kubectl.ok(r#"patch deploy web -p {"spec":{"template":{"spec":{"containers":[{"name":"side","image":"i"}]}}}}"#).await;
    let names = "get deploy web -o jsonpath={.spec.template.spec.containers[*].name}";
    assert_eq!(kubectl.ok(names).await, "web side");
    assert!(
        kubectl
            .fails("patch app guestbook -n argocd --type=strategic -p {}", "")
            .await
            .contains("strategic-merge-patch+json is not supported")
    );
    kubectl.ok("label app guestbook -n argocd a=b").await;
    assert!(
        kubectl
            .fails("label app guestbook -n argocd a=c", "")
            .await
            .contains("--overwrite")
    );
    kubectl
        .ok("annotate app guestbook -n argocd argocd.argoproj.io/refresh=normal")
        .await;
    kubectl.ok("label app guestbook -n argocd a-").await;
    let metadata =
        "get app guestbook -n argocd -o jsonpath={.metadata.labels}{.metadata.annotations}";
    assert_eq!(
        kubectl.ok(metadata).await,
        r#"{"argocd.argoproj.io/refresh":"normal"}"#
    );
    let replaced = OBJECTS.replace("color: red", "color: green");
    kubectl.ok_with("replace -f -", &replaced).await;
    assert_eq!(
        kubectl
            .ok("get cm settings -o jsonpath={.data.color}")
            .await,
        "green"
    );
}

#[tokio::test]
async fn wait_for_conditions_paths_and_deletion() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    kubectl.ok("create job j --image=busybox").await;
    let status = r#"{"status":{"succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}}"#;
    let wait = kubectl.ok("wait job/j --for=condition=complete --timeout=30s");
    let finish = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        kubectl
            .ok(&format!(
                "patch job j --subresource=status --type=merge -p {status}"
            ))
            .await
    };
    let (waited, _) = tokio::join!(wait, finish);
    assert_eq!(waited, "job.batch/j condition met\n");
    kubectl
        .ok("wait job/j --for=jsonpath={.status.succeeded}=1 --timeout=30s")
        .await;
    let wait = kubectl.ok("wait job/j --for=delete --timeout=30s");
    let delete = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        kubectl.ok("delete job j").await
    };
    tokio::join!(wait, delete);
    assert!(kubectl.fails("get job j", "").await.contains("NotFound"));
}

#[tokio::test]
async fn delete_waits_for_finalizers() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    kubectl.ok_with("create -f -", OBJECTS).await;
    kubectl
        .ok(r#"patch cm settings --type=merge -p {"metadata":{"finalizers":["x/y"]}}"#)
        .await;
    let delete = kubectl.ok("delete cm settings --timeout=30s");
    let release = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let marked = kubectl
            .ok("get cm settings -o jsonpath={.metadata.deletionTimestamp}")
            .await;
        kubectl
            .ok(r#"patch cm settings --type=merge -p {"metadata":{"finalizers":null}}"#)
            .await;
        marked
    };
    let (deleted, marked) = tokio::join!(delete, release);
    assert_eq!(deleted, "configmap \"settings\" deleted\n");
    assert!(marked.ends_with('Z'), "{marked}");
    kubectl.ok("delete deploy web --cascade=foreground").await;
    kubectl.ok("delete app --all -n argocd").await;
    assert_eq!(kubectl.ok("get app -A").await, "");
    assert!(
        kubectl
            .fails("delete cm settings", "")
            .await
            .contains("NotFound")
    );
    kubectl.ok("delete cm settings --ignore-not-found").await;
}

#[tokio::test]
async fn a_definition_of_ones_own() {
    let Some(kubectl) = Kubectl::start().await else {
        return;
    };
    let definition = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
"#;
    kubectl.ok_with("apply -f -", definition).await;
    kubectl
        .ok("wait crd/widgets.example.com --for=condition=established --timeout=30s")
        .await;
    kubectl
        .ok_with(
            "apply -f -",
            "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n",
        )
        .await;
    let table = kubectl.ok("get wd").await;
    assert_eq!(
        table.split_whitespace().collect::<Vec<_>>(),
        ["NAME", "SIZE", "w", "3"]
    );
    kubectl.ok("delete crd widgets.example.com").await;
    assert!(
        !kubectl
            .kubernetes
            .store()
            .dump()
            .to_string()
            .contains("\"Widget\"")
    );
}
