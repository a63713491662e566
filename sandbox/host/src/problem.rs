//! Answers of the host itself: problem details as RFC 9457 has them, with the members `code`,
//! `reason` and `message` that the application's own problems have too.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::WasiBody;

/// Why the host answers in place of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostProblem {
    /// No route leads to the path.
    NoRoute,
    /// The request does not say which host it is for.
    NoHost,
    /// The component trapped, or failed to answer for another reason.
    Failed,
    /// The component took too long.
    TimedOut,
    /// No instance could be made.
    Overloaded,
}

impl HostProblem {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoRoute => (
                StatusCode::NOT_FOUND,
                "ROUTE_NOT_FOUND",
                "no route of the application leads here",
            ),
            Self::NoHost => (
                StatusCode::BAD_REQUEST,
                "MALFORMED_REQUEST",
                "the request has no valid Host header",
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "COMPONENT_FAILED",
                "the component failed to answer",
            ),
            Self::TimedOut => (
                StatusCode::GATEWAY_TIMEOUT,
                "COMPONENT_TIMEOUT",
                "the component did not answer in time",
            ),
            Self::Overloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "HOST_OVERLOADED",
                "too many requests at a time",
            ),
        }
    }

    pub(crate) fn response(self) -> Response<WasiBody> {
        let (status, reason, detail) = self.parts();
        let body = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": detail,
            "code": status.as_u16(),
            "reason": reason,
            "message": detail,
        });
        let body = Bytes::from(body.to_string());
        let length = body.len();
        let mut response = Response::new(
            Full::new(body)
                .map_err(|never| match never {})
                .boxed_unsync(),
        );
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CONTENT_LENGTH, length.into());
        if self == Self::Overloaded {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
