//! The fields of a request, by name.

use std::collections::BTreeMap;

use crate::body::Body;
use crate::body::quote::{quoted, trim_blanks};
use crate::findings::Findings;
use crate::tree::{Entry, Node, Repetition};

mod nearest;

pub use nearest::nearest;

/// The fields of a request, in the order of the API's description.
pub(crate) const REQUEST: [&str; 18] = [
    "api_server",
    "cluster_kind",
    "cluster_type",
    "usage",
    "worker_type",
    "host_cluster",
    "primary_domain",
    "vcluster",
    "kubeconfig",
    "components_list",
    "reserved_namespaces_allowed_products",
    "product_allowed_cluster_resources",
    "argocd_host",
    "tekton_host",
    "traefik",
    "name",
    "api_version",
    "kind",
];

/// A field as it was given: where it stands, and what it holds.
#[derive(Clone)]
pub(crate) struct Occurrence {
    /// JSON pointer into the body.
    pub at: String,
    pub value: Node,
    repetition: Option<Repetition>,
}

/// The entries of an object that have a field's name.
pub(crate) struct Object {
    at: String,
    fields: BTreeMap<&'static str, Vec<Occurrence>>,
}

impl Object {
    /// Sorts an object's entries by field. Unknown ones are warned about, with the nearest known field.
    pub(crate) fn new(
        entries: Vec<Entry>,
        at: &str,
        known: &[&'static str],
        findings: &mut Findings,
    ) -> Self {
        let mut fields: BTreeMap<&'static str, Vec<Occurrence>> = BTreeMap::new();
        for entry in entries {
            let name = snake_case(&entry.key);
            match known.iter().find(|known| **known == name) {
                Some(name) => fields.entry(name).or_default().push(Occurrence {
                    at: pointer(at, &entry.key),
                    value: entry.value,
                    repetition: entry.repetition,
                }),
                None => {
                    let warning = || unknown(&pointer(at, &entry.key), &entry.key, known);
                    let near = findings.warn_of_unknown(warning);
                    if let Some(near) = near.filter(|_| !entry.value.is_absent()) {
                        findings.note_misspelt(pointer(at, near), entry.key);
                    }
                }
            }
        }
        Self {
            at: at.to_owned(),
            fields,
        }
    }

    /// The one entry of a field; a field that stands twice is refused.
    pub(crate) fn take(&mut self, name: &str, body: &Body, findings: &mut Findings) -> Field<Node> {
        let mut given = self.take_all(name).into_iter();
        let Some(first) = given.next() else {
            return Field::absent(pointer(&self.at, name));
        };
        if let Some(second) = given.next() {
            body.refuse_repetition(name, &second.at, second.repetition, findings);
            return Field::broken(second.at);
        }
        if first.value.is_absent() {
            return Field::absent(first.at);
        }
        Field::given(first.at, first.value)
    }

    /// Every entry of a field whose values are united.
    pub(crate) fn take_all(&mut self, name: &str) -> Vec<Occurrence> {
        self.fields.remove(name).unwrap_or_default()
    }
}

/// A field of a request, after its type was looked at.
pub(crate) struct Field<T> {
    /// JSON pointer into the body; where the field is absent, the one it would have.
    pub at: String,
    pub value: Option<T>,
    /// True where the field was given, but not as it should be; that is among the violations already.
    pub broken: bool,
}

impl<T> Field<T> {
    pub(crate) fn given(at: String, value: T) -> Self {
        Self {
            at,
            value: Some(value),
            broken: false,
        }
    }

    pub(crate) fn absent(at: String) -> Self {
        Self {
            at,
            value: None,
            broken: false,
        }
    }

    pub(crate) fn broken(at: String) -> Self {
        Self {
            at,
            value: None,
            broken: true,
        }
    }

    /// Neither given nor refused.
    pub(crate) fn is_absent(&self) -> bool {
        self.value.is_none() && !self.broken
    }

    /// Takes the value for what the field should be, or says that it is not.
    pub(crate) fn read<U>(
        self,
        expected: &str,
        hint: impl Into<String>,
        findings: &mut Findings,
        read: impl FnOnce(T) -> Result<U, &'static str>,
    ) -> Field<U> {
        let Some(value) = self.value else {
            return Field {
                at: self.at,
                value: None,
                broken: self.broken,
            };
        };
        match read(value) {
            Ok(value) => Field::given(self.at, value),
            Err(kind) => {
                let message = format!("{} must be {expected}, not {kind}", named(&self.at));
                findings.refuse(&self.at, message, hint);
                Field::broken(self.at)
            }
        }
    }
}

impl Field<Node> {
    /// A string.
    pub(crate) fn text(self, findings: &mut Findings) -> Field<String> {
        self.read("a string", "send a string", findings, as_text)
    }

    /// A string without the blanks that whoever copies one takes along. Nothing but blanks is nothing.
    pub(crate) fn word(self, findings: &mut Findings) -> Field<String> {
        let mut field = self.text(findings);
        let value = field.value.map(|text| trim_blanks(&text).to_owned());
        field.value = value.filter(|text| !text.is_empty());
        field
    }

    /// A string or an integer: ports are sent as either.
    pub(crate) fn text_or_integer(self, findings: &mut Findings) -> Field<String> {
        const EXPECTED: &str = "a string or an integer";
        self.read(
            EXPECTED,
            format!("send {EXPECTED}"),
            findings,
            |node| match node {
                Node::Text(text) => Ok(text),
                Node::Integer(number) => Ok(number.to_string()),
                other => Err(other.kind()),
            },
        )
    }

    /// An object, by its fields; an absent one has none.
    pub(crate) fn object(self, known: &[&'static str], findings: &mut Findings) -> Object {
        let field = self.entries(findings);
        Object::new(field.value.unwrap_or_default(), &field.at, known, findings)
    }

    /// An object, by its entries.
    pub(crate) fn entries(self, findings: &mut Findings) -> Field<Vec<Entry>> {
        self.read("an object", "send an object", findings, |node| match node {
            Node::Map(entries) => Ok(entries),
            other => Err(other.kind()),
        })
    }

    /// A list.
    pub(crate) fn list(self, findings: &mut Findings) -> Field<Vec<Node>> {
        self.read("a list", "send a list", findings, |node| match node {
            Node::List(items) => Ok(items),
            other => Err(other.kind()),
        })
    }
}

/// The text of a node, or what it is instead.
pub(crate) fn as_text(node: Node) -> Result<String, &'static str> {
    match node {
        Node::Text(text) => Ok(text),
        other => Err(other.kind()),
    }
}

/// The warning about an unknown field, and the known one whose name is near.
pub(crate) fn unknown<'a>(at: &str, key: &str, known: &[&'a str]) -> (String, Option<&'a str>) {
    let near = nearest(key, known);
    let question = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    let warning = format!("unknown field {} is ignored{question}", quoted(at));
    (warning, near)
}

/// The field a pointer leads to, for messages: its name, or the whole pointer to an element of a list.
pub(crate) fn named(at: &str) -> String {
    let name = at.rsplit('/').next().unwrap_or_default();
    let is_index = name.bytes().all(|byte| byte.is_ascii_digit());
    quoted(if is_index { at } else { name })
}

/// A JSON pointer one level deeper (RFC 6901).
pub(crate) fn pointer(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// `apiServer` → `api_server`; snake case stays as it is.
#[must_use]
pub fn snake_case(key: &str) -> String {
    let mut snake = String::with_capacity(key.len() + 4);
    for char in key.chars() {
        if char.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::{named, pointer, snake_case};

    #[test]
    fn names_in_messages() {
        assert_eq!(named("/vcluster/https_node_port"), "`https_node_port`");
        assert_eq!(named("/a/b1"), "`b1`");
        assert_eq!(named("/products/12"), "`/products/12`");
    }

    #[test]
    fn pointers() {
        assert_eq!(pointer("/a", "b/c~d"), "/a/b~1c~0d");
        assert_eq!(pointer("", ""), "/");
    }

    #[test]
    fn both_cases() {
        assert_eq!(snake_case("httpsNodePort"), "https_node_port");
        assert_eq!(snake_case("https_node_port"), "https_node_port");
    }
}
