//! `blobs(ref:, paths:, first:)`.

use git2::{ObjectType, Repository};
use serde_json::{Map, Value, json};

use super::document::SelectedField;
use crate::git;

/// Most data of one query that asks for contents of several files, in bytes.
const SIZE_LIMIT: usize = 20 << 20;
/// Largest page of a connection.
const PAGE_LIMIT: usize = 100;

/// Cost of the blobs of a project: GitLab counts every path, and the page's size.
pub(super) fn complexity(project: &SelectedField) -> usize {
    let repositories = project.fields.iter();
    let blobs = repositories.flat_map(|repository| &repository.fields);
    let cost = |blobs: &SelectedField| {
        let paths = blobs.list("paths").len();
        (paths + 6) * (PAGE_LIMIT + page_size(blobs)) / PAGE_LIMIT + 2
    };
    blobs.map(cost).sum()
}

fn page_size(blobs: &SelectedField) -> usize {
    let first = blobs.number("first");
    first.map_or(PAGE_LIMIT, |first| first.min(PAGE_LIMIT))
}

/// The files of the paths that exist, in the order of the paths.
pub(super) fn select(repository: &Repository, blobs: &SelectedField) -> Result<Value, String> {
    let failed = |error: git2::Error| error.message().to_owned();
    let paths = blobs.list("paths");
    let reference = match blobs.text("ref") {
        reference if reference.is_empty() => "HEAD".to_owned(),
        reference => reference,
    };
    let Some(commit) = git::resolve(repository, &reference).map_err(failed)? else {
        return present(blobs, &[]);
    };
    let tree = repository
        .find_commit(commit)
        .and_then(|commit| commit.tree())
        .map_err(failed)?;
    let mut found = Vec::new();
    for path in &paths {
        let entry = tree.get_path(std::path::Path::new(path));
        let Some(entry) = entry
            .ok()
            .filter(|entry| entry.kind() == Some(ObjectType::Blob))
        else {
            continue;
        };
        let blob = repository.find_blob(entry.id()).map_err(failed)?;
        found.push(RequestedBlob {
            path: path.clone(),
            id: entry.id().to_string(),
            content: blob.content().to_owned(),
        });
    }
    let total: usize = found.iter().map(|file| file.content.len()).sum();
    if paths.len() > 1 && total > SIZE_LIMIT && asks_for_content(blobs) {
        let megabytes = total >> 20;
        return Err(format!(
            "Max blobs size limit exceeded ({megabytes} / 20 MB)."
        ));
    }
    found.truncate(page_size(blobs));
    present(blobs, &found)
}

struct RequestedBlob {
    path: String,
    id: String,
    content: Vec<u8>,
}

fn asks_for_content(blobs: &SelectedField) -> bool {
    let nodes = blobs.fields.iter().flat_map(|field| &field.fields);
    let mut names = nodes.map(|field| field.name.as_str());
    names.any(|name| matches!(name, "rawTextBlob" | "rawBlob"))
}

fn present(blobs: &SelectedField, files: &[RequestedBlob]) -> Result<Value, String> {
    let mut value = Map::new();
    for nodes in &blobs.fields {
        nodes.is("RepositoryBlobConnection", "nodes")?;
        let files = files.iter().map(|file| node(nodes, file));
        value.insert(nodes.alias.clone(), files.collect::<Result<_, _>>()?);
    }
    Ok(Value::Object(value))
}

fn node(nodes: &SelectedField, file: &RequestedBlob) -> Result<Value, String> {
    let mut value = Map::new();
    for field in &nodes.fields {
        // A file with a null byte is binary to GitLab, and has no text.
        let text = std::str::from_utf8(&file.content).ok();
        let text = text.filter(|text| !text.contains('\0'));
        let content = match field.name.as_str() {
            "path" => json!(file.path),
            "name" => json!(file.path.rsplit('/').next()),
            "oid" => json!(file.id),
            "size" | "rawSize" => json!(file.content.len().to_string()),
            "rawTextBlob" => json!(text),
            name => return Err(super::document::unknown("RepositoryBlob", name)),
        };
        value.insert(field.alias.clone(), content);
    }
    Ok(Value::Object(value))
}
