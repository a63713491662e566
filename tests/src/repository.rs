//! The bare repository, read with Git's own library.

use std::collections::BTreeMap;
use std::path::Path;

/// Path → content of every file at the tip of a branch.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Every file at the tip of a branch.
///
/// # Panics
/// When there is no such repository or branch.
#[must_use]
pub fn files(repository: &Path, branch: &str) -> Files {
    let repository = git2::Repository::open_bare(repository).unwrap();
    let tree = repository
        .find_reference(&format!("refs/heads/{branch}"))
        .unwrap()
        .peel_to_tree()
        .unwrap();
    let mut files = Files::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if let Ok(blob) = entry.to_object(&repository).unwrap().into_blob() {
            files.insert(
                format!("{}{}", folder, entry.name().unwrap()),
                blob.content().to_vec(),
            );
        }
        git2::TreeWalkResult::Ok
    })
    .unwrap();
    files
}

/// Commit messages from the tip of a branch backwards.
///
/// # Panics
/// When there is no such repository or branch.
#[must_use]
pub fn messages(repository: &Path, branch: &str) -> Vec<String> {
    let repository = git2::Repository::open_bare(repository).unwrap();
    let mut walk = repository.revwalk().unwrap();
    walk.push_ref(&format!("refs/heads/{branch}")).unwrap();
    walk.map(|id| {
        repository
            .find_commit(id.unwrap())
            .unwrap()
            .message()
            .unwrap()
            .to_owned()
    })
    .collect()
}

/// Every object of the repository, reachable or not, as bytes: what a secret must not be in.
///
/// # Panics
/// When there is no such repository.
#[must_use]
pub fn everything(repository: &Path) -> Vec<Vec<u8>> {
    let repository = git2::Repository::open_bare(repository).unwrap();
    let odb = repository.odb().unwrap();
    let mut ids = Vec::new();
    odb.foreach(|id| {
        ids.push(*id);
        true
    })
    .unwrap();
    ids.into_iter()
        .map(|id| odb.read(id).unwrap().data().to_vec())
        .collect()
}
