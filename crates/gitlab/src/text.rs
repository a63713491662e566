//! Foreign text: never trusted, never long, never with a token in it.

use serde_json::Value;

/// Long enough for GitLab's longest rule texts, short enough for a log line.
const LIMIT: usize = 500;

/// One line of at most [`LIMIT`] characters without anything that looks like a token.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::new();
    let mut after_bearer = false;
    // So many words are longer than the limit already.
    for word in text.split_whitespace().take(LIMIT) {
        let secret = after_bearer || is_token(word);
        after_bearer = word.trim_end_matches(':').eq_ignore_ascii_case("bearer");
        if !line.is_empty() {
            line.push(' ');
        }
        if secret {
            line.push_str("[redacted]");
        } else {
            line.extend(word.chars().filter(|c| !c.is_control()));
        }
    }
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// GitLab's token prefixes: personal, OAuth, deploy, CI job, pipeline trigger, runner, agent, feed.
fn is_token(word: &str) -> bool {
    [
        "glpat-", "gloas-", "gldt-", "glcbt-", "glptt-", "glrt-", "glagent-", "glft-", "glsoat-",
    ]
    .iter()
    .any(|prefix| word.contains(prefix))
}

/// Content of an error body: GitLab's own message where there is one.
pub(crate) struct ErrorBody {
    /// The `error` member, such as `insufficient_scope`.
    pub(crate) error: Option<String>,
    /// The `scope` member.
    pub(crate) scope: Option<String>,
    /// The message; for a body that is not JSON, the body.
    pub(crate) text: String,
    /// True where GitLab's API answered, not a proxy or a rate limiter in front.
    pub(crate) json: bool,
}

/// Never assumes JSON: proxies and rate limiters answer as they like.
pub(crate) fn read(body: &[u8]) -> ErrorBody {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return ErrorBody {
            error: None,
            scope: None,
            text: from_foreign(body),
            json: false,
        };
    };
    let string = |name| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let error = string("error");
    let text = fields
        .get("message")
        .map(flatten)
        .or_else(|| string("error_description"))
        .or_else(|| error.clone())
        .unwrap_or_default();
    ErrorBody {
        error,
        scope: string("scope"),
        text: clean(&text),
        json: true,
    }
}

/// `message` is a string, a list, an object of lists, or an object with a string.
fn flatten(message: &Value) -> String {
    match message {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(flatten).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match name.as_str() {
                "error" => flatten(value),
                _ => format!("{name}: {}", flatten(value)),
            })
            .collect::<Vec<_>>()
            .join("; "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The beginning of a page is markup; its title says what it is.
fn from_foreign(body: &[u8]) -> String {
    let start = body.get(..body.len().min(16 * 1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    let title = text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map(|(title, _)| title);
    match title {
        Some(title) => clean(title),
        None if text.trim_start().starts_with('<') => "an HTML page".to_owned(),
        None => clean(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_an_error_body() {
        for (body, text) in [
            (r#"{"message":"404 X Not Found"}"#, "404 X Not Found"),
            (r#"{"message":{"field":["a","b"]}}"#, "field: a; b"),
            (r#"{"message":["a","b"]}"#, "a; b"),
            (r#"{"message":{"error":"too often"}}"#, "too often"),
            (
                r#"{"error":"ref is missing, ref is empty"}"#,
                "ref is missing, ref is empty",
            ),
            (
                r#"{"error":"e","error_description":"d","scope":"api"}"#,
                "d",
            ),
            ("Retry later\n", "Retry later"),
            (
                "<html><head><title>502 Bad Gateway</title></head>",
                "502 Bad Gateway",
            ),
            ("<html><body>", "an HTML page"),
            ("[1]", "[1]"),
            ("", ""),
            (r#"{"message":null}"#, ""),
        ] {
            assert_eq!(read(body.as_bytes()).text, text);
        }
    }

    #[test]
    fn no_token_and_no_end() {
        assert_eq!(
            clean("a\r\n\tb\u{7} glpat-x Bearer: y z"),
            "a b [redacted] Bearer: [redacted] z"
        );
        assert_eq!(clean(&"ä".repeat(600)).chars().count(), LIMIT + 1);
        assert!(clean(&"ä ".repeat(60_000)).ends_with('…'));
        assert_eq!(clean(&"ä".repeat(LIMIT)), "ä".repeat(LIMIT));
        let words = clean(&"a ".repeat(60_000));
        assert_eq!(words.chars().count(), LIMIT + 1);
        assert_eq!(from_foreign(&[0xff, 0xfe]), "\u{fffd}\u{fffd}");
    }
}
