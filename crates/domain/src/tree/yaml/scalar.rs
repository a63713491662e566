//! Scalars by the core schema of YAML 1.2.2 (chapter 10.3).

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Booleans;
use super::tag::Tag;
use crate::tree::Node;
use crate::tree::read::Reason;

/// A scalar as it is written.
#[derive(Clone)]
pub(super) struct Scalar<'t> {
    pub text: Cow<'t, str>,
    /// Neither quoted nor a block.
    pub plain: bool,
    pub tag: Tag,
}

impl Scalar<'_> {
    pub(super) fn value(&self, booleans: Booleans) -> Result<Node, Reason> {
        let text = self.text.as_ref();
        match self.tag {
            Tag::Null => Ok(Node::Null),
            Tag::Bool => boolean(trimmed(text)).ok_or_else(unfit),
            Tag::Integer => integer(trimmed(text)).ok_or_else(unfit),
            Tag::Float => float(trimmed(text)).ok_or_else(unfit).and_then(finite),
            Tag::Text | Tag::NonSpecific => Ok(Node::Text(text.to_owned())),
            Tag::Binary => binary(text).map(Node::Text),
            Tag::List | Tag::Map | Tag::Unsupported => Err(unfit()),
            Tag::None | Tag::Merge | Tag::Other if self.plain => plain(text, booleans),
            Tag::None | Tag::Merge | Tag::Other => Ok(Node::Text(text.to_owned())),
        }
    }

    /// The scalar as the key of a map: taken as it is written.
    pub(super) fn key(self) -> Result<String, Reason> {
        match self.tag {
            Tag::Text | Tag::NonSpecific => Ok(self.text.into_owned()),
            _ if self.plain && is_null(&self.text) => {
                Err(Reason::Syntax("a key that is null".to_owned()))
            }
            Tag::None | Tag::Merge | Tag::Other => Ok(self.text.into_owned()),
            Tag::Binary => binary(&self.text),
            _ => Err(Reason::Syntax(
                "a key that is tagged as no string".to_owned(),
            )),
        }
    }

    /// Tells whether the scalar is the key whose value is merged into the map.
    pub(super) fn is_merge(&self) -> bool {
        let tagged = self.tag == Tag::Merge || self.tag == Tag::None && self.plain;
        tagged && self.text == "<<"
    }
}

fn plain(text: &str, booleans: Booleans) -> Result<Node, Reason> {
    if is_null(text) {
        return Ok(Node::Null);
    }
    if booleans == Booleans::Yaml11 && (YES.contains(&text) || NO.contains(&text)) {
        return Ok(Node::Bool(YES.contains(&text)));
    }
    if let Some(value) = boolean(text).or_else(|| integer(text)) {
        return Ok(value);
    }
    let text_itself = || Ok(Node::Text(text.to_owned()));
    float(text).map_or_else(text_itself, finite)
}

/// Quoted and block scalars may have a tag and spaces around the value.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

fn is_null(text: &str) -> bool {
    text.is_empty() || text == "~" || text.eq_ignore_ascii_case("null")
}

/// The words of YAML 1.1 in the cases that Go's reader knows (`resolve.go` of yaml.v2).
const YES: [&str; 8] = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const NO: [&str; 8] = ["n", "N", "no", "No", "NO", "off", "Off", "OFF"];

fn boolean(text: &str) -> Option<Node> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("true") || is("false")).then(|| Node::Bool(is("true")))
}

/// Of what fits 64 bits, with a sign or without. As a widespread addition, digits may be grouped with `_`,
/// and `0b` is known.
fn integer(text: &str) -> Option<Node> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = i128::from(magnitude(digits)?);
    let number = if negative { -magnitude } else { magnitude };
    (number >= i128::from(i64::MIN)).then_some(Node::Integer(number))
}

fn magnitude(text: &str) -> Option<u64> {
    let prefixed = |[lower, upper]: [&str; 2]| {
        let rest = text.strip_prefix(lower);
        rest.or_else(|| text.strip_prefix(upper))
    };
    let (radix, digits) = if let Some(digits) = prefixed(["0x", "0X"]) {
        (16, digits)
    } else if let Some(digits) = prefixed(["0o", "0O"]) {
        (8, digits)
    } else if let Some(digits) = prefixed(["0b", "0B"]) {
        (2, digits)
    } else if text.starts_with('0') && text != "0" {
        return None;
    } else {
        (10, text)
    };
    let is_group =
        |group: &str| !group.is_empty() && group.chars().all(|digit| digit.is_digit(radix));
    if !digits.split('_').all(is_group) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

fn float(text: &str) -> Option<f64> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if unsigned.eq_ignore_ascii_case(".inf") {
        return Some(sign * f64::INFINITY);
    }
    if unsigned.eq_ignore_ascii_case(".nan") {
        return Some(f64::NAN);
    }
    // Rust also takes `inf` and `nan`, and a second sign would be left for it.
    let is_number = unsigned.starts_with(|first: char| first == '.' || first.is_ascii_digit());
    let number = is_number.then(|| unsigned.parse::<f64>().ok())?;
    number.map(|number| sign * number)
}

/// JSON has no other numbers.
fn finite(number: f64) -> Result<Node, Reason> {
    if number.is_finite() {
        return Ok(Node::Float(number));
    }
    Err(Reason::Syntax("a number that is not finite".to_owned()))
}

fn binary(text: &str) -> Result<String, Reason> {
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(compact).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(unfit)
}

fn unfit() -> Reason {
    Reason::Syntax("a tag that does not fit its value".to_owned())
}
