//! `route = "/path"` or `route = { private = true }`

use serde::Deserialize;

/// Where a component can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriggerRoute {
    /// `/exact`, `/with/:name` or `/with/...` (that path and everything below it).
    Public(String),
    /// Only by service chaining.
    Private,
}

impl<'de> Deserialize<'de> for TriggerRoute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let private = toml::Table::from_iter([("private".to_owned(), toml::Value::Boolean(true))]);
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(path) if path.starts_with('/') => Ok(Self::Public(path)),
            toml::Value::Table(table) if table == private => Ok(Self::Private),
            _ => Err(serde::de::Error::custom(
                "a route is a path that starts with `/`, or { private = true }",
            )),
        }
    }
}
