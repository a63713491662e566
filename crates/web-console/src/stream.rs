//! Events of the API turned into fragments of a page.

use api::{Cluster, EventReader, Status, WatchEvent};

use crate::pages::cluster::live;
use crate::settings::ConsoleSettings;

/// Turns a watch's events into `fragment` events whose data is HTML, and `end`.
pub struct FragmentStream {
    reader: EventReader,
    settings: ConsoleSettings,
    /// The cluster as far as it is known: a `status` event has only its status.
    cluster: Cluster,
}

impl FragmentStream {
    /// Fragments for the page of one cluster.
    pub(crate) fn new(settings: ConsoleSettings, name: &str) -> Self {
        let cluster = Cluster {
            name: name.to_owned(),
            ..Cluster::default()
        };
        Self {
            reader: EventReader::default(),
            settings,
            cluster,
        }
    }

    /// Takes a piece of the API's stream, at a time in seconds since 1970, and gives the piece to send on. A piece
    /// without an event becomes a comment, which keeps the connection alive.
    pub fn push(&mut self, piece: &[u8], now: u64) -> Vec<u8> {
        let events = self.reader.push(piece);
        let mut out = String::new();
        for event in events {
            match event {
                WatchEvent::Cluster(cluster) => {
                    self.cluster = *cluster;
                    out.push_str(&self.fragment(now));
                }
                WatchEvent::Status(status) => out.push_str(&self.status(status, now)),
                WatchEvent::Error(problem) => out.push_str(&event_of("problem", &problem.detail)),
                WatchEvent::End(end) => {
                    out.push_str(&event_of("end", end.reason.as_str()));
                }
                WatchEvent::Other(..) => {}
            }
        }
        if out.is_empty() {
            out.push_str(": nothing new\n\n");
        }
        out.into_bytes()
    }

    fn status(&mut self, status: Status, now: u64) -> String {
        self.cluster.status = Some(status);
        self.fragment(now)
    }

    fn fragment(&self, now: u64) -> String {
        event_of(
            "fragment",
            &live(&self.settings, &self.cluster, now).into_string(),
        )
    }
}

/// A line break in the data begins a new `data` line.
fn event_of(name: &str, data: &str) -> String {
    let lines: Vec<String> = data.lines().map(|line| format!("data: {line}\n")).collect();
    let lines = if lines.is_empty() {
        "data:\n".to_owned()
    } else {
        lines.concat()
    };
    format!("event: {name}\n{lines}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_becomes_a_fragment_of_the_cluster_that_came_before() {
        let mut stream = FragmentStream::new(ConsoleSettings::default(), "a");
        let cluster = api::Cluster {
            name: "a".to_owned(),
            status: Some(api::Status {
                phase: api::Phase::Installing,
                components: Vec::new(),
                credentials: None,
                message: None,
            }),
            ..api::Cluster::default()
        };
        let cluster = serde_json::to_string(&cluster).unwrap();
        let sent = stream.push(format!("event: cluster\ndata: {cluster}\n\n").as_bytes(), 0);
        let sent = String::from_utf8(sent).unwrap();
        assert!(
            sent.starts_with("event: fragment\ndata: ") && sent.contains("Installing"),
            "{sent}"
        );
        assert_eq!(stream.push(b": alive\n\n", 0), b": nothing new\n\n");
        let status = br#"{"phase":"Ready","components":[{"name":"x","sync":"Synced","health":"Healthy","message":"<b>\nline"}]}"#;
        let piece = [
            b"event: status\ndata: ",
            &status[..],
            b"\n\nevent: end\ndata: {\"reason\":\"ready\"}\n\n",
        ]
        .concat();
        let sent = String::from_utf8(stream.push(&piece, 0)).unwrap();
        assert!(
            sent.contains("Ready") && sent.contains("&lt;b&gt;"),
            "{sent}"
        );
        assert!(sent.ends_with("event: end\ndata: ready\n\n"), "{sent}");
        // Every line of an event is a field of it.
        let is_field =
            |line: &str| line.is_empty() || line.starts_with("data:") || line.starts_with("event:");
        assert!(sent.lines().all(is_field), "{sent}");
    }
}
