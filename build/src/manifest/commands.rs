//! `[component.<id>.build]`

use serde::Deserialize;

/// How a component is built.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentBuild {
    /// Shell commands, run one after the other.
    #[serde(deserialize_with = "one_or_more")]
    pub command: Vec<String>,
    /// Where they run, relative to the manifest; absent means beside the manifest.
    pub workdir: Option<String>,
    /// For `spin watch`.
    #[serde(default)]
    pub watch: Vec<String>,
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(command) => Ok(vec![command]),
        several => several
            .try_into()
            .map_err(|_| serde::de::Error::custom("expected a command or a list of commands")),
    }
}
