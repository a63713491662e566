use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::{Oid, Repository};

use super::request::{ActionContent, ActionKind, CommitAction};
use crate::api::GitLabProblem;
use crate::git::{self, EditError, EditableTree, PathContent};

const FILE: i32 = 0o100_644;
const EXECUTABLE: i32 = 0o100_755;

const EXISTS: &str = "A file with this name already exists";
const MISSING: &str = "A file with this name doesn't exist";

/// Applies the actions in order to one tree.
pub(super) fn apply(
    repository: &Repository,
    tree: &mut EditableTree<'_>,
    actions: &[CommitAction],
) -> Result<(), GitLabProblem> {
    actions
        .iter()
        .try_for_each(|action| apply_one(repository, tree, action))
}

fn apply_one(
    repository: &Repository,
    tree: &mut EditableTree<'_>,
    action: &CommitAction,
) -> Result<(), GitLabProblem> {
    let path = clean(&action.path)?;
    match &action.kind {
        ActionKind::Create {
            content,
            executable,
        } => {
            refuse_file(tree, &path)?;
            let blob = write(repository, content)?;
            insert(tree, &path, blob, mode(*executable))
        }
        ActionKind::Update { content } => {
            let (_, mode) = file(tree, &path)?;
            let blob = write(repository, content)?;
            insert(tree, &path, blob, mode)
        }
        ActionKind::Move { from, content } => {
            let from = clean(from)?;
            let (blob, mode) = file(tree, &from)?;
            refuse_file(tree, &path)?;
            let blob = content
                .as_ref()
                .map_or(Ok(blob), |content| write(repository, content))?;
            remove(tree, &from)?;
            insert(tree, &path, blob, mode)
        }
        ActionKind::Delete if tree.find(&path)? == PathContent::Nothing => {
            Err(GitLabProblem::refused(MISSING))
        }
        ActionKind::Delete => remove(tree, &path),
        ActionKind::Chmod { executable } => {
            let (blob, _) = file(tree, &path)?;
            insert(tree, &path, blob, mode(*executable))
        }
    }
}

fn clean(path: &str) -> Result<String, GitLabProblem> {
    git::clean(path).map_err(GitLabProblem::refused)
}

fn mode(executable: bool) -> i32 {
    if executable { EXECUTABLE } else { FILE }
}

/// A directory is no file: the actions on files do not find it.
fn file(tree: &EditableTree<'_>, path: &str) -> Result<(Oid, i32), GitLabProblem> {
    match tree.find(path)? {
        PathContent::File { id, mode } => Ok((id, mode)),
        PathContent::Nothing | PathContent::Directory => Err(GitLabProblem::refused(MISSING)),
    }
}

/// A directory does not stand in the way: a new file replaces it, as in GitLab.
fn refuse_file(tree: &EditableTree<'_>, path: &str) -> Result<(), GitLabProblem> {
    match tree.find(path)? {
        PathContent::File { .. } => Err(GitLabProblem::refused(EXISTS)),
        PathContent::Nothing | PathContent::Directory => Ok(()),
    }
}

fn insert(
    tree: &mut EditableTree<'_>,
    path: &str,
    blob: Oid,
    mode: i32,
) -> Result<(), GitLabProblem> {
    edited(tree.insert(path, blob, mode))
}

fn remove(tree: &mut EditableTree<'_>, path: &str) -> Result<(), GitLabProblem> {
    edited(tree.remove(path))
}

fn edited(result: Result<(), EditError>) -> Result<(), GitLabProblem> {
    result.map_err(|error| match error {
        EditError::FileOnTheWay => GitLabProblem::refused(EXISTS),
        EditError::Git(error) => error.into(),
    })
}

/// Writes the blob. Go's decoder, which Gitaly uses, passes over line ends.
fn write(repository: &Repository, content: &ActionContent) -> Result<Oid, GitLabProblem> {
    match content {
        ActionContent::Text(text) => Ok(repository.blob(text.as_bytes())?),
        ActionContent::Base64(text) => {
            let text: String = text
                .chars()
                .filter(|character| !matches!(character, '\r' | '\n'))
                .collect();
            let bytes = STANDARD
                .decode(text)
                .map_err(|error| GitLabProblem::refused(not_base64(&error)))?;
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
