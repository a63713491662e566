//! Forms of names; the error texts are the API server's.

use crate::resource::GroupResource;

/// What a resource's names may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// RFC 1123 subdomain, up to 253 characters; most resources.
    Subdomain,
    /// RFC 1123 label, up to 63 characters.
    Label,
    /// RFC 1035 label, up to 63 characters: starts with a letter.
    Label1035,
    /// Anything that can stand in a path; RBAC.
    PathSegment,
}

const LABEL_REGEX: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const NAME_PART: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

impl NameRule {
    /// The rule of a resource.
    pub fn of(resource: &GroupResource) -> Self {
        match (resource.group.as_str(), resource.resource.as_str()) {
            ("", "namespaces") => Self::Label,
            ("", "services") => Self::Label1035,
            ("rbac.authorization.k8s.io", _) => Self::PathSegment,
            _ => Self::Subdomain,
        }
    }

    /// What is wrong with the name.
    pub fn errors(self, name: &str) -> Vec<String> {
        match self {
            Self::Subdomain => subdomain_errors(name),
            Self::Label => label_errors(name),
            Self::Label1035 => label_1035_errors(name),
            Self::PathSegment => path_segment_errors(name),
        }
    }
}

fn too_long(text: &str, limit: usize) -> Option<String> {
    (text.len() > limit).then(|| format!("must be no more than {limit} bytes"))
}

fn is_label(text: &str) -> bool {
    let is_edge = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    text.starts_with(is_edge)
        && text.ends_with(is_edge)
        && text
            .chars()
            .all(|character| is_edge(character) || character == '-')
}

fn subdomain_errors(name: &str) -> Vec<String> {
    let mut errors: Vec<String> = too_long(name, 253).into_iter().collect();
    if !name.split('.').all(is_label) {
        errors.push(format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{LABEL_REGEX}(\\.{LABEL_REGEX})*')"
        ));
    }
    errors
}

fn label_errors(name: &str) -> Vec<String> {
    let mut errors: Vec<String> = too_long(name, 63).into_iter().collect();
    if !is_label(name) {
        errors.push(format!(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL_REGEX}')"
        ));
    }
    errors
}

fn label_1035_errors(name: &str) -> Vec<String> {
    let mut errors: Vec<String> = too_long(name, 63).into_iter().collect();
    if !is_label(name) || name.starts_with(|character: char| character.is_ascii_digit()) {
        errors.push(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')".into(),
        );
    }
    errors
}

fn path_segment_errors(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    let bad = ["/", "%"].into_iter().filter(|part| name.contains(part));
    bad.map(|part| format!("may not contain '{part}'"))
        .collect()
}

fn is_name_part(text: &str) -> bool {
    let is_edge = |character: char| character.is_ascii_alphanumeric();
    text.starts_with(is_edge)
        && text.ends_with(is_edge)
        && text
            .chars()
            .all(|character| is_edge(character) || matches!(character, '-' | '_' | '.'))
}

/// What is wrong with a label or annotation key: an optional subdomain prefix, a slash, and a name.
pub fn qualified_name_errors(key: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let (prefix, name) = key
        .split_once('/')
        .map_or((None, key), |(prefix, name)| (Some(prefix), name));
    match prefix {
        Some("") => errors.push("prefix part must be non-empty".into()),
        Some(prefix) => errors.extend(
            subdomain_errors(prefix)
                .into_iter()
                .map(|error| format!("prefix part {error}")),
        ),
        None => {}
    }
    if name.is_empty() {
        errors.push("name part must be non-empty".into());
    }
    errors.extend(too_long(name, 63).map(|error| format!("name part {error}")));
    if !is_name_part(name) {
        errors.push(NAME_PART.into());
    }
    errors
}

/// What is wrong with a label's value.
pub(super) fn label_value_errors(value: &str) -> Vec<String> {
    let mut errors: Vec<String> = too_long(value, 63).into_iter().collect();
    if !value.is_empty() && !is_name_part(value) {
        errors.push(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')".into(),
        );
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(NameRule::Subdomain.errors("a.b-c.1").is_empty());
        for bad in ["A", "a_b", "-a", "a-", "a..b", ""] {
            assert!(!NameRule::Subdomain.errors(bad).is_empty(), "{bad}");
        }
        assert!(!NameRule::Label.errors("a.b").is_empty());
        assert!(!NameRule::Label.errors(&"a".repeat(64)).is_empty());
        assert!(!NameRule::Label1035.errors("1a").is_empty());
        assert!(NameRule::PathSegment.errors("system:anonymous").is_empty());
    }

    #[test]
    fn label_keys_and_values() {
        assert!(qualified_name_errors("argocd.argoproj.io/secret-type").is_empty());
        for bad in ["", "/a", "a/", "a/b/c", "UPPER.io/x"] {
            assert!(!qualified_name_errors(bad).is_empty(), "{bad}");
        }
        assert!(label_value_errors("").is_empty());
        assert!(!label_value_errors("a b").is_empty());
    }
}
