//! The types of all fields, in entries that nobody uses as well: Go's client decodes the whole file before it looks at one of them.
//!
//! Source: `clientcmd/api/v1/types.go` of client-go.

use super::KubeconfigError::{self, Type};
use super::encoding::decode;
use super::fields::no_base64;
use crate::tree::Node;

/// What a field holds.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Flag,
    /// Bytes in Base64.
    Data,
    Object(&'static [(&'static str, Shape)]),
    List(&'static Shape),
    /// Names of the file's own, each with a value of this shape.
    Map(&'static Shape),
    /// Left to whoever uses it.
    Anything,
}

use Shape::{Anything, Data, Flag, List, Map, Object, Text};

const CONFIG: Shape = Object(&[
    ("kind", Text),
    ("apiVersion", Text),
    ("current-context", Text),
    (
        "preferences",
        Object(&[("colors", Flag), ("extensions", EXTENSIONS)]),
    ),
    (
        "clusters",
        List(&Object(&[("name", Text), ("cluster", CLUSTER)])),
    ),
    (
        "contexts",
        List(&Object(&[("name", Text), ("context", CONTEXT)])),
    ),
    ("users", List(&Object(&[("name", Text), ("user", USER)]))),
    ("extensions", EXTENSIONS),
]);

const CLUSTER: Shape = Object(&[
    ("server", Text),
    ("tls-server-name", Text),
    ("insecure-skip-tls-verify", Flag),
    ("certificate-authority", Text),
    ("certificate-authority-data", Data),
    ("proxy-url", Text),
    ("disable-compression", Flag),
    ("extensions", EXTENSIONS),
]);

const CONTEXT: Shape = Object(&[
    ("cluster", Text),
    ("user", Text),
    ("namespace", Text),
    ("extensions", EXTENSIONS),
]);

const USER: Shape = Object(&[
    ("client-certificate", Text),
    ("client-certificate-data", Data),
    ("client-key", Text),
    ("client-key-data", Data),
    ("token", Text),
    ("tokenFile", Text),
    ("as", Text),
    ("as-uid", Text),
    ("as-groups", List(&Text)),
    ("as-user-extra", Map(&List(&Text))),
    ("username", Text),
    ("password", Text),
    (
        "auth-provider",
        Object(&[("name", Text), ("config", Map(&Text))]),
    ),
    ("exec", EXEC),
    ("extensions", EXTENSIONS),
]);

const EXEC: Shape = Object(&[
    ("command", Text),
    ("args", List(&Text)),
    ("env", List(&Object(&[("name", Text), ("value", Text)]))),
    ("apiVersion", Text),
    ("installHint", Text),
    ("provideClusterInfo", Flag),
    ("interactiveMode", Text),
]);

const EXTENSIONS: Shape = List(&Object(&[("name", Text), ("extension", Anything)]));

/// Everything of a wrong type, each field once.
pub(super) fn errors(config: &Node) -> Vec<KubeconfigError> {
    let mut errors = Vec::new();
    check("kubeconfig", config, CONFIG, &mut errors);
    errors
}

fn check(key: &'static str, node: &Node, shape: Shape, errors: &mut Vec<KubeconfigError>) {
    let expected = match (shape, node) {
        // What is not there, and `null`, are left alone.
        (_, Node::Null) | (Anything, _) | (Text, Node::Text(_)) | (Flag, Node::Bool(_)) => return,
        (Data, Node::Text(text)) => {
            return match decode(text) {
                Some(_) => {}
                None => add(no_base64(key, text), errors),
            };
        }
        (Object(fields), Node::Map(_)) => {
            for (key, shape) in fields {
                if let Some(value) = value(node, key) {
                    check(key, value, *shape, errors);
                }
            }
            return;
        }
        (Map(shape), Node::Map(entries)) => {
            let values = entries.iter().map(|entry| &entry.value);
            return values.for_each(|value| check(key, value, *shape, errors));
        }
        (List(shape), Node::List(items)) => {
            return items
                .iter()
                .for_each(|item| check(key, item, *shape, errors));
        }
        (Text | Data, _) => "a string",
        (Flag, _) => "true or false",
        (Object(_) | Map(_), _) => "an object",
        (List(_), _) => "a list",
    };
    add(Type(key, expected), errors);
}

/// The value of a key, an empty text too.
fn value<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Node::Map(entries) = node else {
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key == key)?;
    Some(&entry.value)
}

fn add(error: KubeconfigError, errors: &mut Vec<KubeconfigError>) {
    if !errors.contains(&error) {
        errors.push(error);
    }
}
