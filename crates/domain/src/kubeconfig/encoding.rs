//! From the field's text to a tree.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::KubeconfigError;
use crate::tree::Node;
use crate::tree::read::{Reason, strict_yaml};

/// Some tools leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a kubeconfig. A colon, which every YAML mapping has, is no Base64.
pub(super) fn tree(text: &str) -> Result<Node, KubeconfigError> {
    let text = unquoted(text.strip_prefix('\u{feff}').unwrap_or(text));
    let decoded;
    let text = if text.contains(':') {
        text
    } else {
        let bytes = decode(text).ok_or(KubeconfigError::Encoding)?;
        decoded = String::from_utf8(bytes).map_err(|_| KubeconfigError::NotText)?;
        &decoded
    };
    let node = strict_yaml(text).map_err(|error| match error.reason {
        Reason::RepeatedKey(_) => KubeconfigError::RepeatedKey,
        Reason::SeveralDocuments => KubeconfigError::SeveralDocuments,
        reason => KubeconfigError::Yaml {
            message: reason.to_string(),
            at: error.at,
        },
    })?;
    match node {
        Node::Map(_) => Ok(node),
        _ => Err(KubeconfigError::NotAnObject),
    }
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
