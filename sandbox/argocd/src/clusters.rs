//! Registered clusters: the Secrets with the cluster label, and this API server itself.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox_kubernetes::{LocalClient, object};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::SECRETS;

/// Address of the API server Argo CD runs in.
pub const IN_CLUSTER: &str = "https://kubernetes.default.svc";
/// Name of the cluster that Argo CD runs in.
const IN_CLUSTER_NAME: &str = "in-cluster";
const EXPIRES_AT: &str = "/metadata/annotations/clusters.nautes.io~1credentials-expire-at";
const SECRET_TYPE: &str = "/metadata/labels/argocd.argoproj.io~1secret-type";

/// A registered cluster.
#[derive(Debug, Clone)]
pub struct RegisteredCluster {
    /// Name of the cluster.
    pub name: String,
    /// Address of the API server.
    pub server: String,
    /// Secret of the cluster.
    pub secret: Arc<Value>,
}

/// Where an Application goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationDestination {
    /// The API server that Argo CD runs in.
    InCluster,
    /// A registered cluster, by its address.
    Remote(String),
}

/// All registered clusters; an error where one has a configuration that cannot be read, which stops
/// generators for all of them, as it does in Argo CD.
pub fn registered(objects: &LocalClient) -> Result<Vec<RegisteredCluster>, String> {
    let secrets = objects
        .list(SECRETS)
        .into_iter()
        .filter(|secret| object::text(secret, SECRET_TYPE) == "cluster");
    secrets.map(read).collect()
}

fn read(secret: Arc<Value>) -> Result<RegisteredCluster, String> {
    let field = |name: &str| {
        let text = object::text(&secret, &format!("/data/{name}"));
        STANDARD
            .decode(text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default()
    };
    let config = field("config");
    if !config.is_empty() && serde_json::from_str::<Value>(&config).is_err() {
        return Err(format!(
            "failed to unmarshal cluster config of secret {:?}",
            object::name(&secret)
        ));
    }
    Ok(RegisteredCluster {
        name: field("name"),
        server: field("server").trim_end_matches('/').to_owned(),
        secret,
    })
}

/// Finds an Application's destination; the error is the text of its InvalidSpecError.
pub fn resolve(
    objects: &LocalClient,
    destination: Option<&Value>,
) -> Result<ApplicationDestination, String> {
    let text = |field: &str| {
        destination
            .map(|value| object::text(value, &format!("/{field}")))
            .unwrap_or_default()
    };
    let (name, server) = (text("name"), text("server").trim_end_matches('/'));
    match (name.is_empty(), server.is_empty()) {
        (false, false) => Err(format!(
            "application destination can't have both name and server defined: {name} {server}"
        )),
        (true, true) => Err("destination server missing from app spec".into()),
        (true, false) => by_server(objects, server),
        (false, true) => by_name(objects, name),
    }
}

/// What the API server at that address says to Argo CD, where it does not let it in: the credentials in the cluster's Secret
/// have expired. When they do is read from the Secret's annotation, which whoever registers a cluster writes.
pub fn refusal(objects: &LocalClient, destination: &ApplicationDestination) -> Option<String> {
    let ApplicationDestination::Remote(server) = destination else {
        return None;
    };
    let cluster = registered(objects)
        .ok()?
        .into_iter()
        .find(|cluster| cluster.server == *server)?;
    let end = object::text(&cluster.secret, EXPIRES_AT);
    let end = OffsetDateTime::parse(end, &Rfc3339).ok()?;
    (end <= OffsetDateTime::now_utc()).then(|| {
        format!(
            "failed to get cluster info for {server:?}: error synchronizing cache state : failed to get server version: the server has asked for the client to provide credentials"
        )
    })
}

fn by_server(objects: &LocalClient, server: &str) -> Result<ApplicationDestination, String> {
    if server == IN_CLUSTER {
        return Ok(ApplicationDestination::InCluster);
    }
    let found = registered(objects)?
        .into_iter()
        .any(|cluster| cluster.server == server);
    let missing = || {
        format!(
            "error getting cluster by server {server:?}: rpc error: code = NotFound desc = cluster {server:?} not found"
        )
    };
    found
        .then(|| ApplicationDestination::Remote(server.to_owned()))
        .ok_or_else(missing)
}

fn by_name(objects: &LocalClient, name: &str) -> Result<ApplicationDestination, String> {
    let servers: Vec<String> = registered(objects)?
        .into_iter()
        .filter(|cluster| cluster.name == name)
        .map(|cluster| cluster.server)
        .collect();
    match servers.as_slice() {
        [] if name == IN_CLUSTER_NAME => Ok(ApplicationDestination::InCluster),
        [] => Err(format!("there are no clusters with this name: {name}")),
        [one] => Ok(ApplicationDestination::Remote(one.clone())),
        many => Err(format!(
            "there are {} clusters with the same name: [{}]",
            many.len(),
            many.join(" ")
        )),
    }
}
