//! The texts of resource files.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use gather::Gather as _;
use gitlab::api::FILES;

use super::resources::Resources;
use crate::problem::{self, Problem};
use crate::read::name_of;
use crate::repository::{Failure, Repository};
use crate::runtime::{AnswerLimit, Runtime, TransportError};
use crate::snapshot::{Entry, ReadSet, Snapshot};

/// Files that are read one by one at a time, where GitLab has no text of them or too much.
const BATCH: usize = 32;

/// A resource file.
pub(super) struct ResourceFile {
    pub(super) path: String,
    /// Its text; `None` where it is too large, which hides no other file.
    pub(super) content: Option<Vec<u8>>,
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
        let content = match content {
            Some(content) => Some(content),
            None => texts.remove(&path)?,
        };
        Some(ResourceFile {
            path,
            content,
            created_at,
        })
    });
    Ok(files.collect())
}

/// Texts by path; `None` is one that is too large.
async fn from_gitlab<W: Runtime>(
    repository: &Repository<'_, W>,
    project: &str,
    head: &str,
    paths: &[String],
) -> Result<BTreeMap<String, Option<Vec<u8>>>, Problem> {
    let queries = paths.chunks(FILES);
    let queries = queries.map(|paths| async {
        match repository.texts(project, head, paths).await {
            Err(Failure::Transport(TransportError::TooLarge(_))) => Ok(Vec::new()),
            texts => texts,
        }
    });
    let found = try_join_all(queries)
        .await
        .map_err(problem::gitlab_before_writing)?;
    let found = found.into_iter().flatten();
    let texts = found.filter_map(|file| Some((file.path, file.text?)));
    // As much as of a file that is read alone.
    let texts = texts.filter(|(_, text)| text.len() <= AnswerLimit::FILE.0);
    let mut texts: BTreeMap<_, _> = texts
        .map(|(path, text)| (path, Some(text.into_bytes())))
        .gather();
    let rest = paths.iter().filter(|path| !texts.contains_key(*path));
    let rest: Vec<String> = rest.cloned().collect();
    let mut batches: Vec<&[String]> = rest.chunks(BATCH).collect();
    while let Some(batch) = batches.pop() {
        let mut state = Snapshot::at(head);
        let needs = ReadSet {
            files: batch.iter().cloned().gather(),
            ..ReadSet::default()
        };
        match (repository.read(needs, &mut state).await, batch) {
            (Err(Failure::LargeFile(_)), [path]) => {
                texts.insert(path.clone(), None);
            }
            // Which of the others are too large as well is seen of each alone.
            (Err(Failure::LargeFile(_)), batch) => batches.extend(batch.chunks(1)),
            (read, _) => read.map_err(problem::gitlab_before_writing)?,
        }
        let contents = state.files.into_iter();
        texts.extend(contents.filter(|(_, content)| content.is_some()));
    }
    Ok(texts)
}
