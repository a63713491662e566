//! Places of the fields in a file: the service names a field by its JSON pointer, and the user wants to see the line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, Span};

/// A value with its place. No text of it is kept: it may be a kubeconfig.
#[derive(Clone, Default)]
pub(crate) struct Outline {
    span: Range<usize>,
    children: Vec<Child>,
    /// The value that an alias (`*name`) stands for.
    alias_of: Option<Arc<Outline>>,
}

#[derive(Clone)]
struct Child {
    key: String,
    /// Empty for an item of a list.
    key_span: Range<usize>,
    value: Outline,
}

/// A place in the file, in bytes from its beginning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    /// Bytes to underline.
    pub(crate) span: Range<usize>,
    /// True for the field itself; otherwise it is missing there.
    pub(crate) is_field: bool,
}

/// A text that is no YAML.
#[derive(Debug)]
pub(crate) struct MalformedText {
    /// Where, in bytes.
    pub(crate) offset: usize,
    /// The parser's words.
    pub(crate) message: String,
}

/// Tells whether two names are one field's, in snake_case or camelCase.
pub(crate) fn is_same_field(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    one == other || letters(one) == letters(other)
}

/// In place of a key that is no text: an alias or a list, say. Nobody knows what its value is.
const UNREAD_KEY: &str = "?";

/// Tells whether a value with this key is never shown.
fn is_secret(key: &str) -> bool {
    if key == UNREAD_KEY {
        return true;
    }
    let key = key.to_lowercase();
    let words = ["kubeconfig", "token", "password", "secret"];
    // `kubeconfigFile` and the like name a file; hiding the name does no harm.
    key.ends_with("-data") || words.iter().any(|word| key.contains(word))
}

/// Reads the outlines of all documents that are not empty. JSON is read as well: it is YAML.
pub(super) fn read(text: &str) -> Result<Vec<(Range<usize>, Outline)>, MalformedText> {
    let mut reader = Reader::new(text);
    let without_comments = granit_parser::options! { emit_comments: false };
    for event in Parser::new_from_str_with_options(text, without_comments) {
        match event {
            Ok((event, span)) => reader.take(event, &span),
            Err(error) => {
                return Err(MalformedText {
                    offset: reader.offset(error.marker().index()),
                    message: error.info(),
                });
            }
        }
    }
    Ok(reader.documents)
}

impl Outline {
    /// The place of a field. A pointer of a manifest begins at its spec, or names it; a field that is not there is looked for as
    /// far as its parents are.
    pub(crate) fn find(&self, pointer: &str) -> Place {
        let spec = self
            .child("spec")
            .filter(|spec| !spec.value.children.is_empty());
        if pointer == "/cluster_name" {
            return self.find_name(spec);
        }
        let mut place = match spec {
            Some(spec) => Place {
                span: spec.key_span.clone(),
                is_field: false,
            },
            None => self.head(),
        };
        let mut at = spec.map_or(self, |spec| &spec.value);
        // What is wrong with the manifest itself is named from its root, what is wrong with the request from its spec.
        let pointer = match (spec, pointer.strip_prefix("/spec")) {
            (Some(_), Some(rest)) if rest.is_empty() || rest.starts_with('/') => rest,
            _ => pointer,
        };
        let names = pointer.split('/').skip(1);
        let mut names = names
            .map(|name| name.replace("~1", "/").replace("~0", "~"))
            .peekable();
        while let Some(name) = names.next() {
            let Some(child) = at.child(&name) else {
                return place;
            };
            at = &child.value;
            place.is_field = names.peek().is_none();
            // A short value is underlined itself, anything else by its key.
            let is_short = at.children.is_empty() && !at.span.is_empty() && !is_secret(&name);
            place.span = match child.key_span.is_empty() || (place.is_field && is_short) {
                true => at.span.clone(),
                false => child.key_span.clone(),
            };
        }
        place
    }

    /// The outline of an item of a list of clusters; an empty one where there is none.
    pub(super) fn item(&self, index: usize) -> Self {
        let items = self.child("items");
        let item = items.and_then(|items| items.value.children.get(index));
        item.map(|item| item.value.clone()).unwrap_or_default()
    }

    /// The place of the whole value.
    pub(super) fn range(&self) -> Range<usize> {
        self.span.clone()
    }

    fn find_name(&self, spec: Option<&Child>) -> Place {
        let in_spec = spec.and_then(|spec| spec.value.child("name"));
        let in_metadata = || {
            self.child("metadata")
                .and_then(|metadata| metadata.value.child("name"))
        };
        let found = in_spec.or_else(in_metadata).or_else(|| self.child("name"));
        match found {
            Some(child) => Place {
                span: child.value.span.clone(),
                is_field: true,
            },
            None => self.head(),
        }
    }

    /// The first key, where nothing else can be shown.
    fn head(&self) -> Place {
        let first = self.children.first().map(|child| child.key_span.clone());
        Place {
            span: first.unwrap_or(self.span.start..self.span.start),
            is_field: false,
        }
    }

    fn child(&self, name: &str) -> Option<&Child> {
        let exact = self.children.iter().find(|child| child.key == name);
        exact.or_else(|| {
            self.children
                .iter()
                .find(|child| is_same_field(&child.key, name))
        })
    }

    /// The places of everything that may hold a secret: the kubeconfig, and what one consists of.
    pub(super) fn secrets(&self) -> Vec<Range<usize>> {
        let mut secrets = Vec::new();
        for child in &self.children {
            if child.key == UNREAD_KEY {
                secrets.push(child.key_span.clone());
            }
            match is_secret(&child.key) {
                true => child.value.add_places(&mut secrets),
                false => secrets.extend(child.value.secrets()),
            }
        }
        secrets
    }

    /// Adds the place of a value, and those of everything that it refers to by an alias.
    fn add_places(&self, places: &mut Vec<Range<usize>>) {
        places.push(self.span.clone());
        // Once each: aliases of aliases may stand for billions of values.
        if let Some(value) = &self.alias_of
            && !places.contains(&value.span)
        {
            value.add_places(places);
        }
        for child in &self.children {
            child.value.add_places(places);
        }
    }
}

/// Builds outlines from events.
struct Reader<'t> {
    text: &'t str,
    /// Open maps and lists, the innermost last.
    open: Vec<Open>,
    root: Option<Outline>,
    start: usize,
    /// The values that aliases stand for, by the parser's numbers.
    anchors: BTreeMap<usize, Arc<Outline>>,
    documents: Vec<(Range<usize>, Outline)>,
}

struct Open {
    outline: Outline,
    is_map: bool,
    /// The parser's number, or 0.
    anchor: usize,
    /// The key whose value comes next.
    key: Option<(String, Range<usize>)>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            open: Vec::new(),
            root: None,
            start: 0,
            anchors: BTreeMap::new(),
            documents: Vec::new(),
        }
    }

    /// Bytes before a character.
    fn offset(&self, characters: usize) -> usize {
        let mut indices = self.text.char_indices();
        indices
            .nth(characters)
            .map_or(self.text.len(), |(offset, _)| offset)
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let place = |marker: &granit_parser::Marker| {
            marker
                .byte_offset()
                .unwrap_or_else(|| self.offset(marker.index()))
        };
        let (start, end) = (place(&span.start), place(&span.end));
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end().len()
    }

    fn take(&mut self, event: Event<'_>, span: &Span) {
        let range = self.range(span);
        match event {
            Event::DocumentStart(..) => self.start = range.start,
            Event::MappingStart(_, anchor, _) => self.enter(range, true, anchor),
            Event::SequenceStart(_, anchor, _) => self.enter(range, false, anchor),
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some(mut open) = self.open.pop() {
                    open.outline.span.end = range.end.max(open.outline.span.start);
                    self.keep(open.anchor, &open.outline);
                    self.put(open.outline);
                }
            }
            Event::Scalar(text, _, anchor, _) => {
                let value = Outline {
                    span: range.clone(),
                    ..Outline::default()
                };
                self.keep(anchor, &value);
                self.scalar(&text, range);
            }
            Event::Alias(anchor) => self.put(Outline {
                span: range,
                alias_of: self.anchors.get(&anchor).cloned(),
                ..Outline::default()
            }),
            Event::DocumentEnd => {
                if let Some(root) = self.root.take().filter(|root| !root.span.is_empty()) {
                    let end = range.end.max(root.span.end);
                    self.documents.push((self.start..end, root));
                }
            }
            _ => {}
        }
    }

    /// Keeps a value that aliases may stand for; the parser gives 0 to one without an anchor.
    fn keep(&mut self, anchor: usize, value: &Outline) {
        if anchor > 0 {
            self.anchors.insert(anchor, Arc::new(value.clone()));
        }
    }

    fn enter(&mut self, span: Range<usize>, is_map: bool, anchor: usize) {
        let outline = Outline {
            span,
            ..Outline::default()
        };
        self.open.push(Open {
            outline,
            is_map,
            anchor,
            key: None,
        });
    }

    fn scalar(&mut self, text: &str, span: Range<usize>) {
        match self.open.last_mut() {
            Some(open) if open.is_map && open.key.is_none() => {
                open.key = Some((text.to_owned(), span));
            }
            _ => self.put(Outline {
                span,
                ..Outline::default()
            }),
        }
    }

    fn put(&mut self, value: Outline) {
        match self.open.last_mut() {
            None => self.root = Some(value),
            // A key like any other, whose value comes next.
            Some(open) if open.is_map && open.key.is_none() => {
                open.key = Some((UNREAD_KEY.to_owned(), value.span));
            }
            Some(open) => {
                let index = open.outline.children.len().to_string();
                let (key, key_span) = match open.is_map {
                    true => open.key.take().unwrap_or_default(),
                    false => (index, 0..0),
                };
                open.outline.children.push(Child {
                    key,
                    key_span,
                    value,
                });
            }
        }
    }
}
