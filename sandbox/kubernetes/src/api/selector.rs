//! Label and field selectors.

use serde_json::Value;

use crate::resource::ApiResource;
use crate::status::StatusError;

#[derive(Debug, Clone, PartialEq, Eq)]
enum LabelRequirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

/// A label selector: all requirements must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<LabelRequirement>);

impl LabelSelector {
    /// Reads `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas.
    pub fn parse(text: &str) -> Result<Self, StatusError> {
        let parts = split_outside_parentheses(text)
            .into_iter()
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(requirement).collect::<Result<_, _>>().map(Self)
    }

    /// True where no requirement was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object's labels meet all requirements.
    pub fn matches(&self, object: &Value) -> bool {
        let labels = object.pointer("/metadata/labels");
        let label = |key: &str| {
            labels
                .and_then(|labels| labels.get(key))
                .and_then(Value::as_str)
        };
        let holds = |value: Option<&str>, values: &[String]| {
            value.is_some_and(|value| values.iter().any(|one| one == value))
        };
        self.0.iter().all(|requirement| match requirement {
            LabelRequirement::In(key, values) => holds(label(key), values),
            LabelRequirement::NotIn(key, values) => !holds(label(key), values),
            LabelRequirement::Exists(key) => label(key).is_some(),
            LabelRequirement::Missing(key) => label(key).is_none(),
        })
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(move |character: char| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        character == ',' && depth == 0
    })
    .collect()
}

fn requirement(text: &str) -> Result<LabelRequirement, StatusError> {
    let bad = || StatusError::bad_request(format!("unable to parse requirement: {text:?}"));
    let one = |value: &str| vec![value.trim().trim_start_matches('=').trim().to_owned()];
    if let Some((key, values)) = text.split_once('(') {
        let values = values.strip_suffix(')').ok_or_else(bad)?;
        let values = values
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        let mut words = key.split_whitespace();
        return match (words.next(), words.next(), words.next()) {
            (Some(key), Some("in"), None) => Ok(LabelRequirement::In(checked(key)?, values)),
            (Some(key), Some("notin"), None) => Ok(LabelRequirement::NotIn(checked(key)?, values)),
            _ => Err(bad()),
        };
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(LabelRequirement::NotIn(checked(key)?, one(value)));
    }
    if let Some((key, value)) = text.split_once('=') {
        return Ok(LabelRequirement::In(checked(key)?, one(value)));
    }
    match text.strip_prefix('!') {
        Some(key) => Ok(LabelRequirement::Missing(checked(key)?)),
        None => Ok(LabelRequirement::Exists(checked(text)?)),
    }
}

fn checked(key: &str) -> Result<String, StatusError> {
    let key = key.trim();
    match crate::validation::qualified_name_errors(key).first() {
        Some(error) => Err(StatusError::bad_request(format!(
            "key: Invalid value: {key:?}: {error}"
        ))),
        None => Ok(key.to_owned()),
    }
}

/// A field selector: equalities on the fields that the resource supports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<(String, String, bool)>);

impl FieldSelector {
    /// Reads `field=value` and `field!=value`, joined by commas.
    pub fn parse(text: &str, resource: &ApiResource) -> Result<Self, StatusError> {
        let mut terms = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let bad = || {
                StatusError::bad_request(format!(
                    "invalid selector: {part:?}; can't understand {part:?}"
                ))
            };
            let (field, value, equal) = match part.split_once("!=") {
                Some((field, value)) => (field, value, false),
                None => {
                    let (field, value) = part.split_once('=').ok_or_else(bad)?;
                    (field, value.trim_start_matches('='), true)
                }
            };
            if !is_supported(resource, field) {
                return Err(StatusError::bad_request(format!(
                    "field label not supported: {field}"
                )));
            }
            terms.push((field.to_owned(), value.to_owned(), equal));
        }
        Ok(Self(terms))
    }

    /// True where no requirement was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object's fields are as asked; a missing field counts as empty.
    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|(field, wanted, equal)| {
            let value = object.pointer(&format!("/{}", field.replace('.', "/")));
            let text = value
                .map(|value| {
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                })
                .unwrap_or_default();
            (text == *wanted) == *equal
        })
    }
}

fn is_supported(resource: &ApiResource, field: &str) -> bool {
    let own: &[&str] = match resource.id.to_string().as_str() {
        "secrets" => &["type"],
        "namespaces" => &["status.phase"],
        "pods" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.serviceAccountName",
            "status.phase",
            "status.podIP",
        ],
        "jobs.batch" => &["status.successful"],
        "nodes" => &["spec.unschedulable"],
        "events" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        _ => &[],
    };
    field == "metadata.name"
        || (resource.namespaced && field == "metadata.namespace")
        || own.contains(&field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(selector: &str, labels: Value) -> bool {
        LabelSelector::parse(selector)
            .unwrap()
            .matches(&json!({"metadata": {"labels": labels}}))
    }

    #[test]
    fn every_form() {
        let labels = json!({"a": "1", "b": "2"});
        for yes in [
            "a=1",
            "a==1,b=2",
            "a!=2",
            "c!=1",
            "a in (1, 3)",
            "a notin (2)",
            "c notin (1)",
            "a",
            "!c",
            "",
        ] {
            assert!(matches(yes, labels.clone()), "{yes}");
        }
        for no in [
            "a=2",
            "a=1,b=1",
            "a!=1",
            "a in (2)",
            "c in (1)",
            "a notin (1,2)",
            "c",
            "!a",
        ] {
            assert!(!matches(no, labels.clone()), "{no}");
        }
        assert!(matches("a in (1,2),b", labels));
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["a in 1", "a within (1)", "a in (1", "=1", "a b"] {
            assert!(LabelSelector::parse(bad).is_err(), "{bad}");
        }
    }
}
