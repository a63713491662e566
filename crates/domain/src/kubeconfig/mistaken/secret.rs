//! Kubernetes Secrets in place of the kubeconfig that they hold.

use super::KubeconfigError::{self, Mistaken};
use super::{Node, is_config};

/// Keys under which tools keep a kubeconfig, each with the command that prints it.
const KEYS: [(&str, KubeconfigError); 7] = [
    // Cluster API.
    (
        "value",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.value}' | base64 -d`",
        ),
    ),
    // Gardener, HyperShift, k0smotron.
    (
        "kubeconfig",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.kubeconfig}' | base64 -d`",
        ),
    ),
    // vcluster.
    (
        "config",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.config}' | base64 -d`",
        ),
    ),
    // Kamaji.
    (
        "admin.conf",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.admin\\.conf}' | base64 -d`",
        ),
    ),
    (
        "super-admin.conf",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.super-admin\\.conf}' | base64 -d`",
        ),
    ),
    // kubectl create secret generic --from-file.
    (
        "kubeconfig.yaml",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.kubeconfig\\.yaml}' | base64 -d`",
        ),
    ),
    (
        "kubeconfig.conf",
        printed(
            "send what it holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.kubeconfig\\.conf}' | base64 -d`",
        ),
    ),
];

const fn printed(hint: &'static str) -> KubeconfigError {
    Mistaken("a Kubernetes Secret, not a kubeconfig", hint)
}

/// What `kubectl describe secret` prints.
pub(super) const DESCRIBED: KubeconfigError = Mistaken(
    "a description of a Secret or another object, without its values",
    "send what the Secret holds, decoded: `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.value}' | base64 -d`, \
     with the key that it has",
);

const UNKNOWN_KEY: KubeconfigError = printed(
    "send what it holds, decoded: the text behind the key that has the kubeconfig, through `base64 -d`",
);
const PLAIN: KubeconfigError = Mistaken(
    "a Kubernetes Secret around a kubeconfig",
    "send the text that stands in its `stringData`",
);
const TOKEN: KubeconfigError = Mistaken(
    "a Kubernetes Secret with a token, not a kubeconfig",
    "send a kubeconfig whose user has the token, decoded: \
     `kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.token}' | base64 -d`",
);
const ARGO_CD: KubeconfigError = Mistaken(
    "a cluster Secret of Argo CD, not a kubeconfig",
    "send the kubeconfig that it was made from; with adopt=true the Secret is taken over",
);
const EMPTY: KubeconfigError = Mistaken(
    "a Kubernetes Secret that holds no kubeconfig",
    "`kubectl config view --minify --flatten --raw` prints a kubeconfig",
);

/// What a Secret is, by what it holds.
pub(super) fn kind(secret: &Node) -> KubeconfigError {
    let holds = |part: &str, key: &str| {
        let value = secret.get(part).and_then(|data| data.get(key));
        value.and_then(Node::text).is_some_and(is_config)
    };
    if let Some((_, what)) = KEYS.into_iter().find(|(key, _)| holds("data", key)) {
        return what;
    }
    let has_config = |part: &str| match secret.get(part) {
        Some(Node::Map(entries)) => entries
            .iter()
            .any(|it| it.value.text().is_some_and(is_config)),
        _ => false,
    };
    if has_config("data") {
        return UNKNOWN_KEY;
    }
    if has_config("stringData") {
        return PLAIN;
    }
    let has = |key: &str| {
        let parts = ["data", "stringData"].into_iter();
        parts
            .filter_map(|part| secret.get(part))
            .any(|data| data.get(key).is_some())
    };
    if has("server") && has("config") {
        ARGO_CD
    } else if has("token") {
        TOKEN
    } else {
        EMPTY
    }
}

/// What the first Secret of a list is.
pub(super) fn in_list(list: &Node) -> Option<KubeconfigError> {
    let Some(Node::List(items)) = list.get("items") else {
        return None;
    };
    let is_secret = |item: &&Node| item.get("kind").and_then(Node::text) == Some("Secret");
    items.iter().find(is_secret).map(kind)
}
