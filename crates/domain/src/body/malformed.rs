//! Bodies that can't be read: where, and what to write instead.
//!
//! The guides of the original have bodies with `#` comments and YAML block scalars in JSON, and with
//! commas missing. Whoever copies one should learn from the answer what to mend.

use crate::Malformed;
use crate::tree::read::{Format, Unreadable};

mod slip;

/// The text of a body.
pub(super) fn text(body: &[u8]) -> Result<&str, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed {
        message: "the body is not UTF-8 text".to_owned(),
        line: None,
        column: None,
        hint: Some(encoding_hint(body).to_owned()),
    })?;
    // Editors of some systems put a byte order mark first.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Malformed {
            message: "the body is empty".to_owned(),
            line: None,
            column: None,
            hint: Some("send the cluster's fields as a JSON object".to_owned()),
        });
    }
    Ok(text)
}

/// What bytes that are no UTF-8 are.
fn encoding_hint(body: &[u8]) -> &'static str {
    match body {
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', ..] => {
            "the body is packed: unpack it before it is sent"
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            "the body is UTF-16, as PowerShell writes files: save it as UTF-8"
        }
        _ => "save the file as UTF-8: an editor has written it in another encoding",
    }
}

/// The answer to a body that is not JSON or YAML.
pub(super) fn explain(text: &str, format: Format, error: Unreadable) -> Malformed {
    let name = match format {
        Format::Json => "JSON",
        Format::Yaml => "YAML",
    };
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
