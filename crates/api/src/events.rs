//! The events of a watch: server-sent events whose data are JSON.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>.

use serde::{Deserialize, Serialize};

use crate::cluster::{Cluster, Status};
use crate::problem::Problem;
use crate::word::words;

/// Event of a watch.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchEvent {
    /// The answer to a read: first, and whenever the cluster's own fields change.
    Cluster(Box<Cluster>),
    /// The member `status`, whenever it changes.
    Status(Status),
    /// Something failed that will not pass by itself.
    Error(Box<Problem>),
    /// The last event.
    End(StreamEnd),
    /// Of a newer service, or with data that are not what they should be: its name and data.
    Other(String, String),
}

/// Why a watch ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StreamEnd {
    /// For programs.
    // Without a name of its own: Go's generated constants are named after the word alone, and a phase has it as well.
    #[cfg_attr(feature = "schema", schema(schema_with = reason))]
    pub reason: EndReason,
    /// For people.
    #[serde(default)]
    pub message: String,
}

#[cfg(feature = "schema")]
fn reason() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::PartialSchema as _;
    EndReason::schema()
}

words! {
    /// Why a watch ended, for programs.
    EndReason {
        /// Everything is installed.
        Ready = "ready",
        /// A component failed, and it will not pass by itself.
        Failed = "failed",
        /// Nothing is left of the cluster.
        Removed = "removed",
        /// The installs go on; send the request again.
        TimeLimit = "time_limit",
        /// The event before this one says what went wrong.
        Error = "error",
    }
}

impl WatchEvent {
    /// Reads an event by its name.
    #[must_use]
    pub fn parse(name: &str, data: &str) -> Self {
        // From bytes, as answers are read: a reader of text would be linked into components beside it.
        let bytes = data.as_bytes();
        let parsed = match name {
            "cluster" => serde_json::from_slice(bytes).map(Self::Cluster),
            "status" => serde_json::from_slice(bytes).map(Self::Status),
            "error" => serde_json::from_slice(bytes).map(Self::Error),
            "end" => serde_json::from_slice(bytes).map(Self::End),
            _ => return Self::Other(name.to_owned(), data.to_owned()),
        };
        parsed.unwrap_or_else(|_| Self::Other(name.to_owned(), data.to_owned()))
    }
}

/// Takes a stream apart, in whatever pieces it arrives.
#[derive(Debug, Default)]
pub struct EventReader {
    unread: Vec<u8>,
    name: String,
    data: String,
}

impl EventReader {
    /// Takes a piece and returns the events that end in it.
    pub fn push(&mut self, piece: &[u8]) -> Vec<WatchEvent> {
        self.unread.extend_from_slice(piece);
        let mut events = Vec::new();
        while let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            events.extend(self.line(line.trim_end_matches(['\n', '\r'])));
        }
        events
    }

    /// An empty line ends an event; a line that begins with a colon is a comment.
    fn line(&mut self, line: &str) -> Option<WatchEvent> {
        if line.is_empty() {
            let (name, data) = (
                std::mem::take(&mut self.name),
                std::mem::take(&mut self.data),
            );
            return (!data.is_empty()).then(|| WatchEvent::parse(&name, &data));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" if self.data.is_empty() => value.clone_into(&mut self.data),
            "data" => {
                self.data.push('\n');
                self.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "retry: 1000\n\nid: 1\nevent: status\ndata: {\"phase\":\"Ready\",\"components\":[]}\n\n\
                          : nothing has changed\n\nid: 2\r\nevent: end\r\ndata: {\"reason\":\"ready\",\"message\":\"é\"}\r\n\r\n";

    #[test]
    fn events_are_the_same_in_whatever_pieces_they_arrive() {
        let whole = EventReader::default().push(STREAM.as_bytes());
        assert!(
            matches!(&whole[..], [WatchEvent::Status(_), WatchEvent::End(end)] if end.message == "é"),
            "{whole:?}"
        );
        for size in 1..7 {
            let mut reader = EventReader::default();
            let pieces = STREAM.as_bytes().chunks(size);
            let events: Vec<_> = pieces.flat_map(|piece| reader.push(piece)).collect();
            assert_eq!(events, whole, "{size}");
        }
    }

    #[test]
    fn an_unknown_event_and_unknown_data_are_kept() {
        let mut reader = EventReader::default();
        let events = reader.push(b"event: news\ndata: 1\ndata: 2\n\nevent: status\ndata: [\n\n");
        let other = |name: &str, data: &str| WatchEvent::Other(name.into(), data.into());
        assert_eq!(events, [other("news", "1\n2"), other("status", "[")]);
    }
}
