//! An answer of the API.

use serde_json::Value;

/// Status, headers and body, read to the end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Reads a response; every one must carry its length, and what keeps browsers and caches from making more of it.
    ///
    /// # Panics
    /// When it breaks off or lacks one of these headers.
    pub async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let is_of_clusters = response.url().path().starts_with("/api/");
        let headers = response.headers().clone();
        let text = response.text().await.expect("the answer breaks off");
        assert!(
            headers.contains_key("content-length"),
            "no Content-Length: {status} {text}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{text}");
        if is_of_clusters {
            assert_eq!(headers["cache-control"], "no-store", "{text}");
        }
        Self {
            status,
            headers,
            text,
        }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body of a success.
    ///
    /// # Panics
    /// On any status but 200.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// Status and reason of a problem, and the document.
    ///
    /// # Panics
    /// When it is no problem document.
    pub fn problem(&self, status: u16, reason: &str) -> Value {
        let body = self.json();
        assert_eq!(
            (self.status, body["reason"].as_str()),
            (status, Some(reason)),
            "{body:#}"
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(body["status"], status);
        assert_eq!(body["code"], status);
        assert_eq!(body["message"], body["detail"]);
        body
    }
}
