use std::collections::BTreeMap;

use git2::{Oid, Repository, Tree, TreeEntry};

/// Mode of a directory in a tree.
const DIRECTORY: i32 = 0o040_000;

/// A tree under edit. Only directories on the way to a change are read and written, so that an edit
/// costs the same in a large repository.
pub(crate) struct EditableTree<'repo> {
    repository: &'repo Repository,
    root: DirectoryEdit<'repo>,
}

#[derive(Default)]
struct DirectoryEdit<'repo> {
    origin: Option<Tree<'repo>>,
    changes: BTreeMap<String, TreeChange<'repo>>,
}

enum TreeChange<'repo> {
    Removed,
    File { id: Oid, mode: i32 },
    Directory(DirectoryEdit<'repo>),
}

/// Content of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathContent {
    Nothing,
    Directory,
    /// A file, a symbolic link or a submodule.
    File {
        id: Oid,
        mode: i32,
    },
}

/// Why an edit is not possible.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    #[error("a directory of the path is a file")]
    FileOnTheWay,
    #[error(transparent)]
    Git(#[from] git2::Error),
}

impl EditError {
    pub(crate) fn into_git(self) -> git2::Error {
        match self {
            Self::FileOnTheWay => git2::Error::from_str(&self.to_string()),
            Self::Git(error) => error,
        }
    }
}

impl<'repo> EditableTree<'repo> {
    /// Starts from a tree, or from nothing.
    pub(crate) fn new(repository: &'repo Repository, origin: Option<Tree<'repo>>) -> Self {
        Self {
            repository,
            root: DirectoryEdit {
                origin,
                changes: BTreeMap::new(),
            },
        }
    }

    pub(crate) fn find(&self, path: &str) -> Result<PathContent, git2::Error> {
        let mut directory = &self.root;
        let mut components = path.split('/');
        while let Some(component) = components.next() {
            match directory.changes.get(component) {
                Some(TreeChange::Directory(next)) => directory = next,
                Some(TreeChange::Removed) => return Ok(PathContent::Nothing),
                Some(&TreeChange::File { id, mode }) => {
                    return Ok(if components.next().is_none() {
                        PathContent::File { id, mode }
                    } else {
                        PathContent::Nothing
                    });
                }
                None => return directory.find_untouched(self.repository, component, components),
            }
        }
        Ok(if directory.is_empty() {
            PathContent::Nothing
        } else {
            PathContent::Directory
        })
    }

    /// Puts a file at the path, in place of a file or a whole directory.
    pub(crate) fn insert(&mut self, path: &str, id: Oid, mode: i32) -> Result<(), EditError> {
        self.change(path, TreeChange::File { id, mode })
    }

    /// Removes a file or a whole directory; directories left empty disappear.
    pub(crate) fn remove(&mut self, path: &str) -> Result<(), EditError> {
        self.change(path, TreeChange::Removed)
    }

    fn change(&mut self, path: &str, change: TreeChange<'repo>) -> Result<(), EditError> {
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut directory = &mut self.root;
        for component in parents.split('/').filter(|component| !component.is_empty()) {
            directory = directory.enter(self.repository, component)?;
        }
        directory.changes.insert(name.to_owned(), change);
        Ok(())
    }

    /// Writes the changed directories and returns the root's id.
    pub(crate) fn write(&self) -> Result<Oid, git2::Error> {
        match self.root.write(self.repository)? {
            Some(id) => Ok(id),
            None => self.repository.treebuilder(None)?.write(),
        }
    }
}

impl<'repo> DirectoryEdit<'repo> {
    fn original(&self, name: &str) -> Option<TreeEntry<'_>> {
        self.origin.as_ref().and_then(|tree| tree.get_name(name))
    }

    fn find_untouched<'a>(
        &self,
        repository: &Repository,
        component: &str,
        mut further: impl Iterator<Item = &'a str>,
    ) -> Result<PathContent, git2::Error> {
        let Some(mut entry) = self.original(component).map(|entry| entry.to_owned()) else {
            return Ok(PathContent::Nothing);
        };
        for component in &mut further {
            if entry.filemode() != DIRECTORY {
                return Ok(PathContent::Nothing);
            }
            let tree = repository.find_tree(entry.id())?;
            let Some(next) = tree.get_name(component).map(|entry| entry.to_owned()) else {
                return Ok(PathContent::Nothing);
            };
            entry = next;
        }
        let found = PathContent::File {
            id: entry.id(),
            mode: entry.filemode(),
        };
        Ok(if entry.filemode() == DIRECTORY {
            PathContent::Directory
        } else {
            found
        })
    }

    fn enter(&mut self, repository: &'repo Repository, name: &str) -> Result<&mut Self, EditError> {
        let origin = match self.original(name) {
            Some(entry) if !self.changes.contains_key(name) => {
                if entry.filemode() != DIRECTORY {
                    return Err(EditError::FileOnTheWay);
                }
                Some(repository.find_tree(entry.id())?)
            }
            _ => None,
        };
        let fresh = TreeChange::Directory(DirectoryEdit {
            origin,
            changes: BTreeMap::new(),
        });
        let change = self
            .changes
            .entry(name.to_owned())
            .or_insert(TreeChange::Removed);
        if matches!(change, TreeChange::Removed) {
            *change = fresh;
        }
        match change {
            TreeChange::Directory(directory) => Ok(directory),
            _ => Err(EditError::FileOnTheWay),
        }
    }

    fn is_empty(&self) -> bool {
        let untouched = self.origin.as_ref().is_some_and(|tree| {
            tree.iter().any(|entry| {
                entry
                    .name()
                    .is_ok_and(|name| !self.changes.contains_key(name))
            })
        });
        let changed = self.changes.values().any(|change| match change {
            TreeChange::Removed => false,
            TreeChange::File { .. } => true,
            TreeChange::Directory(directory) => !directory.is_empty(),
        });
        !untouched && !changed
    }

    /// The directory's id, or `None` when nothing is left in it.
    fn write(&self, repository: &Repository) -> Result<Option<Oid>, git2::Error> {
        let mut builder = repository.treebuilder(self.origin.as_ref())?;
        for (name, change) in &self.changes {
            let entry = match change {
                TreeChange::Removed => None,
                TreeChange::File { id, mode } => Some((*id, *mode)),
                TreeChange::Directory(directory) => {
                    directory.write(repository)?.map(|id| (id, DIRECTORY))
                }
            };
            match entry {
                Some((id, mode)) => {
                    builder.insert(name.as_str(), id, mode)?;
                }
                None if builder.get(name.as_str())?.is_some() => builder.remove(name.as_str())?,
                None => {}
            }
        }
        if builder.is_empty() {
            Ok(None)
        } else {
            builder.write().map(Some)
        }
    }
}
