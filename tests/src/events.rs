//! Server-sent events, read as they come.

use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Name of the event.
    pub name: String,
    /// Data of the event, which is JSON in all of ours.
    pub data: Value,
}

/// An answer that is still being sent. Dropped, it is given up.
pub struct Events {
    response: reqwest::Response,
    text: String,
    id: u64,
}

impl Events {
    /// Checks the headers; nothing is read yet.
    ///
    /// # Panics
    /// When it is no stream of events.
    pub async fn of(response: reqwest::Response) -> Self {
        let headers = response.headers().clone();
        if response.status() != 200 {
            panic!("{:?}", response.text().await);
        }
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers.contains_key("x-request-id"));
        assert!(!headers.contains_key("content-length"));
        Self {
            response,
            text: String::new(),
            id: 0,
        }
    }

    /// Waits for the next event; `None` when the answer has ended.
    ///
    /// # Panics
    /// When the answer breaks off, or has anything else in it than events in their order.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = self.event(&block) {
                    return Some(event);
                }
            }
            let Some(bytes) = self.response.chunk().await.expect("the stream breaks off") else {
                assert_eq!(self.text, "", "half an event");
                return None;
            };
            self.text += std::str::from_utf8(&bytes).unwrap();
        }
    }

    /// Every event until the answer ends.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    fn event(&mut self, block: &str) -> Option<Event> {
        if block.starts_with(':') || block.starts_with("retry: ") {
            return None;
        }
        self.id += 1;
        let lines: Vec<&str> = block.lines().collect();
        let [id, name, data] = lines[..] else {
            panic!("no event: {block}");
        };
        assert_eq!(id, format!("id: {}", self.id));
        let data = data.strip_prefix("data: ").unwrap();
        Some(Event {
            name: name.strip_prefix("event: ").unwrap().to_owned(),
            data: serde_json::from_str(data).unwrap(),
        })
    }
}
