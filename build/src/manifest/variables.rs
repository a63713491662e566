//! `[variables]`, the values they have in one run, and templates that refer to them.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A setting of the application.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestVariable {
    /// For readers.
    pub description: Option<String>,
    /// True where a value has to be given.
    #[serde(default)]
    pub required: bool,
    /// Value when none is given.
    pub default: Option<String>,
    /// True where the value must not be shown.
    #[serde(default)]
    pub secret: bool,
}

/// Why the variables given do not fit the manifest.
#[derive(Debug, thiserror::Error)]
pub enum VariablesError {
    /// All required variables that have no value.
    #[error("these variables are required and have no value: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Given, but not in the manifest.
    #[error("the manifest has no variable named {}", .0.join(", "))]
    Unknown(Vec<String>),
}

/// Why a template has no value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum VariableTemplateError {
    /// `{{` without `}}`.
    #[error("`{{{{` without `}}}}` in `{0}`")]
    Unclosed(String),
    /// The template refers to a variable that the manifest does not have.
    #[error("`{template}` refers to the variable `{name}`, which does not exist")]
    Unknown {
        /// The template.
        template: String,
        /// The variable.
        name: String,
    },
}

/// The variables of the application with their values in this run.
#[derive(Clone)]
pub struct ResolvedVariables(BTreeMap<String, String>);

impl ResolvedVariables {
    /// Takes the given values, and the defaults for the others.
    ///
    /// # Errors
    /// See [`VariablesError`].
    pub fn new(
        variables: &BTreeMap<String, ManifestVariable>,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, VariablesError> {
        let unknown: Vec<_> = given
            .keys()
            .filter(|name| !variables.contains_key(*name))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            return Err(VariablesError::Unknown(unknown));
        }
        let value = |name: &String, variable: &ManifestVariable| {
            given.get(name).or(variable.default.as_ref()).cloned()
        };
        let missing: Vec<_> = variables
            .iter()
            .filter(|(name, variable)| value(name, variable).is_none())
            .map(|(name, _)| name.clone())
            .collect();
        if !missing.is_empty() {
            return Err(VariablesError::Missing(missing));
        }
        let values = variables
            .iter()
            .filter_map(|(name, variable)| Some((name.clone(), value(name, variable)?)));
        Ok(Self(values.collect()))
    }

    /// Replaces every `{{ name }}`.
    ///
    /// # Errors
    /// See [`VariableTemplateError`].
    pub fn fill(&self, template: &str) -> Result<String, VariableTemplateError> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((literal, after)) = rest.split_once("{{") {
            let (name, tail) = after
                .split_once("}}")
                .ok_or_else(|| VariableTemplateError::Unclosed(template.to_owned()))?;
            filled.push_str(literal);
            filled.push_str(self.get(name.trim(), template)?);
            rest = tail;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn get(&self, name: &str, template: &str) -> Result<&str, VariableTemplateError> {
        self.0
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| VariableTemplateError::Unknown {
                template: template.to_owned(),
                name: name.to_owned(),
            })
    }
}

/// Tells whether a name is one that variables may have: lower-case words joined by single underscores.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    name.split('_').all(|word| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

pub(super) fn check(variables: &BTreeMap<String, ManifestVariable>) -> Result<(), String> {
    for (name, variable) in variables {
        if !is_variable_name(name) {
            return Err(format!(
                "the variable name `{name}` is not in lower_snake_case"
            ));
        }
        match (variable.required, &variable.default) {
            (true, Some(_)) => {
                return Err(format!(
                    "variable `{name}` is required and has a default: it can only be one of both"
                ));
            }
            (false, None) => {
                return Err(format!(
                    "variable `{name}` needs `required = true` or a default"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
