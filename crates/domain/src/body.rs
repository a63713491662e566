//! The body of a request: from bytes to a tree of fields, whichever way it was written.

use crate::tree::read::{Format, place_of_repetition, tree};
use crate::tree::{Entry, Node, Repetition, slip};
use crate::{Malformed, Rejection, SaveRequest};

use crate::findings::Findings;
use quote::{quoted, trim_blanks};

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
    /// Kind and name that the head of a manifest gives; `None` where the body is no manifest.
    pub manifest: Option<Manifest>,
    /// Entries of a manifest beside `spec`.
    pub head: Vec<Entry>,
    /// Keys of a manifest that stand there for a second time.
    repeated: Vec<(String, Repetition)>,
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
    if format == Format::Yaml && slip::has_lost_comment(text) {
        let message = "the body is on one line, the rest of which is a comment";
        let malformed = malformed::of_whole_body(message.to_owned(), slip::LOST_LINES);
        return Err(Rejection::MalformedBody(malformed));
    }
    if let Some(malformed) = malformed::mistaken(&root) {
        return Err(Rejection::MalformedBody(malformed));
    }
    limits::check(&root).map_err(|violation| Rejection::ValidationFailed(vec![violation]))?;
    let Node::Map(fields) = root else {
        return Err(Rejection::MalformedBody(no_object(&root)));
    };
    Ok(unwrap_manifest(fields, text))
}

impl Body {
    /// Refuses a manifest in which one of two `spec`, `metadata` or `kind` would be lost.
    pub(crate) fn refuse_repeated_heads(&self, findings: &mut Findings) {
        for (key, repetition) in &self.repeated {
            self.refuse_repetition(key, &format!("/{key}"), Some(*repetition), findings);
        }
    }

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
    let message = format!(
        "the body is {}, not an object with the fields of a cluster",
        node.kind()
    );
    malformed::of_whole_body(
        message,
        "send an object such as {\"api_server\": \"https://…\", …}",
    )
}

/// The fields of a manifest stand under `spec`; no field of a plain request has that name.
fn unwrap_manifest(mut fields: Vec<Entry>, text: &str) -> Body {
    let plain = |fields, repeated| Body {
        fields,
        root: "",
        manifest: None,
        head: Vec::new(),
        repeated,
        text: text.to_owned(),
    };
    let is_spec = |entry: &Entry| entry.key == "spec" && matches!(entry.value, Node::Map(_));
    let Some(at) = fields.iter().position(is_spec) else {
        return plain(fields, Vec::new());
    };
    let repeated = fields.iter();
    let repeated = repeated.filter_map(|entry| Some((entry.key.clone(), entry.repetition?)));
    let repeated: Vec<_> = repeated.collect();
    let Node::Map(mut spec) = fields.remove(at).value else {
        return plain(fields, repeated);
    };
    // What a second one says is not missing as well.
    let (others, head): (Vec<Entry>, Vec<Entry>) = fields.into_iter().partition(is_spec);
    for entry in others {
        let Node::Map(fields) = entry.value else {
            continue;
        };
        let is_new = |entry: &Entry| spec.iter().all(|there| there.key != entry.key);
        let new: Vec<Entry> = fields.into_iter().filter(is_new).collect();
        spec.extend(new);
    }
    let word = |node: &Node| Some(trim_blanks(node.text()?).to_owned());
    let given = |key: &str| {
        let entry = head.iter().find(|entry| entry.key == key);
        entry.map(|entry| &entry.value)
    };
    let manifest = Manifest {
        kind: given("kind").and_then(word),
        name: given("metadata").and_then(|metadata| word(metadata.get("name")?)),
    };
    Body {
        root: "/spec",
        manifest: Some(manifest),
        head,
        ..plain(spec, repeated)
    }
}
