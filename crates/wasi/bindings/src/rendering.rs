//! Trees of files, and why there is none.

use domain::{File, render};
use gather::Gather as _;

use crate::types;

impl From<render::SharedFiles> for types::SharedFiles {
    fn from(value: render::SharedFiles) -> Self {
        Self {
            kustomization: value.kustomization,
            host_application_set: value.host_application_set,
            other_runtimes: value.other_runtimes,
        }
    }
}

impl From<types::SharedFiles> for render::SharedFiles {
    fn from(value: types::SharedFiles) -> Self {
        Self {
            kustomization: value.kustomization,
            host_application_set: value.host_application_set,
            other_runtimes: value.other_runtimes,
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
