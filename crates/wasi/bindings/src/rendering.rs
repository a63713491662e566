//! Trees of files, and why there is none.

use domain::File;
use gather::Gather as _;
use manifests as domain;

use crate::types;

impl From<domain::SharedFiles> for types::SharedFiles {
    fn from(value: domain::SharedFiles) -> Self {
        Self {
            kustomization: value.kustomization,
            host_application_set: value.host_application_set,
            other_runtimes: value.other_runtimes,
        }
    }
}

impl From<types::SharedFiles> for domain::SharedFiles {
    fn from(value: types::SharedFiles) -> Self {
        Self {
            kustomization: value.kustomization,
            host_application_set: value.host_application_set,
            other_runtimes: value.other_runtimes,
        }
    }
}

impl From<domain::Tree> for types::Tree {
    fn from(value: domain::Tree) -> Self {
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

impl From<types::Tree> for domain::Tree {
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

impl From<domain::RenderError> for types::RenderingError {
    fn from(value: domain::RenderError) -> Self {
        match value {
            domain::RenderError::UnreadableFile { path, message } => {
                Self::UnreadableFile(types::UnreadableFile { path, message })
            }
            domain::RenderError::Catalog(text) => Self::Catalog(text),
            domain::RenderError::Other(text) => Self::Other(text),
        }
    }
}

impl From<types::RenderingError> for domain::RenderError {
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
