//! Reads resource files: ours, and those that versions 0.2 to 0.4 of the original wrote.

use std::collections::BTreeMap;

use gather::Gather as _;
use serde_json::Value;

use super::HTTPS_NODE_PORT;
use crate::api_server::{self, ApiServer};
use crate::body::quote::trim_blanks;
use crate::names::{self, CREDENTIALS};
use crate::rules::{KUBERNETES, is_text, parse_node_port};
use crate::tree::read::resource_yaml;
use crate::tree::{Entry, Node};
use crate::{
    Category, Cluster, ClusterResource, ClusterType, Component, Usage, WorkerType, domain, name,
    placeholder_file,
};

/// Why a file is no cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// Something that Git or one of its tools has put there.
    #[error("{0}")]
    Placeholder(&'static str),
    /// Not UTF-8.
    #[error("is not UTF-8 text")]
    Encoding,
    /// Not YAML.
    #[error("is not YAML: {0}")]
    Yaml(String),
    /// Another API group or kind.
    #[error("is not a Cluster of nautes.resource.nautes.io")]
    Kind,
    /// A field that is missing or holds something else than it should.
    #[error("has no valid {0}")]
    Field(&'static str),
    /// Another cluster than the file is named after.
    #[error("holds the cluster {0}")]
    Name(String),
}

/// Reads the resource file of a cluster, which has to be the cluster that the file is named after.
///
/// # Errors
/// When the file is not that cluster.
pub fn from_file(path: &str, content: &[u8]) -> Result<Cluster, ResourceError> {
    let cluster = from_yaml(content)?;
    match super::path(&cluster.name) == path {
        true => Ok(cluster),
        false => Err(ResourceError::Name(cluster.name)),
    }
}

/// Reads a resource file. Fields it does not know are left out, such as `status`.
///
/// # Errors
/// When the file is not a cluster.
pub fn from_yaml(content: &[u8]) -> Result<Cluster, ResourceError> {
    if let Some(kind) = placeholder_file::kind(content) {
        return Err(ResourceError::Placeholder(kind));
    }
    let text = std::str::from_utf8(content).map_err(|_| ResourceError::Encoding)?;
    let root = resource_yaml(text).map_err(|error| {
        ResourceError::Yaml(match error.at {
            Some((line, column)) => format!("{} (line {line}, column {column})", error.reason),
            None => error.reason.to_string(),
        })
    })?;
    of(&root)
}

/// Reads the resource as the API server answers it.
///
/// # Errors
/// When it is not a cluster.
pub fn from_value(object: &Value) -> Result<Cluster, ResourceError> {
    of(&Node::from(object))
}

fn of(root: &Node) -> Result<Cluster, ResourceError> {
    let group = root
        .get("apiVersion")
        .and_then(Node::text)
        .unwrap_or_default();
    if root.get("kind").and_then(Node::text) != Some("Cluster")
        || !group.starts_with("nautes.resource.nautes.io/")
    {
        return Err(ResourceError::Kind);
    }
    let metadata = root
        .get("metadata")
        .ok_or(ResourceError::Field("metadata"))?;
    let spec = root.get("spec").ok_or(ResourceError::Field("spec"))?;
    cluster(metadata, spec)
}

fn cluster(metadata: &Node, spec: &Node) -> Result<Cluster, ResourceError> {
    let name = word(metadata, "name")
        .filter(|name| name::is_dns_label(name) && *name != names::IN_CLUSTER_NAME);
    let name = name.ok_or(ResourceError::Field("metadata.name"))?;
    let given = word(spec, "apiServer").ok_or(ResourceError::Field("spec.apiServer"))?;
    let api_server = api_server(given).ok_or(ResourceError::Field("spec.apiServer"))?;
    let cluster_type = word(spec, "clusterType")
        .and_then(ClusterType::parse)
        .ok_or(ResourceError::Field("spec.clusterType"))?;
    let usage = word(spec, "usage")
        .and_then(Usage::parse)
        // A host is physical.
        .filter(|usage| *usage == Usage::Worker || cluster_type == ClusterType::Physical)
        .ok_or(ResourceError::Field("spec.usage"))?;
    let kind = ruled(spec, "clusterKind", "spec.clusterKind", |kind| {
        kind == KUBERNETES
    })?;
    let primary_domain = ruled(
        spec,
        "primaryDomain",
        "spec.primaryDomain",
        name::is_dns_name,
    )?;
    Ok(Cluster {
        name: name.to_owned(),
        cluster_kind: kind.unwrap_or(KUBERNETES).to_owned(),
        cluster_type,
        usage,
        worker_type: worker_type(spec, usage)?,
        host_cluster: host_cluster(spec, name, cluster_type)?,
        primary_domain: primary_domain
            .map_or_else(|| domain::default_for(&api_server), str::to_owned),
        https_node_port: node_port(metadata, cluster_type, &api_server)?,
        credentials: annotation(metadata, CREDENTIALS)
            .and_then(Node::text)
            .map(str::to_owned),
        components: components(spec)?,
        reserved_namespaces_allowed_products: reserved_namespaces(spec)?,
        product_allowed_cluster_resources: cluster_resources(spec)?,
        api_server,
    })
}

fn annotation<'a>(metadata: &'a Node, name: &str) -> Option<&'a Node> {
    metadata.get("annotations")?.get(name)
}

fn word<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.text()
}

/// A word that obeys the rule that requests obey; `None` where there is none.
fn ruled<'a>(
    node: &'a Node,
    key: &str,
    field: &'static str,
    rule: fn(&str) -> bool,
) -> Result<Option<&'a str>, ResourceError> {
    let word = word(node, key);
    match word.is_none_or(rule) {
        true => Ok(word),
        false => Err(ResourceError::Field(field)),
    }
}

/// The one spelling of a URL. The original took `http` as well.
fn api_server(given: &str) -> Option<String> {
    match given.strip_prefix("http://") {
        Some(rest) => {
            let url = api_server::normalize(&format!("https://{rest}")).ok();
            url.filter(|_| trim_blanks(rest) == rest)
                .map(|_| given.to_owned())
        }
        None => api_server::normalize(given).ok(),
    }
}

/// The host of a virtual cluster, which is no cluster on itself.
fn host_cluster(
    spec: &Node,
    cluster: &str,
    cluster_type: ClusterType,
) -> Result<Option<String>, ResourceError> {
    let given = word(spec, "hostCluster").filter(|host| !host.is_empty());
    let host = label(spec, "hostCluster").filter(|host| host != cluster);
    let is_virtual = cluster_type == ClusterType::Virtual;
    match given.is_some() == is_virtual && given.is_some() == host.is_some() {
        true => Ok(host),
        false => Err(ResourceError::Field("spec.hostCluster")),
    }
}

/// A word that becomes part of paths or names.
fn label(node: &Node, key: &str) -> Option<String> {
    let word = word(node, key).filter(|word| name::is_dns_label(word));
    word.map(str::to_owned)
}

/// Before version 0.3 there was one kind of worker. A host is none.
fn worker_type(spec: &Node, usage: Usage) -> Result<Option<WorkerType>, ResourceError> {
    match word(spec, "workerType").filter(|_| usage == Usage::Worker) {
        Some(word) => WorkerType::parse(word)
            .map(Some)
            .ok_or(ResourceError::Field("spec.workerType")),
        None => Ok((usage == Usage::Worker).then_some(WorkerType::Deployment)),
    }
}

/// Files of the original have no annotation: their NodePort was the URL's port unless a request said otherwise.
fn node_port(
    metadata: &Node,
    cluster_type: ClusterType,
    api_server: &str,
) -> Result<Option<u16>, ResourceError> {
    if cluster_type == ClusterType::Physical {
        return Ok(None);
    }
    match annotation(metadata, HTTPS_NODE_PORT) {
        Some(Node::Text(port)) => parse_node_port(port)
            .map(Some)
            .ok_or(ResourceError::Field(HTTPS_NODE_PORT)),
        Some(_) => Err(ResourceError::Field(HTTPS_NODE_PORT)),
        None => Ok(ApiServer::parse(api_server).ok().map(|url| url.port)),
    }
}

/// The categories under their present names, and under those of version 0.3.
fn components(spec: &Node) -> Result<BTreeMap<Category, Component>, ResourceError> {
    const FIELD: ResourceError = ResourceError::Field("spec.componentsList");
    let mut components = BTreeMap::new();
    for Entry { key, value, .. } in entries(spec, "componentsList", &FIELD)? {
        let category = match key.as_str() {
            "certMgt" => Some(Category::CertManagement),
            "ingressController" => Some(Category::Gateway),
            "secretMgt" => Some(Category::SecretManagement),
            key => Category::ALL.into_iter().find(|it| it.camel_case() == key),
        };
        let Some(category) = category.filter(|_| !value.is_absent()) else {
            continue;
        };
        let additions: BTreeMap<String, String> = entries(value, "additions", &FIELD)?
            .iter()
            .filter_map(|it| Some((it.key.clone(), scalar(&it.value)?)))
            .gather();
        if !additions
            .iter()
            .all(|(key, value)| is_text(key) && is_text(value))
        {
            return Err(FIELD);
        }
        let component = Component {
            name: label(value, "name").ok_or(FIELD)?,
            namespace: label(value, "namespace").ok_or(FIELD)?,
            additions,
        };
        components.insert(category, component);
    }
    Ok(components)
}

fn reserved_namespaces(spec: &Node) -> Result<BTreeMap<String, Vec<String>>, ResourceError> {
    const FIELD: ResourceError = ResourceError::Field("spec.reservedNamespacesAllowedProducts");
    let mut namespaces = BTreeMap::new();
    for Entry { key, value, .. } in entries(spec, "reservedNamespacesAllowedProducts", &FIELD)? {
        let products = items(value, &FIELD)?.iter().map(scalar);
        let products: Option<Vec<String>> = products
            .map(|product| product.filter(|it| name::is_product(it)))
            .collect();
        let products = products.filter(|_| name::is_dns_label(key));
        namespaces.insert(key.clone(), products.ok_or(FIELD)?);
    }
    Ok(namespaces)
}

fn cluster_resources(spec: &Node) -> Result<BTreeMap<String, Vec<ClusterResource>>, ResourceError> {
    const FIELD: ResourceError = ResourceError::Field("spec.productAllowedClusterResources");
    let resource = |node: &Node| {
        let kind = word(node, "kind").filter(|kind| name::is_kind(kind));
        // The core group has no name. A request has to name one.
        let group = word(node, "group").filter(|group| group.is_empty() || name::is_group(group));
        Ok(ClusterResource {
            kind: kind.ok_or(FIELD)?.to_owned(),
            group: group.ok_or(FIELD)?.to_owned(),
        })
    };
    let mut products = BTreeMap::new();
    for Entry { key, value, .. } in entries(spec, "productAllowedClusterResources", &FIELD)? {
        if !name::is_product(key) {
            return Err(FIELD);
        }
        let resources = items(value, &FIELD)?.iter().map(resource);
        products.insert(key.clone(), resources.collect::<Result<_, _>>()?);
    }
    Ok(products)
}

/// Returns the text of a value that Go's reader would take for a string in a map of strings.
fn scalar(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.clone()),
        Node::Integer(number) => Some(number.to_string()),
        Node::Bool(value) => Some(value.to_string()),
        Node::Null => Some(String::new()),
        Node::Float(_) | Node::List(_) | Node::Map(_) => None,
    }
}

fn entries<'a>(
    node: &'a Node,
    key: &str,
    error: &ResourceError,
) -> Result<&'a [Entry], ResourceError> {
    match node.get(key) {
        None => Ok(&[]),
        Some(Node::Map(entries)) => Ok(entries),
        Some(_) => Err(error.clone()),
    }
}

fn items<'a>(node: &'a Node, error: &ResourceError) -> Result<&'a [Node], ResourceError> {
    match node {
        Node::Null => Ok(&[]),
        Node::List(items) => Ok(items),
        _ => Err(error.clone()),
    }
}
