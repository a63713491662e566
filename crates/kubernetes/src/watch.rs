//! A watch: one line of JSON for each change, in whatever pieces they arrive.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>

use http::Response;
use serde_json::Value;

use crate::error::{Error, classify};

/// The longest line that is read, in bytes. The API server stores objects of up to 1.5 MiB; an Application has about ten
/// KiB, and one a hundred times as large is better listed than kept twice.
pub const LONGEST: usize = 1024 * 1024;

/// One line of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchEvent {
    /// Kind of the event.
    pub kind: WatchEventKind,
    /// The object as it is now, or as it was last; of a bookmark, nothing but a version.
    pub object: Value,
}

/// Kind of event that a line of a watch tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchEventKind {
    /// The object is there, new or changed.
    Present,
    /// The object has gone, or does not match the selector any more.
    Gone,
    /// Nothing has changed up to a version.
    Bookmark,
}

impl WatchEvent {
    /// The version from which a later watch goes on after this event.
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.object.pointer("/metadata/resourceVersion")?.as_str()
    }

    fn read(line: &[u8]) -> Result<Self, Error> {
        let mut line: Value = serde_json::from_slice(line).map_err(|_| unreadable())?;
        let object = line.get_mut("object").map(Value::take).unwrap_or_default();
        let kind = match line.get("type").and_then(Value::as_str) {
            Some("ADDED" | "MODIFIED") => WatchEventKind::Present,
            Some("DELETED") => WatchEventKind::Gone,
            Some("BOOKMARK") => WatchEventKind::Bookmark,
            Some("ERROR") => return Err(refusal(&object)),
            _ => return Err(unreadable()),
        };
        match object.is_object() {
            true => Ok(Self { kind, object }),
            false => Err(unreadable()),
        }
    }
}

/// Takes the answer to [`crate::ClusterApi::watch`] apart.
#[derive(Debug, Default)]
pub struct WatchReader {
    /// The beginning of a line whose end has not arrived.
    unread: Vec<u8>,
}

impl WatchReader {
    /// Takes a piece and returns the events whose lines end in it.
    ///
    /// # Errors
    /// What an `ERROR` says, such as [`Error::Expired`]; a line that is no event, or longer than [`LONGEST`]. Nothing can
    /// be read after that.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<WatchEvent>, Error> {
        let mut events = Vec::new();
        let mut lines = piece.split(|byte| *byte == b'\n');
        // The last one has no end yet; a piece that ends with a line ends with an empty one.
        let beginning = lines.next_back().unwrap_or_default();
        for end in lines {
            self.keep(end)?;
            let line = std::mem::take(&mut self.unread);
            if !line.trim_ascii().is_empty() {
                events.push(WatchEvent::read(&line)?);
            }
        }
        self.keep(beginning)?;
        Ok(events)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), Error> {
        if self.unread.len().saturating_add(part.len()) > LONGEST {
            return Err(Error::Unexpected {
                status: 200,
                message: format!("a line of the watch is longer than {LONGEST} bytes"),
            });
        }
        self.unread.extend_from_slice(part);
        Ok(())
    }
}

/// An event of type `ERROR` holds what would otherwise be an answer.
fn refusal(status: &Value) -> Error {
    let code = status.get("code").and_then(Value::as_u64);
    let code = code.and_then(|code| u16::try_from(code).ok());
    let mut answer = Response::new(status.to_string().into_bytes());
    match code.and_then(|code| http::StatusCode::from_u16(code).ok()) {
        Some(code) if !code.is_success() => *answer.status_mut() = code,
        _ => return unreadable(),
    }
    classify(&answer)
}

fn unreadable() -> Error {
    Error::Unavailable {
        status: 200,
        // Not the line: it may be half of anything.
        message: "a line of the watch is not a kubernetes event".to_owned(),
        retry_after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(kind: &str, name: &str, version: &str) -> String {
        let object = json!({"metadata": {"name": name, "resourceVersion": version}});
        format!("{}\n", json!({"type": kind, "object": object}))
    }

    fn told(events: &[WatchEvent]) -> Vec<(WatchEventKind, &str)> {
        let version = |event| WatchEvent::resource_version(event).unwrap();
        let events = events.iter();
        events.map(|event| (event.kind, version(event))).collect()
    }

    #[test]
    fn events_are_the_same_in_whatever_pieces_they_arrive() {
        let text = line("ADDED", "a", "5")
            + &line("MODIFIED", "ä", "6")
            + "\r\n"
            + &line("DELETED", "a", "7")
            + &line("BOOKMARK", "", "9");
        let whole = WatchReader::default().push(text.as_bytes()).unwrap();
        assert_eq!(
            told(&whole),
            [
                (WatchEventKind::Present, "5"),
                (WatchEventKind::Present, "6"),
                (WatchEventKind::Gone, "7"),
                (WatchEventKind::Bookmark, "9")
            ]
        );
        assert_eq!(whole[1].object["metadata"]["name"], "ä");
        for size in 1..9 {
            let mut reader = WatchReader::default();
            let pieces = text.as_bytes().chunks(size);
            let events: Vec<_> = pieces
                .flat_map(|piece| reader.push(piece).unwrap())
                .collect();
            assert_eq!(events, whole, "{size}");
        }
    }

    #[test]
    fn half_a_line_is_no_event() {
        let text = line("ADDED", "a", "5");
        let (first, rest) = text.split_at(20);
        let mut reader = WatchReader::default();
        assert_eq!(reader.push(first.as_bytes()), Ok(Vec::new()));
        assert_eq!(reader.push(b""), Ok(Vec::new()));
        assert_eq!(reader.push(rest.as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn a_line_is_read_up_to_the_limit() {
        let padded = |length: usize| {
            let frame = r#"{"type":"ADDED","object":{"a":""}}"#.len();
            let text = "x".repeat(length - frame);
            format!("{}\n", json!({"type": "ADDED", "object": {"a": text}}))
        };
        for (length, is_read) in [(LONGEST - 1, true), (LONGEST, true), (LONGEST + 1, false)] {
            // In one piece, in many, and a second one behind it.
            let text = padded(length);
            for size in [text.len(), 16 * 1024] {
                let mut reader = WatchReader::default();
                let pieces = text.as_bytes().chunks(size);
                let events: Result<Vec<_>, _> = pieces.map(|piece| reader.push(piece)).collect();
                assert_eq!(events.is_ok(), is_read, "{length} in pieces of {size}");
                let Err(error) = events else {
                    assert_eq!(reader.push(text.as_bytes()).unwrap().len(), 1);
                    continue;
                };
                assert!(matches!(error, Error::Unexpected { .. }), "{error}");
                assert!(error.to_string().contains("1048576 bytes"), "{error}");
            }
        }
    }

    #[test]
    fn an_error_is_what_an_answer_would_be() {
        let error = |code: u64, reason: &str| {
            let status = json!({"kind": "Status", "code": code, "reason": reason, "message": "m"});
            let line = format!("{}\n", json!({"type": "ERROR", "object": status}));
            WatchReader::default().push(line.as_bytes()).unwrap_err()
        };
        assert_eq!(error(410, "Expired"), Error::Expired);
        assert_eq!(error(410, "Gone"), Error::Expired);
        assert!(matches!(error(403, "Forbidden"), Error::Forbidden { message } if message == "m"));
        assert!(matches!(
            error(500, "InternalError"),
            Error::Unavailable { status: 500, .. }
        ));
        for code in [0, 200, 99_999] {
            assert!(matches!(
                error(code, "X"),
                Error::Unavailable { status: 200, .. }
            ));
        }
    }

    #[test]
    fn anything_else_is_no_event() {
        for text in [
            "<html>\n",
            "[]\n",
            "{}\n",
            "{\"type\":\"NEWS\",\"object\":{}}\n",
            "{\"type\":\"ADDED\"}\n",
            "{\n",
        ] {
            let error = WatchReader::default().push(text.as_bytes()).unwrap_err();
            assert!(matches!(error, Error::Unavailable { .. }), "{text}");
            assert!(!error.to_string().contains('<'), "{error}");
        }
    }
}
