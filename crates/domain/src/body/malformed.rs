//! Bodies that can't be read: where, and what to write instead.
//!
//! The guides of the original have bodies with `#` comments and YAML block scalars in JSON, and with
//! commas missing. Whoever copies one should learn from the answer what to mend.

use super::quote::quoted;
use crate::Malformed;
use crate::kubeconfig::{is_config, is_request};
use crate::tree::Node;
use crate::tree::read::{Format, Unreadable, tree};

mod slip;

/// The text of a body.
pub(super) fn text(body: &[u8]) -> Result<&str, Malformed> {
    let text = std::str::from_utf8(body)
        .map_err(|_| of_whole_body("the body is not UTF-8 text".to_owned(), encoding_hint(body)))?;
    // Without a mark, UTF-16 has one beside every letter of ASCII.
    if text.bytes().take(2).any(|byte| byte == 0) {
        return Err(of_whole_body(
            "the body is not UTF-8 text".to_owned(),
            UTF16,
        ));
    }
    // Editors of some systems put a byte order mark first.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        let hint = "send the cluster's fields as a JSON object";
        return Err(of_whole_body("the body is empty".to_owned(), hint));
    }
    Ok(text)
}

/// A mistake of the whole body, which has no line and column.
pub(super) fn of_whole_body(message: String, hint: &str) -> Malformed {
    Malformed {
        message,
        line: None,
        column: None,
        hint: Some(hint.to_owned()),
    }
}

/// Fields by which the top level of a request is known, or of a manifest (`spec`).
const TOP_LEVEL_FIELDS: [&str; 3] = ["api_server", "apiServer", "spec"];

fn has_top_level_field(node: &Node) -> bool {
    TOP_LEVEL_FIELDS.iter().any(|key| node.get(key).is_some())
}

/// The answer to a body that is a kubeconfig, also as a string or in Base64, or a whole request in one of these forms or below a
/// field. Beside the address of a cluster the lists of a kubeconfig are unknown fields.
pub(super) fn mistaken(root: &Node) -> Option<Malformed> {
    let has = |key| root.get(key).is_some();
    let says_config = root.get("kind").and_then(Node::text) == Some("Config");
    let is_kubeconfig = match root {
        Node::Text(text) if is_request(text) => {
            let form = if text.contains(':') {
                "a string"
            } else {
                "Base64"
            };
            return Some(of_whole_body(
                format!(
                    "the body is a request in {form}, not an object with the fields of a cluster"
                ),
                "send the request as it is, neither in Base64 nor in quotes",
            ));
        }
        Node::Text(text) => is_config(text),
        _ if has_top_level_field(root) => false,
        Node::Map(entries) => {
            if let Some(around) = entries
                .iter()
                .find(|entry| has_top_level_field(&entry.value))
            {
                let key = quoted(&around.key);
                return Some(of_whole_body(
                    format!("the request's fields stand at the top level, and yours below {key}"),
                    "send what is in that field, without the field around it",
                ));
            }
            has("clusters") && (has("users") || says_config)
        }
        _ => false,
    };
    is_kubeconfig.then(|| {
        of_whole_body(
            "the body is a kubeconfig, not an object with the fields of a cluster".to_owned(),
            "send it as `kubeconfig`, beside `api_server`, `cluster_type` and `usage`, or use `nautes-clusters add CONTEXT`",
        )
    })
}

const UTF16: &str = "the body is UTF-16, as PowerShell writes files: save it as UTF-8";

/// What bytes that are no UTF-8 are.
fn encoding_hint(body: &[u8]) -> &'static str {
    match body {
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', ..] => {
            "the body is packed: unpack it before it is sent"
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => UTF16,
        _ => "save the file as UTF-8: an editor has written it in another encoding",
    }
}

/// The answer to a body that is not JSON or YAML.
pub(super) fn explain(text: &str, format: Format, error: Unreadable) -> Malformed {
    let name = match format {
        Format::Json => "JSON",
        Format::Yaml => "YAML",
    };
    // Many send it without a content type, which is JSON's.
    if format == Format::Json
        && !slip::begins_json(text)
        && let Ok(root) = tree(text, Format::Yaml)
        && let Some(malformed) = mistaken(&root)
    {
        return malformed;
    }
    let reason = error.reason.to_string();
    let Some((line, column)) = error.at else {
        return Malformed {
            message: format!("the body is not {name}: {}", reason),
            line: None,
            column: None,
            hint: None,
        };
    };
    // The line itself is never shown: it may hold a kubeconfig.
    let message = format!(
        "the body is not {name}: line {line}, column {column}: {}",
        reason
    );
    let hint = match format {
        Format::Json => slip::in_json(text, line, column, &reason),
        Format::Yaml => slip::in_yaml(text, (line, column), &error.reason),
    };
    Malformed {
        message,
        line: Some(line),
        column: Some(column),
        hint,
    }
}
