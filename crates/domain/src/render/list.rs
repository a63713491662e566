//! The list of all clusters' resource files, a kustomization: which entries it has, and what people keep beside them.

use std::collections::BTreeSet;

use crate::placeholder_file;
use crate::yaml::{self, YamlError};
use gather::Gather as _;
use serde_json::{Map, Value, json};

use crate::render::objects::kustomization;
use crate::render::tree::text;
use crate::render::{RenderError, names};

/// The folder of the resource files and its list, which a commit may have been made from an older state of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderListing {
    /// The list as it is now.
    pub kustomization: Option<Vec<u8>>,
    /// Paths of the files below its folder, from there; itself left out or not.
    pub files: Vec<String>,
    /// Lists that commits overwrote which did not know of each other, the oldest first.
    pub overwritten: Vec<OverwrittenList>,
}

/// A list that a commit replaced although somebody else had changed it after it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverwrittenList {
    /// As it was read for the commit.
    pub base: Vec<u8>,
    /// As it was when the commit replaced it.
    pub theirs: Vec<u8>,
}

/// The list made from its folder: every file of it has an entry, and no entry names a file of the folder that is not
/// there. Everything else that people keep in it stays, also what was overwritten.
///
/// # Errors
/// The list that is there now can't be read. One that was overwritten and can't be read says nothing.
pub fn list_from_folder(listing: &FolderListing) -> Result<Vec<u8>, RenderError> {
    let mut root = None;
    let mut moved: Vec<(BTreeSet<String>, BTreeSet<String>)> = Vec::new();
    let now = read(listing.kustomization.as_deref())?.unwrap_or_default();
    for OverwrittenList { base, theirs } in &listing.overwritten {
        let (Ok(base), Ok(theirs)) = (read(Some(base)), read(Some(theirs))) else {
            continue;
        };
        let (mut base, mut theirs) = (base.unwrap_or_default(), theirs.unwrap_or_default());
        let [Ok(before), Ok(after)] = [take_entries(&mut base), take_entries(&mut theirs)] else {
            continue;
        };
        // Keys beside the entries are theirs where nobody has changed them since.
        if base != theirs && is_same_beside_entries(&base, &now) {
            root = Some(theirs);
        }
        moved.push((before, after));
    }
    let follow = |keys: &Map<String, Value>, entries: &mut BTreeSet<String>| {
        let files: BTreeSet<&str> = listing.files.iter().map(String::as_str).gather();
        // A list that was overwritten may have been made from an older one itself. Files are never undone so.
        let is_there = |entry: &str| file_of_folder(entry).is_some_and(|it| files.contains(it));
        for (before, after) in &moved {
            let has_gone = |entry: &String| before.contains(entry) && !after.contains(entry);
            entries.retain(|entry| !has_gone(entry) || is_there(entry));
            entries.extend(after.difference(before).cloned());
        }
        entries.retain(|entry| file_of_folder(entry).is_none_or(|file| files.contains(file)));
        let listed: BTreeSet<String> = entries
            .iter()
            .filter_map(|entry| file_of_folder(entry))
            .map(str::to_owned)
            .gather();
        let is_listed = |file: &str| listed.contains(file) || is_named_elsewhere(keys, file);
        let own = files.into_iter().filter(|file| is_resource_file(file));
        entries.extend(own.filter(|file| !is_listed(file)).map(str::to_owned));
    };
    with_root(listing.kustomization.as_deref(), now, root, follow)
}

/// The list with other entries. What is right already stays as it is, with its comments.
pub(super) fn with_entries(
    current: Option<&[u8]>,
    change: impl FnOnce(&Map<String, Value>, &mut BTreeSet<String>),
) -> Result<Vec<u8>, RenderError> {
    let root = read(current)?.unwrap_or_default();
    with_root(current, root, None, change)
}

/// `other`: what stands beside the entries, where it is not what is there now.
fn with_root(
    current: Option<&[u8]>,
    mut root: Map<String, Value>,
    other: Option<Map<String, Value>>,
    change: impl FnOnce(&Map<String, Value>, &mut BTreeSet<String>),
) -> Result<Vec<u8>, RenderError> {
    let listed = texts(root.get("resources"))?;
    let before: BTreeSet<String> = listed.iter().flatten().cloned().gather();
    let mut entries = before.clone();
    let is_kept = other.is_none();
    root = other.unwrap_or(root);
    change(&root, &mut entries);
    let is_right = entries == before && listed.is_some_and(|listed| listed.len() == before.len());
    if let Some(current) = current.filter(|_| is_right && is_kept) {
        return Ok(current.to_vec());
    }
    if let Value::Object(empty) = kustomization(&[]) {
        for (key, value) in empty {
            root.entry(key).or_insert(value);
        }
    }
    root.insert("resources".to_owned(), json!(entries));
    Ok(text(&Value::Object(root))?.into_bytes())
}

fn take_entries(root: &mut Map<String, Value>) -> Result<BTreeSet<String>, RenderError> {
    let list = root.remove("resources");
    Ok(texts(list.as_ref())?.into_iter().flatten().gather())
}

fn is_same_beside_entries(keys: &Map<String, Value>, root: &Map<String, Value>) -> bool {
    let rest = root.iter().filter(|(key, _)| *key != "resources");
    rest.eq(keys.iter())
}

/// The file below the list's own folder that an entry names, however it is written.
fn file_of_folder(entry: &str) -> Option<&str> {
    let file = entry.trim_start_matches("./");
    let is_file = file.ends_with(".yaml") && !file.starts_with(['.', '/']) && !file.contains(':');
    is_file.then_some(file)
}

/// Tells whether a file of the folder can be a cluster's.
fn is_resource_file(file: &str) -> bool {
    let name = file.strip_suffix(".yaml");
    name.is_some_and(|name| name != "kustomization" && crate::name::is_dns_label(name))
}

/// Tells whether the kustomization uses a file otherwise, such as for a patch: as a resource it would break the
/// whole.
fn is_named_elsewhere(keys: &Map<String, Value>, file: &str) -> bool {
    let others = keys.iter().filter(|(key, _)| *key != "resources");
    others.into_iter().any(|(_, value)| names_file(value, file))
}

fn names_file(value: &Value, file: &str) -> bool {
    match value {
        Value::String(text) => file_of_folder(text) == Some(file),
        Value::Array(items) => items.iter().any(|item| names_file(item, file)),
        Value::Object(members) => members.values().any(|member| names_file(member, file)),
        _ => false,
    }
}

/// The mapping in the list; none where there is no file, or an empty one.
fn read(content: Option<&[u8]>) -> Result<Option<Map<String, Value>>, RenderError> {
    let Some(content) = content else {
        return Ok(None);
    };
    // An empty one has simply no entries.
    if let Some(kind) = placeholder_file::kind(content).filter(|_| !content.trim_ascii().is_empty())
    {
        return Err(unreadable(kind));
    }
    let text = std::str::from_utf8(content);
    let text = text.map_err(|_| unreadable("it is not UTF-8"))?;
    let value: Value = yaml::from_str(text).map_err(|error| syntax(&error))?;
    match value {
        Value::Null => Ok(None),
        Value::Object(map) => Ok(Some(map)),
        _ => Err(unreadable("it is not a mapping")),
    }
}

/// The strings of a list; none where there is no list.
fn texts(list: Option<&Value>) -> Result<Option<Vec<String>>, RenderError> {
    let error = || unreadable("resources is not a list of file names");
    let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(error);
    match list {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => items.iter().map(text).collect::<Result<_, _>>().map(Some),
        Some(_) => Err(error()),
    }
}

fn syntax(error: &YamlError) -> RenderError {
    match error.at {
        Some((line, _)) => unreadable(&format!("line {line}: {}", error.message)),
        None => unreadable(&error.message),
    }
}

fn unreadable(message: &str) -> RenderError {
    RenderError::UnreadableFile {
        path: names::KUSTOMIZATION.to_owned(),
        message: message.to_owned(),
    }
}
