//! Bodies between WASI and the use cases, which work on whole ones.

use std::convert::Infallible;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use service::incoming::MAX_BODY;
use service::problem::Problem;
use service::request_log::{self, RequestLog};
use service::runtime::{Request, Response};
use spin_sdk::http::FullBody;
use spin_sdk::wasip3::http::types::ErrorCode;

use crate::Wasi;

/// Reads a request to the end, at most [`MAX_BODY`] bytes.
///
/// # Errors
/// `BODY_TOO_LARGE`, or `MALFORMED_BODY` where the connection broke.
pub async fn read(request: spin_sdk::http::Request) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let mut limited = std::pin::pin!(Limited::new(body, MAX_BODY));
    let mut bytes = BytesMut::new();
    while let Some(frame) = limited.frame().await {
        let frame = frame.map_err(|error| unreadable(&*error))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(Request::from_parts(plain(parts), bytes.to_vec()))
}

/// Leaves WASI's own extensions behind.
fn plain(mut parts: http::request::Parts) -> http::request::Parts {
    parts.extensions = http::Extensions::new();
    parts
}

fn unreadable(error: &(dyn std::error::Error + 'static)) -> Problem {
    if error.is::<LengthLimitError>() {
        return too_large();
    }
    Problem::new(400, "MALFORMED_BODY", "the body broke off before its end")
}

/// The body is larger than the limit.
#[must_use]
pub fn too_large() -> Problem {
    service::gateway::body_too_large()
}

/// The body of an answer, whole or as it comes.
pub type Body = Pin<Box<dyn http_body::Body<Data = Bytes, Error = ErrorCode>>>;

/// Hands a whole answer to WASI.
fn whole(response: Response) -> http::Response<Body> {
    response.map(|body| {
        let body = FullBody::new(Bytes::from(body))
            .map_err(|never: Infallible| -> ErrorCode { match never {} });
        Box::pin(body) as Body
    })
}

/// An answer of a function.
pub enum Answer {
    /// All of it.
    Whole(Response),
    /// Events, to be sent as they come.
    Events(http::Response<Body>),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::Whole(response)
    }
}

impl Answer {
    /// Ends the record of the request: of a whole answer, and of events where they begin.
    #[must_use]
    pub fn begun(self, journal: &RequestLog, runtime: &Wasi, whole: &'static str) -> Self {
        match self {
            Self::Whole(response) => request_log::close(journal, runtime, whole, response).into(),
            Self::Events(mut response) => {
                let status = response.status().as_u16();
                journal.close(runtime, whole, status, response.headers_mut(), None);
                Self::Events(response)
            }
        }
    }

    /// Hands it to WASI.
    #[must_use]
    pub fn send(self) -> http::Response<Body> {
        match self {
            Self::Whole(response) => whole(response),
            Self::Events(response) => response,
        }
    }
}
