//! The application as `spin.toml` describes it: manifest version 2, the part of it that this host runs.
//!
//! Source: the Spin manifest reference, <https://spinframework.dev/manifest-reference>. A key that
//! this host does not implement is an error that names it, so that the sandbox never runs an
//! application differently from Spin without saying so. Settings that Spin itself only passes on to
//! tools (`tool`, `targets`) are accepted and not used.

mod commands;
mod component;
mod dependency;
mod inherit;
mod route;
mod trigger;
mod variables;

pub use commands::ComponentBuild;
pub use component::ManifestComponent;
pub use dependency::{ComponentDependency, DependencySource};
pub use inherit::InheritedRights;
pub use route::TriggerRoute;
pub use trigger::{HttpTrigger, ManifestTriggers};
pub use variables::{
    ManifestVariable, ResolvedVariables, VariableTemplateError, VariablesError, is_variable_name,
};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A parsed manifest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpinManifest {
    /// Always 2.
    pub spin_manifest_version: u8,
    /// `[application]`
    pub application: ManifestApplication,
    /// `[variables]`: the settings of the application, by name.
    #[serde(default)]
    pub variables: BTreeMap<String, ManifestVariable>,
    /// `[[trigger.http]]`
    pub trigger: ManifestTriggers,
    /// `[component.<id>]`
    #[serde(default)]
    pub component: BTreeMap<String, ManifestComponent>,
}

/// `[application]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestApplication {
    /// The application's name.
    pub name: String,
    /// A semantic version; may be empty.
    #[serde(default)]
    pub version: String,
    /// For readers.
    #[serde(default)]
    pub description: String,
    /// For readers.
    #[serde(default)]
    pub authors: Vec<String>,
    /// Not used here: what `spin build` checks against.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Not used here: settings of tools.
    #[serde(default)]
    pub tool: BTreeMap<String, toml::Table>,
}

/// Why a manifest is not used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file can't be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML, a key that is not known, a value of another type. The source names key and line.
    #[error("{} is not a manifest that this host can run", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// The manifest can be read but contradicts itself.
    #[error("{}: {reason}", path.display())]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// Description of the contradiction.
        reason: String,
    },
}

impl SpinManifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// See [`ManifestError`].
    pub fn load(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path).map_err(|source| ManifestError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let manifest: Self = toml::from_str(&text).map_err(|source| ManifestError::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        manifest
            .check()
            .map_err(|reason| ManifestError::Inconsistent {
                path: path.to_owned(),
                reason,
            })?;
        Ok(manifest)
    }

    /// The components that requests are dispatched to: those with a trigger.
    pub fn served(&self) -> impl Iterator<Item = (&str, &ManifestComponent)> {
        self.component
            .iter()
            .filter(|(id, _)| {
                self.trigger
                    .http
                    .iter()
                    .any(|trigger| trigger.component == **id)
            })
            .map(|(id, component)| (id.as_str(), component))
    }

    fn check(&self) -> Result<(), String> {
        if self.spin_manifest_version != 2 {
            return Err(format!(
                "spin_manifest_version is {}, not 2",
                self.spin_manifest_version
            ));
        }
        variables::check(&self.variables)?;
        for trigger in &self.trigger.http {
            if !self.component.contains_key(&trigger.component) {
                return Err(format!(
                    "a trigger names the component `{}`, which does not exist",
                    trigger.component
                ));
            }
        }
        for (id, component) in &self.component {
            component
                .check(&self.component)
                .map_err(|reason| format!("component `{id}`: {reason}"))?;
        }
        Ok(())
    }
}
