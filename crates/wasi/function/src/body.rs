//! Bodies between WASI and the use cases, which work on whole ones.

use std::convert::Infallible;
use std::pin::{Pin, pin};

use api::Reason;
use bytes::{Bytes, BytesMut};
use futures::future::{Either, select};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use service::incoming::{BODY_TIME, MAX_BODY, admit_body, body_too_large, body_too_slow};
use service::problem::Problem;
use service::request_log::{self, RequestLog};
use service::runtime::{Request, Response};
use spin_sdk::http::FullBody;
use spin_sdk::wasip3::http::types::ErrorCode;

use crate::Wasi;

/// Reads a request to the end where its head is in order: at most [`MAX_BODY`] bytes, within [`BODY_TIME`]. Only a `POST` has a body
/// that anybody reads.
///
/// # Errors
/// As for [`admit_body`]; `BODY_TIMEOUT`; `MALFORMED_BODY` where the connection broke.
pub async fn read(request: spin_sdk::http::Request) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = match admit_body(&parts)? {
        true => {
            let time = pin!(spin_sdk::time::sleep(BODY_TIME));
            match select(pin!(bytes(body)), time).await {
                Either::Left((bytes, _)) => bytes?,
                Either::Right(((), _)) => return Err(body_too_slow()),
            }
        }
        false => Vec::new(),
    };
    Ok(Request::from_parts(plain(parts), bytes))
}

async fn bytes<B>(body: B) -> Result<Vec<u8>, Problem>
where
    B: http_body::Body<Data = Bytes, Error = ErrorCode>,
{
    let mut limited = pin!(Limited::new(body, MAX_BODY));
    let mut bytes = BytesMut::new();
    while let Some(frame) = limited.frame().await {
        let frame = frame.map_err(|error| unreadable(&*error))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes.to_vec())
}

/// Leaves WASI's own extensions behind.
fn plain(mut parts: http::request::Parts) -> http::request::Parts {
    parts.extensions = http::Extensions::new();
    parts
}

fn unreadable(error: &(dyn std::error::Error + 'static)) -> Problem {
    if error.is::<LengthLimitError>() {
        return body_too_large();
    }
    Problem::new(
        400,
        Reason::MalformedBody,
        "the body broke off before its end",
    )
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
    /// Tells whether the status is none of a failure.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let status = match self {
            Self::Whole(response) => response.status(),
            Self::Events(response) => response.status(),
        };
        status.is_success()
    }

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
