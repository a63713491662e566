//! From the parser's events to a tree: what YAML calls composing.
//!
//! Scalars without a tag are resolved by the core schema of YAML 1.2, `<<` merges as in YAML 1.1.

use std::borrow::Cow;
use std::collections::BTreeSet;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, StructureStyle};

use super::read::{Reason, Unreadable};
use super::{Entry, Node, Repetition};
use anchors::{Anchored, Anchors};
pub(super) use budget::Budget;
use failure::{At, failed, refused};
use merge::Merged;
use scalar::Scalar;
use tag::Tag;

mod anchors;
mod budget;
mod failure;
mod merge;
mod scalar;
mod tag;

/// Treatment of keys that stand twice in a map.
#[derive(Clone, Copy)]
pub(super) enum Repetitions {
    /// They are marked by [`Entry::repetition`].
    Mark,
    Refuse,
}

/// Which plain words are booleans.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Booleans {
    /// `true` and `false`.
    Core,
    /// Also `yes`, `no`, `on`, `off`, `y` and `n`, as in Go's YAML reader.
    Yaml11,
}

type Read<T> = Result<T, Unreadable>;
type Tagged<'t> = Option<Cow<'t, granit_parser::Tag>>;

/// Reads the one document of a text.
pub(super) fn tree(
    text: &str,
    repetitions: Repetitions,
    booleans: Booleans,
    budget: Budget,
) -> Read<Node> {
    // Comments are events only where some other crate of the build switches that feature of the parser on.
    let without_comments = granit_parser::options! { emit_comments: false };
    let composer = Composer {
        events: Parser::new_from_str_with_options(text, without_comments),
        anchors: Anchors::new(budget),
        budget,
        depth: 0,
        repetitions,
        booleans,
        is_on_lines: false,
        is_in_flow: false,
    };
    composer.document()
}

struct Composer<'t> {
    events: Parser<'t, StrInput<'t>>,
    anchors: Anchors<'t>,
    budget: Budget,
    /// How many lists and maps are open.
    depth: usize,
    repetitions: Repetitions,
    booleans: Booleans,
    /// True where the last event goes over a line's end.
    is_on_lines: bool,
    /// True where a bracket or brace is open.
    is_in_flow: bool,
}

impl<'t> Composer<'t> {
    fn document(mut self) -> Read<Node> {
        loop {
            match self.next()?.0 {
                Event::DocumentStart(..) => break,
                Event::StreamEnd => return Ok(Node::Null),
                _ => {}
            }
        }
        let node = self.value()?;
        loop {
            match self.next()?.0 {
                Event::DocumentStart(..) => {
                    self.budget.spend(1, 0, At::default())?;
                    // Nothing behind `---` is no second document for kubectl either.
                    let (event, at) = self.next()?;
                    if !is_empty(&event) {
                        return Err(refused(Reason::SeveralDocuments, at));
                    }
                }
                Event::StreamEnd => return Ok(node),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Read<(Event<'t>, At)> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                self.is_on_lines = span.start.line() != span.end.line();
                Ok((event, At::of(&span.start)))
            }
            Some(Err(error)) => Err(failure::of_parser(&error)),
            None => Err(failed("the text ends too early", At::default())),
        }
    }

    fn value(&mut self) -> Read<Node> {
        let (event, at) = self.next()?;
        self.node(event, at)
    }

    fn node(&mut self, event: Event<'t>, at: At) -> Read<Node> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(text, style, anchor, tag, at)?;
                scalar
                    .value(self.booleans)
                    .map_err(|reason| refused(reason, at))
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.enter(Tag::of(tag.as_deref()).is_for_lists(), at)?;
                let outer = self.enter_flow(style);
                let node = self.list()?;
                self.is_in_flow = outer;
                self.leave(anchor, node, at)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.enter(Tag::of(tag.as_deref()).is_for_maps(), at)?;
                let outer = self.enter_flow(style);
                let node = self.map()?;
                self.is_in_flow = outer;
                self.leave(anchor, node, at)
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            _ => Err(failed("a value is missing", at)),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Tagged<'t>,
        at: At,
    ) -> Read<Scalar<'t>> {
        self.budget.spend(1, text.len(), at)?;
        let is_older = self.booleans == Booleans::Yaml11 && self.is_in_flow;
        let has_sign = text.starts_with(':') || text.contains("? ");
        if is_older && style == ScalarStyle::Plain && has_sign {
            // YAML 1.2 takes it for a part of the word, and Go's reader for the sign behind a key that is missing, or before one.
            return Err(failed(
                "a word in brackets that begins with a colon, or has a question mark and a blank",
                at,
            ));
        }
        let scalar = Scalar {
            text,
            plain: style == ScalarStyle::Plain,
            tag: Tag::of(tag.as_deref()),
        };
        self.anchors.define_scalar(anchor, &scalar, at)?;
        Ok(scalar)
    }

    /// Remembers that everything is within brackets or braces now. Returns whether it was before.
    fn enter_flow(&mut self, style: StructureStyle) -> bool {
        let is_flow = style == StructureStyle::Flow;
        let inner = self.is_in_flow || is_flow;
        std::mem::replace(&mut self.is_in_flow, inner)
    }

    fn enter(&mut self, tag_fits: bool, at: At) -> Read<()> {
        if !tag_fits {
            return Err(failed("a tag that does not fit its value", at));
        }
        self.depth += 1;
        budget::check_depth(self.depth, at)?;
        self.budget.spend(1, 0, at)
    }

    fn leave(&mut self, anchor: usize, node: Node, at: At) -> Read<Node> {
        self.depth -= 1;
        self.anchors.define(anchor, &node, at)?;
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, at: At) -> Read<Node> {
        match self.anchors.get(anchor, at)? {
            Anchored::Scalar(scalar) => {
                self.budget.spend(1, scalar.text.len(), at)?;
                scalar
                    .value(self.booleans)
                    .map_err(|reason| refused(reason, at))
            }
            Anchored::Collection(node, size) => {
                budget::check_depth(self.depth + size.depth, at)?;
                self.budget.spend(size.nodes, size.bytes, at)?;
                Ok(node.clone())
            }
        }
    }

    fn list(&mut self) -> Read<Node> {
        let mut items = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Node::List(items));
            }
            items.push(self.node(event, at)?);
        }
    }

    fn map(&mut self) -> Read<Node> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        let mut merged = Merged::default();
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                entries.extend(merged.entries(seen));
                return Ok(Node::Map(entries));
            }
            // YAML 1.2 takes such a key in braces, and Go's reader does not.
            if self.is_on_lines && self.booleans == Booleans::Yaml11 {
                return Err(failed("a key that goes over a line's end", at));
            }
            let key = self.key(event, at)?;
            if key.is_merge() {
                let (event, at) = self.next()?;
                let value = self.node(event, at)?;
                merged.add(value).map_err(|reason| refused(reason, at))?;
                continue;
            }
            let key = key.key().map_err(|reason| refused(reason, at))?;
            let repetition = if seen.insert(key.clone()) {
                None
            } else {
                Some(self.repetition(&key, at)?)
            };
            entries.push(Entry {
                key,
                value: self.value()?,
                repetition,
            });
        }
    }

    fn key(&mut self, event: Event<'t>, at: At) -> Read<Scalar<'t>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, at),
            Event::Alias(anchor) => match self.anchors.get(anchor, at)? {
                Anchored::Scalar(scalar) => {
                    self.budget.spend(1, scalar.text.len(), at)?;
                    Ok(scalar.clone())
                }
                Anchored::Collection(..) => Err(failed("expected string scalar", at)),
            },
            _ => Err(failed("expected string scalar", at)),
        }
    }

    fn repetition(&self, key: &str, at: At) -> Read<Repetition> {
        match self.repetitions {
            Repetitions::Refuse => Err(refused(Reason::RepeatedKey(key.to_owned()), at)),
            Repetitions::Mark => Ok(Repetition::At(at.0)),
        }
    }
}

fn is_empty(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, 0, None) if text.is_empty() || *text == "~")
}

#[cfg(test)]
mod tests;
