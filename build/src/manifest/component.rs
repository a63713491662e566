//! `[component.<id>]`

use super::{ComponentBuild, ComponentDependency, DependencySource, InheritedRights};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One WebAssembly component with its rights.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestComponent {
    /// The WebAssembly file, relative to the manifest.
    pub source: PathBuf,
    /// For readers.
    #[serde(default)]
    pub description: String,
    /// Variables that the component can read: name → template over the application's variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Environment variables that the component sees.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Where its requests may go: `scheme://host:port` with wildcards and templates.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// How `spin build` and the sandbox build it.
    pub build: Option<ComponentBuild>,
    /// Name of a package or interface → what implements it.
    #[serde(default)]
    pub dependencies: BTreeMap<String, ComponentDependency>,
    /// Older form of `inherit_configuration` for all dependencies at once.
    #[serde(default)]
    pub dependencies_inherit_configuration: bool,
    /// Not used here: what `spin build` checks against.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Not used here: settings of tools.
    #[serde(default)]
    pub tool: BTreeMap<String, toml::Table>,
}

impl ManifestComponent {
    /// Rights of this component that one of its dependencies may use.
    #[must_use]
    pub fn inherited(&self, dependency: &ComponentDependency) -> InheritedRights {
        if self.dependencies_inherit_configuration {
            return InheritedRights::Everything;
        }
        dependency.inherit.clone()
    }

    pub(super) fn check(&self, all: &BTreeMap<String, Self>) -> Result<(), String> {
        for (name, dependency) in &self.dependencies {
            if let DependencySource::Component(id) = &dependency.implementation
                && !all.contains_key(id)
            {
                return Err(format!(
                    "dependency `{name}` names the component `{id}`, which does not exist"
                ));
            }
            let is_package = name.contains(':') && !name.contains('/');
            if is_package && dependency.export.is_some() {
                return Err(format!(
                    "dependency `{name}` is a whole package and can't have an `export`"
                ));
            }
        }
        Ok(())
    }
}
