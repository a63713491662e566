//! Reading the state at one commit, everything at once.

use futures::future::{join_all, try_join_all};
use gitlab::{TreeQuery, parse};

use super::{Failure, Repository};
use crate::runtime::Runtime;
use crate::snapshot::{Depth, Entry, Folder, ReadSet, Snapshot};

/// GitLab gives no more entries at once.
const PAGE: u8 = 100;

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

/// Pages of a listing, all at once, and one after another what comes behind them.
pub(super) async fn pages<W: Runtime>(
    repository: &Repository<'_, W>,
    path: &str,
    pages: usize,
    head: &str,
) -> Result<Vec<Entry>, Failure> {
    let query = TreeQuery {
        path: path.to_owned(),
        reference: head.to_owned(),
        recursive: true,
        per_page: PAGE,
    };
    let page = |number| {
        let request = repository.api().tree_page(&query, number);
        let exchange = repository.exchange();
        exchange.get(request, |answer: &_| parse::parse_tree(&query, answer))
    };
    let mut listed = try_join_all((1..=pages).map(page)).await?;
    let is_full = |pages: &Vec<gitlab::TreePage>| {
        let last = pages.last();
        last.is_some_and(|last| last.entries.len() >= usize::from(PAGE))
    };
    while is_full(&listed) {
        listed.push(page(listed.len() + 1).await?);
    }
    let entries = listed.into_iter().flat_map(|page| page.entries);
    Ok(entries.map(Entry::from).collect())
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
        per_page: PAGE,
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
