//! Things that people send for a kubeconfig, named for what they are.

use std::borrow::Cow;

use super::KubeconfigError;
use super::encoding::decode;
use crate::tree::{Node, slip};
use kinds::*;

mod kinds;
mod printed;
mod secret;

pub(super) use kinds::{BASE64_TWICE, TOO_LARGE, TWO_MARKS};

/// How packed and encrypted files begin.
const BYTES: [(&[u8], KubeconfigError); 7] = [
    (&[0x1f, 0x8b], PACKED),
    (b"PK\x03\x04", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (&[0x28, 0xb5, 0x2f, 0xfd], PACKED),
    (b"BZh", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"\0GITCRYPT\0", ENCRYPTED),
];

/// How texts begin that are something else.
const BEGINNINGS: [(&str, KubeconfigError); 9] = [
    ("version https://git-lfs.github.com/", POINTER),
    ("begin-base64 ", UUENCODED),
    ("-----BEGIN AGE ", ENCRYPTED),
    ("-----BEGIN PGP ", ENCRYPTED),
    ("$ANSIBLE_VAULT;", ENCRYPTED),
    ("\u{60}\u{60}\u{60}", FENCED),
    ("<!doctype", PAGE),
    ("<html", PAGE),
    ("<?xml", PAGE),
];

/// What bytes are that are no text.
pub(super) fn bytes(bytes: &[u8]) -> Option<KubeconfigError> {
    let known = BYTES.into_iter();
    let mut known = known.filter(|(beginning, _)| bytes.starts_with(beginning));
    known.next().map(|(_, what)| what)
}

/// What a text is that can't be read as a kubeconfig.
pub(super) fn text(text: &str) -> Option<KubeconfigError> {
    let text = text.trim();
    if text.contains('\0') {
        return Some(UTF16);
    }
    let begins = |beginning: &str| {
        let start = text.get(..beginning.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(beginning)
    };
    let mut known = BEGINNINGS.into_iter();
    if let Some((_, what)) = known.find(|(beginning, _)| begins(beginning)) {
        return Some(what);
    }
    if text.starts_with("data:") && text.contains(";base64,") {
        return Some(DATA_URL);
    }
    if text.starts_with("-----BEGIN ") {
        return Some(pem(text));
    }
    let first = text.lines().next().unwrap_or_default();
    // Three and more are marks of a merge conflict.
    if first.contains("<<") && !first.contains("<<<") {
        return Some(HERE_DOCUMENT);
    }
    if has_escapes(text) {
        return Some(HTML_ESCAPES);
    }
    if let Some(what) = printed::by_kubectl(text) {
        return Some(what);
    }
    if text.ends_with('%') && decode(text.trim_end_matches('%')).is_some() {
        return Some(KubeconfigError::ShellPercent);
    }
    if text.lines().nth(1).is_some() {
        return None;
    }
    line(text)
}

/// Bytes of the longest line that is looked at closely: a kubeconfig with two chains of certificates, percent-encoded.
const LONGEST_LINE: usize = 64 * 1024;

/// The same of a text of one line.
fn line(text: &str) -> Option<KubeconfigError> {
    if text.len() > LONGEST_LINE {
        return None;
    }
    if text.starts_with(['$', '<']) || text.starts_with("{{") {
        return Some(TEMPLATE);
    }
    let is_token =
        text.starts_with("sha256~") || text.starts_with("eyJ") && text.matches('.').count() == 2;
    if is_token {
        return Some(TOKEN);
    }
    if is_percent_encoded(text) {
        return Some(PERCENT_ENCODED);
    }
    if printed::is_message(text) {
        return Some(MESSAGE);
    }
    is_path(text).then_some(PATH)
}

/// What an object is that YAML reads, and that is no kubeconfig all the same.
pub(super) fn object(text: &str, node: &Node) -> Option<KubeconfigError> {
    if text.contains("ENC[AES256_GCM,") || text.contains("$ANSIBLE_VAULT;") {
        return Some(ENCRYPTED);
    }
    if slip::has_lost_comment(text) {
        return Some(LOST_LINES);
    }
    // YAML takes them for anchors.
    if text.contains(": &quot;") || text.contains("- &quot;") {
        return Some(HTML_ESCAPES);
    }
    if node.get("clusters").is_none() && is_request(text) {
        return Some(REQUEST);
    }
    if let Some(error) = manifest(node) {
        return Some(error);
    }
    let Node::Map(entries) = node else {
        return list(node);
    };
    let has = |key: &str| node.get(key).is_some();
    if matches!(node.get("contexts"), Some(Node::Map(_))) && has("context") {
        return Some(TALOS);
    }
    if ["clusters", "users", "contexts"].into_iter().any(has) {
        return None;
    }
    if entries.iter().any(|entry| holds_config(&entry.value, 3)) {
        return Some(WRAPPED);
    }
    if entries.iter().any(|entry| entry.key.starts_with(QUOTES)) {
        return Some(TYPOGRAPHIC);
    }
    let says = printed::by_kubectl(text);
    says.or_else(|| printed::is_message(text).then_some(MESSAGE))
}

/// The same of a list.
fn list(node: &Node) -> Option<KubeconfigError> {
    holds_config(node, 3).then_some(WRAPPED)
}

/// What editors for prose make of `"` and `'`.
pub(super) const QUOTES: [char; 6] = ['“', '”', '„', '‘', '’', '«'];

/// Whether one of its texts is a kubeconfig, plain or in Base64.
fn holds_config(node: &Node, levels: u8) -> bool {
    match node {
        Node::Text(text) => is_config(text),
        Node::Map(entries) if levels > 0 => {
            entries.iter().any(|it| holds_config(&it.value, levels - 1))
        }
        Node::List(items) if levels > 0 => items.iter().any(|it| holds_config(it, levels - 1)),
        _ => false,
    }
}

/// Whether a text is a kubeconfig, plain or in Base64.
pub(crate) fn is_config(text: &str) -> bool {
    let text = plain(text);
    let has = |word: &&str| text.contains(*word);
    ["clusters", "users", ":"].iter().all(has)
}

/// Whether a text is a whole request, plain or in Base64.
pub(crate) fn is_request(text: &str) -> bool {
    const FIELDS: [&str; 4] = [
        "cluster_type:",
        "cluster_type\":",
        "clusterType:",
        "clusterType\":",
    ];
    let text = plain(text);
    FIELDS.iter().any(|field| text.contains(field))
}

/// A text, or what it holds in Base64.
fn plain(text: &str) -> Cow<'_, str> {
    match text.contains(':') {
        true => Cow::Borrowed(text),
        false => {
            let bytes = decode(text).unwrap_or_default();
            Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
        }
    }
}

/// What a manifest is that is no kubeconfig. client-go decodes `Config` of `v1` and nothing else.
fn manifest(node: &Node) -> Option<KubeconfigError> {
    let word = |key| node.get(key).map(|value| value.text().unwrap_or_default());
    match (word("kind"), word("apiVersion")) {
        (Some("Secret"), _) => Some(secret::kind(node)),
        (Some("List" | "SecretList"), _) => Some(secret::in_list(node).unwrap_or(OTHER)),
        (None | Some("Config"), None | Some("v1")) => None,
        _ => Some(OTHER),
    }
}

fn pem(text: &str) -> KubeconfigError {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let inner = decode(&lines.collect::<String>()).unwrap_or_default();
    match inner.contains(&b':') && std::str::from_utf8(&inner).is_ok() {
        true => CERTUTIL,
        false => PEM,
    }
}

/// Quotes as templates for HTML write them: no kubeconfig needs these.
fn has_escapes(text: &str) -> bool {
    const QUOTES: [&str; 5] = ["&quot;", "&#34;", "&#x22;", "&#39;", "&#x27;"];
    text.contains('&') && QUOTES.iter().any(|escape| text.contains(escape))
}

/// A colon and a line break as URLs and forms have them.
fn is_percent_encoded(text: &str) -> bool {
    let has = |escape: &str| text.contains(escape) || text.contains(&escape.to_ascii_lowercase());
    has("%3A") && has("%0A")
}

fn is_path(text: &str) -> bool {
    const STARTS: [&str; 6] = ["@", "~", "./", "../", "\\\\", "file:"];
    const ENDS: [&str; 7] = [
        ".yaml",
        ".yml",
        ".conf",
        ".config",
        ".json",
        ".txt",
        "kubeconfig",
    ];
    let has_drive =
        matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    // A slash is a digit of Base64 as well.
    let starts = STARTS.iter().any(|start| text.starts_with(start))
        || text.starts_with('/') && decode(text).is_none();
    starts
        || has_drive
        || ENDS
            .iter()
            .any(|end| text.to_ascii_lowercase().ends_with(end))
}

#[cfg(test)]
mod tests;
