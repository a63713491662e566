//! `deploy/rbac.yaml` grants what is used, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sandbox_argocd::ArgoCd;
use sandbox_kubernetes::{CallerIdentity, KubernetesCall, KubernetesOptions};
use serde_json::{Value, json};
use tests::{Tenant, guide};

use super::{apply_all, documents, member};

const SETS: [&str; 4] = [
    "host-cluster-appset",
    "runtime-appset",
    "runtime-argocd-appset",
    "runtime-initial-appset",
];
const HOST: &str = "cluster-host";
const VIRTUAL: &str = "virtual-worker-deployment";
const WORKER: &str = "physical-worker-deployment";

/// A verb on a resource of a group in a namespace (none: everywhere), and the names that it is limited to.
pub type Grants = BTreeMap<[String; 4], BTreeSet<String>>;

/// User name of a service account.
pub fn user(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

/// A caller that may do what RBAC objects say.
pub fn identity(name: &str) -> CallerIdentity {
    CallerIdentity {
        name: name.to_owned(),
        token: None,
        rules: Vec::new(),
    }
}

/// Returns the rights that the file binds to a service account.
pub fn granted(namespace: &str, name: &str) -> Grants {
    let objects = documents("rbac.yaml");
    let mut grants = Grants::new();
    for binding in objects
        .iter()
        .filter(|object| binds(object, namespace, name))
    {
        let scope = member(binding, "/metadata/namespace");
        let role = objects.iter().find(|object| {
            member(object, "/kind") == member(binding, "/roleRef/kind")
                && member(object, "/metadata/name") == member(binding, "/roleRef/name")
                && member(object, "/metadata/namespace") == scope
        });
        for rule in role.unwrap()["rules"].as_array().unwrap() {
            add(&mut grants, rule, scope);
        }
    }
    grants
}

fn binds(object: &Value, namespace: &str, name: &str) -> bool {
    let subjects = object["subjects"].as_array();
    subjects.into_iter().flatten().any(|subject| {
        member(subject, "/kind") == "ServiceAccount"
            && member(subject, "/name") == name
            && member(subject, "/namespace") == namespace
    })
}

fn add(grants: &mut Grants, rule: &Value, scope: &str) {
    for group in strings(&rule["apiGroups"]) {
        for resource in strings(&rule["resources"]) {
            for verb in strings(&rule["verbs"]) {
                let key = [verb, group.clone(), resource.clone(), scope.to_owned()];
                let names = strings(&rule["resourceNames"]).into_iter().collect();
                assert_eq!(grants.insert(key, names), None, "granted twice: {rule}");
            }
        }
    }
}

fn strings(list: &Value) -> Vec<String> {
    let elements = list.as_array().into_iter().flatten();
    elements
        .map(|element| element.as_str().unwrap().to_owned())
        .collect()
}

/// Returns the rights that a caller used. An apply that creates needs the right to create as well.
pub fn used(calls: &[KubernetesCall], user: &str) -> Grants {
    let mut used = Grants::new();
    let calls = calls.iter();
    for call in calls.filter(|call| call.user == user && !call.verb.is_empty()) {
        let created = (call.verb == "patch" && call.status == 201).then_some("create");
        for verb in [Some(call.verb.as_str()), created].into_iter().flatten() {
            let key = [verb, &call.group, &call.resource, &call.namespace].map(str::to_owned);
            used.entry(key).or_default().insert(call.name.clone());
        }
    }
    used
}

/// Names count only where the grant is limited to names.
pub fn assert_same(granted: &Grants, mut used: Grants) {
    for (key, names) in &mut used {
        if granted.get(key).is_none_or(BTreeSet::is_empty) {
            names.clear();
        }
    }
    assert_eq!(&used, granted, "left: used, right: granted");
}

/// Calls without the right to make them.
pub fn refused(calls: &[KubernetesCall]) -> Vec<&KubernetesCall> {
    calls.iter().filter(|call| call.status == 403).collect()
}

async fn start(configure: impl FnOnce(&sandbox_gitlab::GitLab, &mut KubernetesOptions)) -> Tenant {
    let user = user("nautes", "nautes-clusters");
    let tenant = Tenant::start_as(&user, |gitlab, options| {
        options.identities.push(identity(&user));
        configure(gitlab, options);
    })
    .await;
    apply_all(&tenant.kubernetes, "rbac.yaml").await;
    tenant.kubernetes.clear_calls();
    tenant
}

/// The guides' worker has the address of their host.
fn worker(address: &str) -> Value {
    let body = guide("v0.4", WORKER).replace("8.217.50.114", address);
    serde_json::from_str(&body).unwrap()
}

/// Everything that a tenant does until its clusters go.
async fn register(tenant: &Tenant) {
    let first = worker("8.217.50.115").to_string();
    let dry_run = format!("{WORKER}?dry_run=true");
    tenant.save(&dry_run, first.clone()).await.ok();
    for (name, body) in [
        (HOST, guide("v0.4", HOST)),
        (VIRTUAL, guide("v0.4", VIRTUAL)),
        (WORKER, first),
    ] {
        tenant.save(name, body).await.ok();
        assert_eq!(tenant.get(name).await.ok()["name"], name);
    }
    tenant.get("").await.ok();
    // Its last event comes at once or when the time is up: beside Argo CD's stand-in the cluster may be ready.
    tenant
        .watch(WORKER, "&timeout_seconds=5")
        .await
        .rest()
        .await;

    let mut without_kubeconfig = worker("8.217.50.115");
    without_kubeconfig
        .as_object_mut()
        .unwrap()
        .remove("kubeconfig");
    tenant
        .save(WORKER, without_kubeconfig.to_string())
        .await
        .ok();
    let moved = worker("8.217.50.116").to_string();
    tenant.save(WORKER, moved).await.ok();
    tenant.save(VIRTUAL, guide("v0.4", VIRTUAL)).await.ok();
    tenant.delete(&dry_run).await.ok();
    tenant.delete(HOST).await.problem(409, "CLUSTER_IN_USE");
}

#[tokio::test]
async fn the_functions_need_exactly_what_is_granted() {
    let tenant = start(|_, _| {}).await;
    register(&tenant).await;
    // Argo CD makes these from Git, and then nothing but the functions takes them out.
    for name in SETS {
        let id = format!("tenant1-management:argoproj.io/ApplicationSet:argocd/{name}");
        let annotations = json!({"argocd.argoproj.io/tracking-id": id});
        let metadata = json!({"name": name, "namespace": "argocd", "annotations": annotations});
        let set = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": metadata});
        tenant
            .kubernetes
            .store()
            .put("argoproj.io", "applicationsets", set);
    }
    for name in [WORKER, VIRTUAL, HOST] {
        tenant.delete(name).await.ok();
        tenant.delete(name).await.problem(404, "CLUSTER_NOT_FOUND");
    }
    for resource in ["applications", "applicationsets", "appprojects"] {
        let left = tenant
            .kubernetes
            .store()
            .list("argoproj.io", resource, "argocd");
        assert_eq!(left, Vec::<Value>::new());
    }

    let calls = tenant.kubernetes.calls();
    assert_eq!(refused(&calls), Vec::<&KubernetesCall>::new());
    let granted = granted("nautes", "nautes-clusters");
    assert_same(&granted, used(&calls, &user("nautes", "nautes-clusters")));
}

#[tokio::test]
async fn beside_argo_cds_stand_in_they_need_no_more() {
    let tenant = start(|gitlab, options| {
        let argo = ArgoCd::new(gitlab.repository(), Duration::from_millis(20));
        options.controllers.push(Arc::new(argo));
    })
    .await;
    register(&tenant).await;
    for name in [WORKER, VIRTUAL, HOST] {
        tenant.delete(name).await.ok();
        until_gone(&tenant, name).await;
    }
    let calls = tenant.kubernetes.calls();
    assert_eq!(refused(&calls), Vec::<&KubernetesCall>::new());
}

#[tokio::test]
async fn rules_older_than_the_watch_are_enough() {
    let tenant = start(|_, _| {}).await;
    let worker = worker("8.217.50.115").to_string();
    tenant.save(WORKER, worker).await.ok();
    let without = |role: &mut Value| {
        let rules = role["rules"].as_array_mut().unwrap().iter_mut();
        for rule in rules {
            let verbs = rule["verbs"].as_array_mut().unwrap();
            verbs.retain(|verb| verb != "watch");
        }
    };
    let is_changed = tenant.kubernetes.store().modify(
        "rbac.authorization.k8s.io",
        "roles",
        "argocd",
        "nautes-clusters",
        without,
    );
    assert!(is_changed);
    tenant.kubernetes.clear_calls();
    let mut events = tenant.watch(WORKER, "").await;
    assert_eq!(events.next().await.unwrap().name, "cluster");
    tenant.delete(WORKER).await.ok();
    let last = events.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "removed");
    let calls = tenant.kubernetes.calls();
    let refused = refused(&calls);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].verb, "watch");
}

/// Asks until the uninstall has finished.
async fn until_gone(tenant: &Tenant, name: &str) {
    let mut last = String::new();
    for _ in 0..300 {
        let answer = tenant.delete(name).await;
        if answer.status == 404 {
            return;
        }
        last = answer.text;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} is never gone: {last}");
}

#[tokio::test]
async fn a_missing_grant_and_an_unused_one_are_found() {
    let granted = granted("nautes", "nautes-clusters");
    assert!(granted.len() > 20, "{granted:?}");
    let call = |verb: &str, status| KubernetesCall {
        verb: verb.to_owned(),
        status,
        resource: "secrets".to_owned(),
        namespace: "argocd".to_owned(),
        user: "u".to_owned(),
        ..KubernetesCall::default()
    };
    let calls = [call("patch", 201), call("get", 200)];
    let verbs: Vec<String> = used(&calls, "u")
        .into_keys()
        .map(|[verb, ..]| verb)
        .collect();
    assert_eq!(verbs, ["create", "get", "patch"]);
    let differs = |calls: &[KubernetesCall]| {
        let (granted, used) = (granted.clone(), used(calls, "u"));
        std::panic::catch_unwind(|| assert_same(&granted, used)).is_err()
    };
    assert!(differs(&calls), "unused grants go unnoticed");
    assert!(differs(&[call("deletecollection", 200)]));
}
