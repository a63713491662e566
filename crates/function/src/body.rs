//! Bodies between WASI and the use cases, which work on whole ones.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use registration::call::MAX_BODY;
use registration::ports::{Request, Response};
use registration::problem::Problem;
use spin_sdk::http::FullBody;

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
    registration::gateway::body_too_large()
}

/// Hands a whole answer to WASI.
#[must_use]
pub fn answer(response: Response) -> http::Response<FullBody<Bytes>> {
    response.map(|body| FullBody::new(Bytes::from(body)))
}
