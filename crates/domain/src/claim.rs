//! The claim file of an API server: which cluster is registered under which URL.
//!
//! Argo CD keeps one credential per server URL, so two clusters must not share one. A file per URL lets
//! GitLab's `create` action decide a race between two registrations.

use serde_json::Value;

use crate::name::is_dns_label;
use crate::{Cluster, api_server, placeholder_file};

const FOLDER: &str = "nautes/overlays/production/api-servers";

/// Where the claim of a URL (in its normal form) lies: named like Argo CD's Secret.
#[must_use]
pub fn path(api_server: &str) -> String {
    format!("{FOLDER}/{}.yaml", api_server::secret_name(api_server))
}

/// The claim of a cluster. A string needs no quoting for this to be YAML that every reader agrees on: an
/// `https` URL and a DNS label in double quotes.
#[must_use]
pub fn to_yaml(cluster: &Cluster) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    format!(
        "# Keeps a second cluster from being registered with this API server.\napiServer: {}\ncluster: {}\n",
        quoted(&cluster.api_server),
        quoted(&cluster.name),
    )
}

/// Reason why a claim names no cluster.
#[must_use]
pub fn problem(content: &[u8]) -> &'static str {
    placeholder_file::kind(content).unwrap_or("names no cluster")
}

/// The cluster that a claim names; none where the file is no claim.
#[must_use]
pub fn owner(content: &[u8]) -> Option<String> {
    // By line and without a YAML reader, which would double the size of the functions that ask: nobody
    // but `to_yaml` writes these files.
    let text = std::str::from_utf8(content).ok()?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("cluster:"))?;
    let name = value.trim().trim_matches(['"', '\'']);
    is_dns_label(name).then(|| name.to_owned())
}
