//! `[component.<id>.dependencies]`: what satisfies the imports of a component.

use super::Inherit;
use serde::Deserialize;
use std::path::PathBuf;

/// One dependency. Its key in the manifest is the name of a package or of an interface.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Origin of the implementation.
    pub implementation: Implementation,
    /// The export that satisfies the import; absent means the one of the same name.
    pub export: Option<String>,
    /// `inherit_configuration`
    pub inherit: Inherit,
}

/// Where the implementation of a dependency comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Implementation {
    /// A component of the same application.
    Component(String),
    /// A file, relative to the manifest.
    Path(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    component: Option<String>,
    path: Option<PathBuf>,
    export: Option<String>,
    #[serde(default)]
    inherit_configuration: Inherit,
}

impl<'de> Deserialize<'de> for Dependency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let implementation = match (raw.component, raw.path) {
            (Some(id), None) => Implementation::Component(id),
            (None, Some(path)) => Implementation::Path(path),
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
