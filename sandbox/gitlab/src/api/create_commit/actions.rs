use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::{Oid, Repository};

use super::request::{Action, Content, Kind};
use crate::api::ApiError;
use crate::git::{self, EditError, EditableTree, Found};

const FILE: i32 = 0o100_644;
const EXECUTABLE: i32 = 0o100_755;

const EXISTS: &str = "A file with this name already exists";
const MISSING: &str = "A file with this name doesn't exist";

/// Applies the actions in order to one tree.
pub(super) fn apply(
    repository: &Repository,
    tree: &mut EditableTree<'_>,
    actions: &[Action],
) -> Result<(), ApiError> {
    actions
        .iter()
        .try_for_each(|action| apply_one(repository, tree, action))
}

fn apply_one(
    repository: &Repository,
    tree: &mut EditableTree<'_>,
    action: &Action,
) -> Result<(), ApiError> {
    let path = clean(&action.path)?;
    match &action.kind {
        Kind::Create {
            content,
            executable,
        } => {
            refuse_file(tree, &path)?;
            let blob = write(repository, content)?;
            insert(tree, &path, blob, mode(*executable))
        }
        Kind::Update { content } => {
            let (_, mode) = file(tree, &path)?;
            let blob = write(repository, content)?;
            insert(tree, &path, blob, mode)
        }
        Kind::Move { from, content } => {
            let from = clean(from)?;
            let (blob, mode) = file(tree, &from)?;
            refuse_file(tree, &path)?;
            let blob = content
                .as_ref()
                .map_or(Ok(blob), |content| write(repository, content))?;
            remove(tree, &from)?;
            insert(tree, &path, blob, mode)
        }
        Kind::Delete if tree.find(&path)? == Found::Nothing => Err(ApiError::refused(MISSING)),
        Kind::Delete => remove(tree, &path),
        Kind::Chmod { executable } => {
            let (blob, _) = file(tree, &path)?;
            insert(tree, &path, blob, mode(*executable))
        }
    }
}

fn clean(path: &str) -> Result<String, ApiError> {
    git::clean(path).map_err(ApiError::refused)
}

fn mode(executable: bool) -> i32 {
    if executable { EXECUTABLE } else { FILE }
}

/// A directory is no file: the actions on files do not find it.
fn file(tree: &EditableTree<'_>, path: &str) -> Result<(Oid, i32), ApiError> {
    match tree.find(path)? {
        Found::File { id, mode } => Ok((id, mode)),
        Found::Nothing | Found::Directory => Err(ApiError::refused(MISSING)),
    }
}

/// A directory does not stand in the way: a new file replaces it, as in GitLab.
fn refuse_file(tree: &EditableTree<'_>, path: &str) -> Result<(), ApiError> {
    match tree.find(path)? {
        Found::File { .. } => Err(ApiError::refused(EXISTS)),
        Found::Nothing | Found::Directory => Ok(()),
    }
}

fn insert(tree: &mut EditableTree<'_>, path: &str, blob: Oid, mode: i32) -> Result<(), ApiError> {
    edited(tree.insert(path, blob, mode))
}

fn remove(tree: &mut EditableTree<'_>, path: &str) -> Result<(), ApiError> {
    edited(tree.remove(path))
}

fn edited(result: Result<(), EditError>) -> Result<(), ApiError> {
    result.map_err(|error| match error {
        EditError::FileOnTheWay => ApiError::refused(EXISTS),
        EditError::Git(error) => error.into(),
    })
}

/// Writes the blob. Go's decoder, which Gitaly uses, passes over line ends.
fn write(repository: &Repository, content: &Content) -> Result<Oid, ApiError> {
    match content {
        Content::Text(text) => Ok(repository.blob(text.as_bytes())?),
        Content::Base64(text) => {
            let text: String = text
                .chars()
                .filter(|character| !matches!(character, '\r' | '\n'))
                .collect();
            let bytes = STANDARD
                .decode(text)
                .map_err(|error| ApiError::refused(not_base64(&error)))?;
            Ok(repository.blob(&bytes)?)
        }
    }
}

fn not_base64(error: &base64::DecodeError) -> String {
    let position = match error {
        base64::DecodeError::InvalidByte(position, _) => *position,
        base64::DecodeError::InvalidLastSymbol { offset, .. } => *offset,
        _ => 0,
    };
    format!("illegal base64 data at input byte {position}")
}
