//! Reading the state at one commit, everything at once.

use std::collections::BTreeSet;

use futures::future::{join_all, try_join_all};
use gitlab::{TreeQuery, parse};

use super::{Failure, Repository};
use crate::runtime::{AT_ONCE, MAX_PAGES, Runtime, TransportError, too_many_pages};
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
    let files = files(repository, &needs.files, &head);
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

/// Files, many at once.
async fn files<W: Runtime>(
    repository: &Repository<'_, W>,
    paths: &BTreeSet<String>,
    head: &str,
) -> Vec<Result<Option<Vec<u8>>, Failure>> {
    let paths: Vec<&String> = paths.iter().collect();
    let mut files = Vec::with_capacity(paths.len());
    for paths in paths.chunks(AT_ONCE) {
        let some = paths.iter().map(|path| file(repository, path, head));
        files.extend(join_all(some).await);
    }
    files
}

/// Pages of a listing: as many as are expected at once, and one after another what comes behind them. The expectation may be far too
/// high, so that a page without a further one ends it.
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
        exchange.list(request, |answer: &_| parse::parse_tree(&query, answer))
    };
    let mut listed: Vec<gitlab::TreePage> = Vec::new();
    let is_full = |pages: &Vec<gitlab::TreePage>| {
        let last = pages.last();
        last.is_none_or(|last| last.entries.len() >= usize::from(PAGE))
    };
    while is_full(&listed) {
        let first = listed.len() + 1;
        if first > MAX_PAGES {
            return Err(Failure::Transport(too_many_pages(path)));
        }
        let last = pages.clamp(first, first + AT_ONCE - 1);
        listed.extend(try_join_all((first..=last).map(page)).await?);
    }
    let entries = listed.into_iter().flat_map(|page| page.entries);
    Ok(entries.map(Entry::from).collect())
}

/// A file at a commit. One that is larger than an answer may be is in nobody's way but its own.
async fn file<W: Runtime>(
    repository: &Repository<'_, W>,
    path: &str,
    head: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let request = repository.api().raw_file(path, head);
    match repository.exchange().get(request, parse::parse_file).await {
        Err(Failure::Transport(TransportError::TooLarge(_))) => {
            Err(Failure::LargeFile(path.to_owned()))
        }
        read => read,
    }
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
    for _ in 0..MAX_PAGES {
        let page = repository.exchange().list(request, parse).await?;
        entries.extend(page.entries.into_iter().map(Entry::from));
        match page.next {
            Some(next) if folder.depth != Depth::Glance => {
                request = repository.api().next_page(&next);
            }
            _ => return Ok(entries),
        }
    }
    Err(Failure::Transport(too_many_pages(&folder.path)))
}
