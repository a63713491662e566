//! Initial content of a new repository.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use git2::{Repository, Signature};

use super::edit::EditableTree;
use super::refs::branch_ref;
use crate::json_file::FileError;

const FILES: [(&str, &str); 2] = [
    (
        "README.md",
        "# Tenant configuration\n\nThe clusters of this tenant and what runs on them.\n",
    ),
    (
        "nautes/overlays/production/clusters/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
    ),
];

const PRE_RECEIVE: &str = include_str!("pre-receive.sh");

pub(super) fn write_first_commit(
    repository: &Repository,
    default_branch: &str,
) -> Result<(), git2::Error> {
    let mut tree = EditableTree::new(repository, None);
    for (path, content) in FILES {
        let blob = repository.blob(content.as_bytes())?;
        tree.insert(path, blob, 0o100_644)
            .map_err(super::EditError::into_git)?;
    }
    let tree = repository.find_tree(tree.write()?)?;
    let author = Signature::now("Administrator", "admin@gitlab.example")?;
    repository.commit(
        Some(&branch_ref(default_branch)),
        &author,
        &author,
        "Initial commit",
        &tree,
        &[],
    )?;
    Ok(())
}

/// The hook that holds pushes over HTTP to the project's protected branches.
pub(super) fn write_hook(repository: &Path) -> Result<(), FileError> {
    let folder = repository.join("hooks");
    let path = folder.join("pre-receive");
    let write = || {
        std::fs::create_dir_all(&folder)?;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o755)
            .open(&path)?;
        file.write_all(PRE_RECEIVE.as_bytes())
    };
    write().map_err(|source| FileError::io(&path, source))
}
