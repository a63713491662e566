//! What kubectl and its like print in place of a kubeconfig.

use super::KubeconfigError;
use super::kinds::{DONE, TABLE};
use super::secret::DESCRIBED;

/// What a text is that a command printed and that is no kubeconfig.
pub(super) fn by_kubectl(text: &str) -> Option<KubeconfigError> {
    let plain = without_colours(text);
    let start = plain.as_str();
    if start.starts_with("Name:") && text.contains("\n====\n") {
        return Some(DESCRIBED);
    }
    let begins = |starts: &[&str]| starts.iter().any(|it| start.starts_with(it));
    if begins(&WRITTEN) {
        return Some(DONE);
    }
    (begins(&INFORMATION) || is_table(start)).then_some(TABLE)
}

/// Without what colours a text on a terminal: `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, rest)| rest));
    [first]
        .into_iter()
        .chain(rest)
        .fold(String::new(), |text, part| text + part)
}

/// Programs that merge a cluster into a file, and say so.
const WRITTEN: [&str; 10] = [
    // aws eks update-kubeconfig
    "Added new context ",
    "Updated context ",
    // gcloud container clusters get-credentials
    "Fetching cluster endpoint",
    "kubeconfig entry generated",
    // az aks get-credentials
    "Merged \"",
    // doctl kubernetes cluster kubeconfig save
    "Notice: Adding cluster credentials",
    // kubectl config use-context, set-context, set-cluster, set-credentials
    "Switched to context ",
    "Context \"",
    "Cluster \"",
    "User \"",
];

/// `kubectl cluster-info` and `kubectl version`.
const INFORMATION: [&str; 3] = [
    "Kubernetes control plane is running",
    "Kubernetes master is running",
    "Client Version:",
];

/// Bytes of the longest line of column names: a terminal is as wide.
const LONGEST_HEADER: usize = 512;

/// A line of column names in capitals, such as `NAME   TYPE   DATA   AGE`.
fn is_table(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    if first.len() > LONGEST_HEADER {
        return false;
    }
    let is_column = |word: &str| {
        let is_of_name = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
        word.len() > 1 && word.bytes().all(is_of_name)
    };
    let words = || first.split_whitespace();
    ["NAME", "CURRENT", "NAMESPACE"]
        .iter()
        .any(|name| words().next() == Some(name))
        && words().count() > 1
        && words().all(is_column)
}

/// What kubectl and its like write where they fail.
pub(super) fn is_message(text: &str) -> bool {
    const STARTS: [&str; 6] = [
        "error",
        "Error",
        "ERROR",
        "The connection to the server",
        "Unable to connect",
        "You must be logged in",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
}
