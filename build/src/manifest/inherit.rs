//! `inherit_configuration`: what a dependency may use of the rights of the component it is part of.

use serde::Deserialize;

/// Rights that a dependency shares with its component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InheritedRights {
    /// Nothing: no environment, no files, no network, no variables.
    #[default]
    Nothing,
    /// Everything that the component may.
    Everything,
    /// The named sets, such as `variables` or `allowed_outbound_hosts`.
    Sets(Vec<String>),
}

impl<'de> Deserialize<'de> for InheritedRights {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Boolean(true) => Ok(Self::Everything),
            toml::Value::Boolean(false) => Ok(Self::Nothing),
            sets => sets
                .try_into()
                .map(Self::Sets)
                .map_err(|_| serde::de::Error::custom("expected true, false or a list of names")),
        }
    }
}
