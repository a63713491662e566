//! Rules for metadata: names, labels, annotations, finalizers, owner references. The texts are the API server's.

use serde_json::Value;

use crate::object;
use crate::resource::ApiResource;
use crate::status::{CauseType, ErrorCause};

/// All keys and values of an object's annotations together, in bytes.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// Finalizers without a domain that the API server knows.
const STANDARD_FINALIZERS: [&str; 3] = ["foregroundDeletion", "orphan", "kubernetes"];

/// Every violation in `metadata`.
pub fn validate_metadata(resource: &ApiResource, object: &Value) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    let mut complain = |field: &str, value: &str, errors: Vec<String>| {
        let value = Value::from(value);
        causes.extend(
            errors
                .iter()
                .map(|error| ErrorCause::invalid(field, &value, error)),
        );
    };
    let name = object::name(object);
    complain("metadata.name", name, name_errors(resource, name));
    for (key, value) in entries(object, "labels") {
        complain("metadata.labels", key, qualified_name_errors(key));
        complain("metadata.labels", value, label_value_errors(value));
    }
    let annotations = entries(object, "annotations");
    for (key, _) in &annotations {
        let errors = qualified_name_errors(&key.to_lowercase());
        complain("metadata.annotations", key, errors);
    }
    for finalizer in object::finalizers(object) {
        let is_known = finalizer.contains(['/', '.']) || STANDARD_FINALIZERS.contains(&finalizer);
        let error = "name is neither a standard finalizer name nor is it fully qualified";
        let errors = if is_known { vec![] } else { vec![error.into()] };
        complain("metadata.finalizers", finalizer, errors);
    }
    causes.extend(annotation_size(&annotations));
    causes.extend(owner_causes(object));
    causes
}

fn entries<'a>(object: &'a Value, field: &str) -> Vec<(&'a str, &'a str)> {
    let map = object
        .get("metadata")
        .and_then(|metadata| metadata.get(field));
    let map = map.and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
        .collect()
}

fn annotation_size(annotations: &[(&str, &str)]) -> Option<ErrorCause> {
    let sizes = annotations
        .iter()
        .map(|(key, value)| key.len() + value.len());
    let message = format!("Too long: may not be more than {ANNOTATIONS_LIMIT} bytes");
    (sizes.sum::<usize>() > ANNOTATIONS_LIMIT)
        .then(|| ErrorCause::new(CauseType::TooLong, "metadata.annotations", message))
}

fn owner_causes(object: &Value) -> Vec<ErrorCause> {
    let owners = object::list(object, "/metadata/ownerReferences");
    let mut causes = Vec::new();
    for (index, owner) in owners.iter().enumerate() {
        for field in ["apiVersion", "kind", "name", "uid"] {
            if object::text(owner, &format!("/{field}")).is_empty() {
                let path = format!("metadata.ownerReferences[{index}].{field}");
                let detail = format!("{field} must not be empty");
                causes.push(ErrorCause::invalid(path, &"".into(), &detail));
            }
        }
    }
    causes
}

/// Names what is wrong with a name: most are subdomains, namespaces and services labels, RBAC takes any.
fn name_errors(resource: &ApiResource, name: &str) -> Vec<String> {
    match (resource.id.group.as_str(), resource.kind.as_str()) {
        _ if name.is_empty() => vec!["name or generateName is required".into()],
        ("rbac.authorization.k8s.io", _) if name.contains(['/', '%']) => {
            vec!["may not contain '/' or '%'".into()]
        }
        ("rbac.authorization.k8s.io", _) => Vec::new(),
        ("", "Namespace" | "Service") if !is_label(name) => vec![
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character".into(),
        ],
        ("", "Namespace" | "Service") => Vec::from_iter(too_long(name, 63)),
        _ => subdomain_errors(name),
    }
}

fn too_long(text: &str, limit: usize) -> Option<String> {
    (text.len() > limit).then(|| format!("must be no more than {limit} bytes"))
}

fn is_label(text: &str) -> bool {
    let is_edge = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let is_inner = |character: char| is_edge(character) || character == '-';
    text.starts_with(is_edge) && text.ends_with(is_edge) && text.chars().all(is_inner)
}

fn subdomain_errors(name: &str) -> Vec<String> {
    let mut errors = Vec::from_iter(too_long(name, 253));
    if !name.split('.').all(is_label) {
        errors.push("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')".into());
    }
    errors
}

fn is_name_part(text: &str) -> bool {
    let is_edge = |character: char| character.is_ascii_alphanumeric();
    let is_inner = |character: char| is_edge(character) || matches!(character, '-' | '_' | '.');
    text.starts_with(is_edge) && text.ends_with(is_edge) && text.chars().all(is_inner)
}

/// Names what is wrong with a label or annotation key: an optional subdomain prefix, a slash, and a name.
pub fn qualified_name_errors(key: &str) -> Vec<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let mut errors: Vec<String> = prefix
        .map(subdomain_errors)
        .into_iter()
        .flatten()
        .map(|error| format!("prefix part {error}"))
        .collect();
    errors.extend(too_long(name, 63).map(|error| format!("name part {error}")));
    if !is_name_part(name) {
        errors.push("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')".into());
    }
    errors
}

fn label_value_errors(value: &str) -> Vec<String> {
    let mut errors = Vec::from_iter(too_long(value, 63));
    if !value.is_empty() && !is_name_part(value) {
        errors.push("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character".into());
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keys_and_values() {
        assert!(subdomain_errors("a.b-c.1").is_empty());
        for bad in ["A", "a_b", "-a", "a-", "a..b", ""] {
            assert!(!subdomain_errors(bad).is_empty(), "{bad}");
        }
        assert!(qualified_name_errors("argocd.argoproj.io/secret-type").is_empty());
        for bad in ["", "/a", "a/", "a/b/c", "UPPER.io/x"] {
            assert!(!qualified_name_errors(bad).is_empty(), "{bad}");
        }
        assert!(label_value_errors("").is_empty());
        assert!(!label_value_errors("a b").is_empty());
    }
}
