//! From the field's text to a tree.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{KubeconfigError, mistaken};
use crate::tree::Node;
use crate::tree::read::{Reason, kubeconfig_yaml};

/// Some tools leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a kubeconfig, and says what it is where it is something else.
pub(super) fn tree(text: &str) -> Result<Node, KubeconfigError> {
    let text = unquoted(text.strip_prefix('\u{feff}').unwrap_or(text));
    let node = plain(text)
        .and_then(|text| mistaken::spaces(&text).map_or_else(|| parse(&text), Err))
        .map_err(|error| mistaken::text(text).unwrap_or(error))?;
    match node {
        Node::Map(_) => mistaken::manifest(&node).map_or(Ok(node), Err),
        _ => Err(mistaken::text(text).unwrap_or(KubeconfigError::NotAnObject)),
    }
}

/// The YAML text. A colon, which every YAML mapping has, is no Base64.
fn plain(text: &str) -> Result<Cow<'_, str>, KubeconfigError> {
    if text.contains(':') {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = decode(text).ok_or(KubeconfigError::Encoding)?;
    let decoded = decode_text(bytes).ok_or(KubeconfigError::NotText)?;
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
        Reason::RepeatedKey(_) => KubeconfigError::RepeatedKey,
        Reason::SeveralDocuments => KubeconfigError::SeveralDocuments,
        reason => KubeconfigError::Yaml {
            message: reason.to_string(),
            at: error.at,
        },
    })
}

/// The guides' manifests have `"$kubeconfig"` in a block scalar, where quotes are text. A quoted key is none of that: its
/// quote ends on the first line.
fn unquoted(text: &str) -> &str {
    let inner = text.trim().strip_prefix('"');
    let inner = inner.and_then(|text| text.strip_suffix('"'));
    let whole = |text: &&str| !text.lines().next().unwrap_or_default().contains('"');
    inner.filter(whole).unwrap_or(text)
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
