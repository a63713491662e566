//! Trees of files, and why there is none.

use domain::{File, render};
use gather::Gather as _;

use crate::types;

impl From<render::SharedFiles> for types::SharedFiles {
    fn from(value: render::SharedFiles) -> Self {
        Self {
            kustomization: value.kustomization,
            other_hosts: value.other_hosts,
            other_runtimes: value.other_runtimes,
        }
    }
}

impl From<types::SharedFiles> for render::SharedFiles {
    fn from(value: types::SharedFiles) -> Self {
        Self {
            kustomization: value.kustomization,
            other_hosts: value.other_hosts,
            other_runtimes: value.other_runtimes,
        }
    }
}

impl From<render::FolderListing> for types::FolderListing {
    fn from(value: render::FolderListing) -> Self {
        let overwritten = value.overwritten.into_iter();
        Self {
            kustomization: value.kustomization,
            files: value.files,
            overwritten: overwritten
                .map(
                    |render::OverwrittenList { base, theirs }| types::OverwrittenList {
                        base,
                        theirs,
                    },
                )
                .collect(),
        }
    }
}

impl From<types::FolderListing> for render::FolderListing {
    fn from(value: types::FolderListing) -> Self {
        let overwritten = value.overwritten.into_iter();
        Self {
            kustomization: value.kustomization,
            files: value.files,
            overwritten: overwritten
                .map(
                    |types::OverwrittenList { base, theirs }| render::OverwrittenList {
                        base,
                        theirs,
                    },
                )
                .collect(),
        }
    }
}

impl From<render::Tree> for types::Tree {
    fn from(value: render::Tree) -> Self {
        Self {
            files: value
                .files
                .into_iter()
                .map(|(path, content)| File { path, content }.into())
                .collect(),
            absent: value.absent.into_iter().collect(),
            folders: value.folders.into_iter().collect(),
        }
    }
}

impl From<types::Tree> for render::Tree {
    fn from(value: types::Tree) -> Self {
        Self {
            files: value
                .files
                .into_iter()
                .map(|file| (file.path, file.content))
                .gather(),
            absent: value.absent.into_iter().gather(),
            folders: value.folders.into_iter().gather(),
        }
    }
}

impl From<render::RenderError> for types::RenderingError {
    fn from(value: render::RenderError) -> Self {
        match value {
            render::RenderError::UnreadableFile { path, message } => {
                Self::UnreadableFile(types::UnreadableFile { path, message })
            }
            render::RenderError::Catalog(text) => Self::Catalog(text),
            render::RenderError::Other(text) => Self::Other(text),
        }
    }
}

impl From<types::RenderingError> for render::RenderError {
    fn from(value: types::RenderingError) -> Self {
        match value {
            types::RenderingError::UnreadableFile(file) => Self::UnreadableFile {
                path: file.path,
                message: file.message,
            },
            types::RenderingError::Catalog(text) => Self::Catalog(text),
            types::RenderingError::Other(text) => Self::Other(text),
        }
    }
}
