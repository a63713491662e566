//! The texts of resource files.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use gather::Gather as _;
use gitlab::api::FILES;

use super::resources::Resources;
use crate::problem::Problem;
use crate::read::{name_of, unread};
use crate::repository::Repository;
use crate::runtime::Runtime;
use crate::snapshot::{Entry, ReadSet, Snapshot};

/// Files that are read one by one at a time, where GitLab has no text of them.
const BATCH: usize = 32;

/// A resource file.
pub(super) struct ResourceFile {
    pub(super) path: String,
    pub(super) content: Vec<u8>,
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
        let content = content.or_else(|| texts.remove(&path))?;
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
) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    let queries = paths.chunks(FILES);
    let found = try_join_all(queries.map(|paths| repository.texts(project, head, paths)));
    let found = found.await.map_err(unread)?;
    let mut texts: BTreeMap<String, Vec<u8>> = found
        .into_iter()
        .flatten()
        .filter_map(|file| Some((file.path, file.text?.into_bytes())))
        .gather();
    let rest: Vec<&String> = paths
        .iter()
        .filter(|path| !texts.contains_key(*path))
        .collect();
    for batch in rest.chunks(BATCH) {
        let mut state = Snapshot::at(head);
        let needs = ReadSet {
            files: batch.iter().map(|path| (*path).clone()).gather(),
            ..ReadSet::default()
        };
        repository.read(needs, &mut state).await.map_err(unread)?;
        let contents = state.files.into_iter();
        texts.extend(contents.filter_map(|(path, content)| Some((path, content?))));
    }
    Ok(texts)
}
