//! Reading the state at one commit, everything at once.

use futures::future::{join_all, try_join_all};
use gitlab::{TreeQuery, parse};

use super::{Failure, Repository};
use crate::runtime::Runtime;
use crate::snapshot::{Depth, Entry, Folder, ReadSet, Snapshot};

pub(super) async fn into<W: Runtime>(
    repository: &Repository<'_, W>,
    needs: ReadSet,
    state: &mut Snapshot,
) -> Result<(), Failure> {
    if state.head.is_empty() {
        state
            .files
            .extend(needs.files.into_iter().map(|path| (path, None)));
        state
            .folders
            .extend(needs.folders.into_iter().map(|folder| (folder, Vec::new())));
        return Ok(());
    }
    let head = state.head.clone();
    let files = join_all(needs.files.iter().map(|path| file(repository, path, &head)));
    let folders = try_join_all(
        needs
            .folders
            .iter()
            .map(|path| folder(repository, path, &head)),
    );
    let (files, folders) = futures::join!(files, folders);
    for (path, content) in needs.files.into_iter().zip(files) {
        state.files.insert(path, content?);
    }
    state
        .folders
        .extend(needs.folders.into_iter().zip(folders?));
    Ok(())
}

async fn file<W: Runtime>(
    repository: &Repository<'_, W>,
    path: &str,
    head: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let request = repository.api().raw_file(path, head);
    repository.exchange().get(request, parse::parse_file).await
}

async fn folder<W: Runtime>(
    repository: &Repository<'_, W>,
    folder: &Folder,
    head: &str,
) -> Result<Vec<Entry>, Failure> {
    let query = TreeQuery {
        path: folder.path.clone(),
        reference: head.to_owned(),
        recursive: folder.depth == Depth::Recursive,
        per_page: 100,
    };
    let parse = |answer: &_| parse::parse_tree(&query, answer);
    let mut entries = Vec::new();
    let mut request = repository.api().tree(&query);
    loop {
        let page = repository.exchange().get(request, parse).await?;
        entries.extend(page.entries.into_iter().map(Entry::from));
        match page.next {
            Some(next) if folder.depth != Depth::Glance => {
                request = repository.api().next_page(&next);
            }
            _ => return Ok(entries),
        }
    }
}
