//! The body of a request: from bytes to a tree of fields, whichever way it was written.

use crate::tree::read::{place_of_repetition, tree};
use crate::tree::{Entry, Node, Repetition};
use crate::{Malformed, Rejection, SaveRequest};

use crate::findings::Findings;
use quote::quoted;

mod limits;
mod malformed;
mod media_type;
pub(crate) mod quote;

/// The fields of a request, wherever they stood in the body.
pub(crate) struct Body {
    /// The object that has the fields.
    pub fields: Vec<Entry>,
    /// JSON pointer to that object: empty, or `/spec` in a manifest.
    pub root: &'static str,
    /// What stands beside `spec` in a manifest.
    pub manifest: Option<Manifest>,
    text: String,
}

/// The head of a `kind: Cluster` manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub kind: Option<String>,
    /// `metadata.name`, used where `spec.name` is missing.
    pub name: Option<String>,
}

/// For so many repeated keys of JSON a message says where they are: each costs another reading of the body.
const MAX_PLACES: usize = 4;

/// Reads a body.
pub(crate) fn read(request: &SaveRequest) -> Result<Body, Rejection> {
    let format = media_type::format(request.content_type.as_deref())?;
    let text = malformed::text(&request.body).map_err(Rejection::MalformedBody)?;
    let root = tree(text, format).map_err(|error| match limits::of_parser(&error) {
        Some(violation) => Rejection::ValidationFailed(vec![violation]),
        None => Rejection::MalformedBody(malformed::explain(text, format, error)),
    })?;
    limits::check(&root).map_err(|violation| Rejection::ValidationFailed(vec![violation]))?;
    let Node::Map(fields) = root else {
        return Err(Rejection::MalformedBody(no_object(&root)));
    };
    let (fields, root, manifest) = unwrap_manifest(fields);
    Ok(Body {
        fields,
        root,
        manifest,
        text: text.to_owned(),
    })
}

impl Body {
    /// Refuses a key that stands twice, and says where.
    pub(crate) fn refuse_repetition(
        &self,
        key: &str,
        at: &str,
        repetition: Option<Repetition>,
        findings: &mut Findings,
    ) {
        let place = match repetition {
            Some(Repetition::At(place)) => place,
            Some(Repetition::Number(number)) if number < MAX_PLACES => {
                place_of_repetition(&self.text, number)
            }
            _ => None,
        };
        let place = place.map_or_else(String::new, |(line, column)| {
            format!(" (the second time in line {line}, column {column})")
        });
        let message = format!("{} stands twice{place}", quoted(key));
        findings.refuse(at, message, "keep one of the two");
    }
}

fn no_object(node: &Node) -> Malformed {
    Malformed {
        message: format!(
            "the body is {}, not an object with the fields of a cluster",
            node.kind()
        ),
        line: None,
        column: None,
        hint: Some("send an object such as {\"api_server\": \"https://…\", …}".to_owned()),
    }
}

/// The fields of a manifest stand under `spec`; no field of a plain request has that name.
fn unwrap_manifest(fields: Vec<Entry>) -> (Vec<Entry>, &'static str, Option<Manifest>) {
    let mut spec = None;
    let mut head = Vec::new();
    for entry in fields {
        match entry {
            Entry {
                key,
                value: Node::Map(fields),
                ..
            } if key == "spec" => spec.get_or_insert_with(Vec::new).extend(fields),
            entry => head.push(entry),
        }
    }
    let Some(spec) = spec else {
        return (head, "", None);
    };
    let head = Node::Map(head);
    let word = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let manifest = Manifest {
        kind: word(&head, "kind"),
        name: head.get("metadata").and_then(|it| word(it, "name")),
    };
    (spec, "/spec", Some(manifest))
}
