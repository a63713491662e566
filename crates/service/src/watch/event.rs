//! Server-sent events as text.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>.

use serde::Serialize;

/// An event. JSON as serde writes it has no line break, so its data is one line.
pub(super) fn encode(name: &str, id: u64, data: &impl Serialize) -> String {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("id: {id}\nevent: {name}\ndata: {data}\n\n")
}

/// Builds a comment of the event stream, which every client skips. `text` has no line break.
pub(super) fn comment(text: &str) -> String {
    format!(": {text}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_a_block_of_lines_whatever_its_data() {
        assert_eq!(
            encode("status", 7, &json!({"message": "a\r\nb\n\n\u{2028}c"})),
            "id: 7\nevent: status\ndata: {\"message\":\"a\\r\\nb\\n\\n\u{2028}c\"}\n\n"
        );
        assert_eq!(comment("alive"), ": alive\n\n");
    }
}
