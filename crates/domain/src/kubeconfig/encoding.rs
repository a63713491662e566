//! From the field's text to a tree.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::token::BASE64_URL;
use super::{KubeconfigError, mistaken};
use crate::tree::read::{Reason, kubeconfig_yaml};
use crate::tree::{Node, slip};

/// Some tools leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a kubeconfig, and says what it is where it is something else.
pub(super) fn tree(text: &str) -> Result<Node, KubeconfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Nothing but white space is looked at once, and not by everything below.
    let is_empty = text.trim_start().is_empty();
    let text = if is_empty { "" } else { unquoted(text) };
    let plain = plain(text).map_err(|error| mistaken::text(text).unwrap_or(error))?;
    object(&plain).map_err(|error| {
        let without_mark = plain.trim_end().strip_suffix('%');
        if without_mark.is_some_and(|text| object(text).is_ok()) {
            return KubeconfigError::ShellPercent;
        }
        let what = mistaken::text(&plain).or_else(|| mistaken::text(text));
        what.unwrap_or(error)
    })
}

/// The object that a YAML text holds, where it can be a kubeconfig.
fn object(text: &str) -> Result<Node, KubeconfigError> {
    let node = parse(text)?;
    match (mistaken::object(text, &node), &node) {
        (Some(error), _) => Err(error),
        (None, Node::Map(_)) => Ok(node),
        (None, _) => Err(KubeconfigError::NotAnObject),
    }
}

/// The YAML text. A colon, which every YAML mapping has, is no Base64.
fn plain(text: &str) -> Result<Cow<'_, str>, KubeconfigError> {
    if text.contains(':') {
        return Ok(Cow::Borrowed(text));
    }
    // Some languages have the alphabet of URLs at hand.
    let bytes = decode(text).or_else(|| BASE64_URL.decode(text.trim()).ok());
    let bytes = bytes.ok_or(KubeconfigError::Encoding)?;
    if let Some(error) = mistaken::bytes(&bytes) {
        return Err(error);
    }
    let decoded = decode_text(bytes).ok_or(KubeconfigError::NotText)?;
    if decoded.starts_with('\u{feff}') {
        return Err(mistaken::TWO_MARKS);
    }
    if !decoded.contains(':') && decode(&decoded).is_some_and(|bytes| bytes.contains(&b':')) {
        return Err(mistaken::BASE64_TWICE);
    }
    Ok(Cow::Owned(decoded))
}

/// UTF-8, or UTF-16 with a byte order mark, as PowerShell writes files.
fn decode_text(bytes: Vec<u8>) -> Option<String> {
    let units = |of: fn([u8; 2]) -> u16| {
        let pairs = bytes.get(2..)?.chunks(2);
        let units = pairs.map(|pair| Some(of(pair.try_into().ok()?)));
        String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

fn parse(text: &str) -> Result<Node, KubeconfigError> {
    kubeconfig_yaml(text).map_err(|error| match error.reason {
        Reason::RepeatedKey(_) => KubeconfigError::RepeatedKey(error.at),
        Reason::SeveralDocuments => KubeconfigError::SeveralDocuments,
        Reason::Limit => mistaken::TOO_LARGE,
        reason => {
            let message = reason.to_string();
            KubeconfigError::Yaml {
                slip: slip::in_yaml(text, error.at, &message),
                message,
                at: error.at,
            }
        }
    })
}

/// The guides' manifests have `"$kubeconfig"` in a block scalar, where quotes are text. A quoted key is none of that: its
/// quote ends on the first line.
fn unquoted(text: &str) -> &str {
    let without = |quote: char| {
        // Python writes bytes as b'…'.
        let text = text.trim().trim_start_matches('b');
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        let first = inner.lines().next().unwrap_or_default();
        (!first.contains(quote)).then_some(inner)
    };
    without('"').or_else(|| without('\'')).unwrap_or(text)
}

/// Decodes Base64 that may be broken into lines.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    BASE64.decode(compact).ok()
}

/// The one spelling of Base64: a single line, with padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}
