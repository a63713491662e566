//! `[component.<id>.dependencies]`: what satisfies the imports of a component.

use super::InheritedRights;
use serde::Deserialize;
use std::path::PathBuf;

/// One dependency. Its key in the manifest is the name of a package or of an interface.
#[derive(Clone, Debug)]
pub struct ComponentDependency {
    /// Origin of the implementation.
    pub implementation: DependencySource,
    /// The export that satisfies the import; absent means the one of the same name.
    pub export: Option<String>,
    /// `inherit_configuration`
    pub inherit: InheritedRights,
}

/// Where the implementation of a dependency comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencySource {
    /// A component of the same application.
    Component(String),
    /// A file, relative to the manifest.
    Path(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDependency {
    component: Option<String>,
    path: Option<PathBuf>,
    export: Option<String>,
    #[serde(default)]
    inherit_configuration: InheritedRights,
}

impl<'de> Deserialize<'de> for ComponentDependency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawDependency::deserialize(deserializer)?;
        let implementation = match (raw.component, raw.path) {
            (Some(id), None) => DependencySource::Component(id),
            (None, Some(path)) => DependencySource::Path(path),
            // Registries and URLs need the network at start: not what a sandbox is for.
            _ => {
                return Err(serde::de::Error::custom(
                    "a dependency needs either `component` or `path`",
                ));
            }
        };
        Ok(Self {
            implementation,
            export: raw.export,
            inherit: raw.inherit_configuration,
        })
    }
}
