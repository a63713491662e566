//! Files that several clusters share: lists, each with an entry of this cluster or without, and its claims.

use std::collections::BTreeSet;

use crate::yaml::{self, YamlError};
use crate::{Usage, claim, placeholder_file, resource};
use gather::Gather as _;
use serde_json::{Map, Value, json};

use crate::render::context::Context;
use crate::render::objects::kustomization;
use crate::render::{RenderError, SharedFiles, Tree, appsets, names};

/// The cluster's own files at shared places, and the lists with it.
pub fn register(
    context: &Context<'_>,
    shared: &SharedFiles,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let cluster = context.cluster;
    let object = resource::to_value(cluster, &context.settings.nautes_namespace);
    tree.put(resource::path(&cluster.name), &[object])?;
    let claimed = claim::to_yaml(cluster).into_bytes();
    tree.files.insert(claim::path(&cluster.api_server), claimed);
    resources(context, shared, true, tree)?;
    hosts(context, shared, cluster.usage == Usage::Host, tree)
}

/// The lists without the cluster.
pub fn unregister(
    context: &Context<'_>,
    shared: &SharedFiles,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let cluster = context.cluster;
    tree.absent.insert(resource::path(&cluster.name));
    tree.absent.insert(claim::path(&cluster.api_server));
    resources(context, shared, false, tree)?;
    hosts(context, shared, false, tree)
}

/// The kustomization of the resource files. Entries and keys that are not ours stay.
fn resources(
    context: &Context<'_>,
    shared: &SharedFiles,
    listed: bool,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    let path = names::KUSTOMIZATION;
    let current = shared.kustomization.as_deref();
    let mut root = read(path, current)?.unwrap_or_default();
    let before = texts(path, root.get("resources"))?;
    let mut entries: BTreeSet<&str> = before.iter().flatten().map(String::as_str).gather();
    let own = format!("{}.yaml", context.cluster.name);
    if listed {
        entries.insert(&own);
    } else {
        entries.remove(own.as_str());
    }
    let after: Vec<String> = entries.into_iter().map(str::to_owned).collect();
    // What is right already stays as it is, with its comments.
    if let Some(current) = current.filter(|_| before.as_ref() == Some(&after)) {
        tree.files.insert(path.to_owned(), current.to_vec());
        return Ok(());
    }
    if let Value::Object(empty) = kustomization(&[]) {
        for (key, value) in empty {
            root.entry(key).or_insert(value);
        }
    }
    root.insert("resources".to_owned(), json!(after));
    tree.put(path.to_owned(), &[Value::Object(root)])
}

/// The ApplicationSet over the hosts. Elements that are not ours stay.
fn hosts(
    context: &Context<'_>,
    shared: &SharedFiles,
    listed: bool,
    tree: &mut Tree,
) -> Result<(), RenderError> {
    if context.cluster.usage != Usage::Host {
        return Ok(());
    }
    let path = names::HOST_APPLICATION_SET;
    let current = read(path, shared.host_application_set.as_deref())?;
    let mut elements = current.map_or(Ok(Vec::new()), |set| elements(path, &set))?;
    let own = json!(context.cluster.name);
    elements.retain(|element| element.get("cluster") != Some(&own));
    if listed {
        elements.push(json!({"cluster": own}));
    }
    if elements.is_empty() {
        tree.absent.insert(path.to_owned());
        return Ok(());
    }
    elements.sort_by_key(|element| {
        (
            element.get("cluster").map(Value::to_string),
            element.to_string(),
        )
    });
    elements.dedup();
    let folder = "host-clusters/{{.cluster}}/production";
    let set = appsets::over_list(context.settings, "host-cluster-appset", &elements, folder);
    tree.put(path.to_owned(), &[set])
}

/// The elements of the list generators of an ApplicationSet.
fn elements(path: &str, set: &Map<String, Value>) -> Result<Vec<Value>, RenderError> {
    let generators = set.get("spec").and_then(|spec| spec.get("generators"));
    let generators = generators.and_then(Value::as_array).into_iter().flatten();
    let lists: Vec<&Vec<Value>> = generators
        .filter_map(|generator| generator.pointer("/list/elements")?.as_array())
        .collect();
    if lists.is_empty() {
        return Err(unreadable(path, "it has no list generator with elements"));
    }
    let elements: Vec<Value> = lists.into_iter().flatten().cloned().collect();
    if elements.iter().all(Value::is_object) {
        return Ok(elements);
    }
    Err(unreadable(path, "an element is not a mapping"))
}

/// The object in a shared file; none where there is no file, or an empty one.
fn read(path: &str, content: Option<&[u8]>) -> Result<Option<Map<String, Value>>, RenderError> {
    let Some(content) = content else {
        return Ok(None);
    };
    // An empty one has simply no entries.
    if let Some(kind) = placeholder_file::kind(content).filter(|_| !content.trim_ascii().is_empty())
    {
        return Err(unreadable(path, kind));
    }
    let text = std::str::from_utf8(content);
    let text = text.map_err(|_| unreadable(path, "it is not UTF-8"))?;
    let value: Value = yaml::from_str(text).map_err(|error| syntax(path, &error))?;
    match value {
        Value::Null => Ok(None),
        Value::Object(map) => Ok(Some(map)),
        _ => Err(unreadable(path, "it is not a mapping")),
    }
}

/// The strings of a list; none where there is no list.
fn texts(path: &str, list: Option<&Value>) -> Result<Option<Vec<String>>, RenderError> {
    let error = || unreadable(path, "resources is not a list of file names");
    let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(error);
    match list {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => items.iter().map(text).collect::<Result<_, _>>().map(Some),
        Some(_) => Err(error()),
    }
}

fn syntax(path: &str, error: &YamlError) -> RenderError {
    match error.at {
        Some((line, _)) => unreadable(path, &format!("line {line}: {}", error.message)),
        None => unreadable(path, &error.message),
    }
}

fn unreadable(path: &str, message: &str) -> RenderError {
    let (path, message) = (path.to_owned(), message.to_owned());
    RenderError::UnreadableFile { path, message }
}
