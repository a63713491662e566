use git2::{ErrorCode, ObjectType, Oid, Repository};
use std::path::Path;

/// An entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListingEntry {
    pub(crate) id: Oid,
    pub(crate) name: String,
    /// From the repository's root.
    pub(crate) path: String,
    pub(crate) mode: i32,
}

impl ListingEntry {
    /// Git's name of the entry's type.
    pub(crate) fn kind(&self) -> &'static str {
        match self.mode {
            0o040_000 => "tree",
            0o160_000 => "commit",
            _ => "blob",
        }
    }

    fn rank(&self) -> u8 {
        match self.kind() {
            "tree" => 0,
            "blob" => 1,
            _ => 2,
        }
    }
}

/// The entries below a directory of a commit: trees first, then blobs, then submodules, as Gitaly
/// sorts them. `None` when the path is no directory.
pub(crate) fn list(
    repository: &Repository,
    commit: Oid,
    path: &str,
    recursive: bool,
) -> Result<Option<Vec<ListingEntry>>, git2::Error> {
    let root = repository.find_commit(commit)?.tree()?;
    let tree = if path.is_empty() {
        root
    } else {
        match root.get_path(Path::new(path)) {
            Ok(entry) if entry.kind() == Some(ObjectType::Tree) => {
                repository.find_tree(entry.id())?
            }
            Ok(_) => return Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
    };
    let mut entries = Vec::new();
    collect(repository, &tree, path, recursive, &mut entries)?;
    entries.sort_by_key(ListingEntry::rank);
    Ok(Some(entries))
}

fn collect(
    repository: &Repository,
    tree: &git2::Tree<'_>,
    parent: &str,
    recursive: bool,
    entries: &mut Vec<ListingEntry>,
) -> Result<(), git2::Error> {
    for item in tree {
        let name = String::from_utf8_lossy(item.name_bytes()).into_owned();
        let path = if parent.is_empty() {
            name.clone()
        } else {
            format!("{parent}/{name}")
        };
        let entry = ListingEntry {
            id: item.id(),
            name,
            path,
            mode: item.filemode(),
        };
        let below = (recursive && entry.kind() == "tree").then(|| entry.path.clone());
        entries.push(entry);
        if let Some(path) = below {
            collect(
                repository,
                &repository.find_tree(item.id())?,
                &path,
                true,
                entries,
            )?;
        }
    }
    Ok(())
}
