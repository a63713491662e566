//! Answers.

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::status::StatusError;

/// An answer before it is sent.
#[derive(Debug)]
pub struct ApiReply {
    /// HTTP status.
    pub status: u16,
    /// Headers besides length and date.
    pub headers: Vec<(String, String)>,
    /// Content.
    pub content: ReplyContent,
}

/// An answer's content.
#[derive(Debug)]
pub enum ReplyContent {
    /// All of it.
    Whole(Bytes),
    /// Pieces as they come.
    Stream(mpsc::Receiver<Bytes>),
}

impl ApiReply {
    /// A whole answer of a content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self {
            status,
            headers,
            content: ReplyContent::Whole(body.into()),
        }
    }

    /// JSON.
    pub fn json(status: u16, value: &Value) -> Self {
        let mut body = serde_json::to_vec(value).unwrap_or_default();
        body.push(b'\n');
        Self::new(status, "application/json", body)
    }

    /// Text.
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.to_owned())
    }

    /// The answer to a failed request.
    pub fn error(error: &StatusError) -> Self {
        if error.is_page_not_found() {
            return Self::text(404, &error.message);
        }
        let mut reply = Self::json(error.code, &error.to_status());
        let retry = error
            .details
            .get("retryAfterSeconds")
            .and_then(Value::as_u64)
            .filter(|seconds| *seconds > 0);
        reply
            .headers
            .extend(retry.map(|seconds| ("retry-after".to_owned(), seconds.to_string())));
        reply
    }

    /// Adds `Warning` headers.
    pub fn with_warnings(mut self, warnings: &[String]) -> Self {
        self.headers.extend(
            warnings
                .iter()
                .map(|text| ("warning".to_owned(), format!("299 - {text:?}"))),
        );
        self
    }
}
