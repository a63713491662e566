//! The texts of resource files.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use gather::Gather as _;
use gitlab::api::FILES;

use super::resources::Resources;
use crate::problem::Problem;
use crate::read::{name_of, unread};
use crate::repository::{Failure, Repository};
use crate::runtime::{AnswerLimit, Runtime, TransportError};
use crate::snapshot::{Entry, ReadSet, Snapshot};

/// Files that are read one by one at a time, where GitLab has no text of them or too much.
const BATCH: usize = 32;

/// A resource file.
pub(super) struct ResourceFile {
    pub(super) path: String,
    /// Its text, or what is wrong with it: one file hides no other.
    pub(super) content: Result<Vec<u8>, Problem>,
    pub(super) created_at: Option<String>,
}

/// Reads files of a listing. A text that is known already and has the blob id of the listing is the file's, whoever told
/// it: Git's ids are made of the contents.
pub(super) async fn read<W: Runtime>(
    repository: &Repository<'_, W>,
    project: &str,
    head: &str,
    files: Vec<Entry>,
    resources: &mut Resources,
) -> Result<Vec<ResourceFile>, Problem> {
    let mut read = Vec::with_capacity(files.len());
    let mut unknown = Vec::new();
    for file in files {
        let registered = resources.take(name_of(&file.path).unwrap_or_default());
        let content = registered.text.map(String::into_bytes);
        let content = content.filter(|it| gitlab::blob::id_like(head, it) == file.id);
        // Nobody has a text of it, and it is told as GitLab shows it: empty.
        let content = content.or_else(|| file.is_submodule.then(Vec::new));
        if content.is_none() {
            unknown.push(file.path.clone());
        }
        read.push((file.path, content, registered.created_at));
    }
    let mut texts = from_gitlab(repository, project, head, &unknown).await?;
    let files = read.into_iter().filter_map(|(path, content, created_at)| {
        let content = content.map(Ok).or_else(|| texts.remove(&path))?;
        Some(ResourceFile {
            path,
            content,
            created_at,
        })
    });
    Ok(files.collect())
}

async fn from_gitlab<W: Runtime>(
    repository: &Repository<'_, W>,
    project: &str,
    head: &str,
    paths: &[String],
) -> Result<BTreeMap<String, Result<Vec<u8>, Problem>>, Problem> {
    let queries = paths.chunks(FILES);
    let queries = queries.map(|paths| async {
        match repository.texts(project, head, paths).await {
            Err(Failure::Transport(TransportError::TooLarge(_))) => Ok(Vec::new()),
            texts => texts,
        }
    });
    let found = try_join_all(queries).await.map_err(unread)?;
    let found = found.into_iter().flatten();
    let texts = found.filter_map(|file| Some((file.path, file.text?)));
    // As much as of a file that is read alone.
    let texts = texts.filter(|(_, text)| text.len() <= AnswerLimit::FILE.0);
    let mut texts: BTreeMap<_, _> = texts
        .map(|(path, text)| (path, Ok(text.into_bytes())))
        .gather();
    let rest: Vec<&String> = paths
        .iter()
        .filter(|path| !texts.contains_key(*path))
        .collect();
    for batch in rest.chunks(BATCH) {
        let mut files: BTreeSet<String> = batch.iter().map(|path| (*path).clone()).gather();
        // One that is too large is left out, and the others are read once more.
        let state = loop {
            let mut state = Snapshot::at(head);
            let needs = ReadSet {
                files: files.clone(),
                ..ReadSet::default()
            };
            match repository.read(needs, &mut state).await {
                Err(Failure::LargeFile(path)) => {
                    files.remove(&path);
                    texts.insert(path.clone(), Err(unread(Failure::LargeFile(path))));
                }
                read => break read.map(|()| state),
            }
        };
        let contents = state.map_err(unread)?.files.into_iter();
        texts.extend(contents.filter_map(|(path, content)| Some((path, Ok(content?)))));
    }
    Ok(texts)
}
