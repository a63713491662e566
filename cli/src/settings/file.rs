//! The settings file: services by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::variable;
use crate::failure::CommandError;
use crate::wording;

/// Content to begin with.
pub(crate) const EXAMPLE: &str = r#"current-context = "production"

[contexts.production]
server = "https://clusters.example.com"
gitlab = "https://gitlab.example.com"
"#;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ConfigFile {
    current_context: Option<String>,
    contexts: BTreeMap<String, ServiceContext>,
}

/// A service by name. A token is never here: it has a file of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ServiceContext {
    pub(super) server: Option<String>,
    pub(super) gitlab: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) insecure_skip_tls_verify: bool,
}

/// Where the file is.
pub(crate) fn path(given: Option<&Path>) -> PathBuf {
    given.map_or_else(default_path, Path::to_owned)
}

fn default_path() -> PathBuf {
    let base = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = base.filter(|base| base.is_absolute());
    let home = || std::env::home_dir().unwrap_or_default().join(".config");
    base.unwrap_or_else(home)
        .join("nautes-clusters/config.toml")
}

impl ConfigFile {
    /// Reads it; a default one that is not there is empty.
    ///
    /// # Errors
    /// The file can't be read, or is not what it should be.
    pub(crate) fn read(given: Option<&Path>) -> Result<Self, CommandError> {
        let path = path(given);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && given.is_none() => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(CommandError::usage(format!(
                    "can't read {}: {error}",
                    wording::shown(&path)
                )));
            }
        };
        toml::from_str(&text).map_err(|error| {
            // The text of the error quotes the line, and somebody may have put a token there.
            let place = error.span().map_or(1, |span| line_of(&text, span.start));
            CommandError::usage(format!(
                "{}, line {place}: {}; it looks like this:\n\n{}",
                path.display(),
                error.message(),
                EXAMPLE.trim_end()
            ))
        })
    }

    /// The names of all contexts.
    pub(crate) fn names(self) -> Vec<String> {
        self.contexts.into_keys().collect()
    }

    /// The context with this name, otherwise the current one, otherwise the only one.
    ///
    /// # Errors
    /// There is none of this name.
    pub(super) fn context(mut self, name: Option<&str>) -> Result<ServiceContext, CommandError> {
        let Some(name) = name.map(str::to_owned).or(self.current_context) else {
            return Ok(match self.contexts.len() {
                1 => self.contexts.pop_first().map(|(_, only)| only),
                _ => None,
            }
            .unwrap_or_default());
        };
        self.contexts.remove(&name).ok_or_else(|| {
            let names: Vec<_> = self.contexts.into_keys().collect();
            CommandError::usage(format!(
                "the settings have no context {name}; they have: {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            ))
        })
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_one() {
        let file: ConfigFile = toml::from_str(EXAMPLE).unwrap();
        let context = file.context(None).unwrap();
        assert_eq!(
            context.gitlab.as_deref(),
            Some("https://gitlab.example.com")
        );
    }

    #[test]
    fn contexts_are_chosen_by_name_then_current_then_alone() {
        let two = "[contexts.a]\nserver = 'https://a'\n[contexts.b]\nserver = 'https://b'\n";
        let server = |text: &str, name: Option<&str>| {
            let file: ConfigFile = toml::from_str(text).unwrap();
            file.context(name)
                .map(|context| context.server.unwrap_or_default())
        };
        assert_eq!(server(two, None).unwrap(), "");
        assert_eq!(server(two, Some("b")).unwrap(), "https://b");
        let current = format!("current-context = 'a'\n{two}");
        assert_eq!(server(&current, None).unwrap(), "https://a");
        assert_eq!(
            server("[contexts.a]\nserver = 'https://a'", None).unwrap(),
            "https://a"
        );
        let error = server(two, Some("c")).unwrap_err().to_string();
        assert_eq!(error, "the settings have no context c; they have: a, b");
    }

    #[test]
    fn a_token_in_the_file_is_refused_without_being_shown() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[contexts.a]\ntoken = 'canary'\n").unwrap();
        let error = ConfigFile::read(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("line 2: unknown field `token`"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}
