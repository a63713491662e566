//! Answers of the console: pages, redirects, and streams that the shell opens.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::Markup;

use crate::stream::FragmentStream;

/// A whole answer.
pub type Response = http::Response<Vec<u8>>;

/// Answer to a request.
#[expect(
    clippy::large_enum_variant,
    reason = "made once for each request and taken apart at once"
)]
pub enum Reply {
    /// All of it.
    Whole(Response),
    /// The events that this request is answered with, each turned into a fragment of the page.
    Stream(http::Request<Vec<u8>>, FragmentStream),
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::Whole(response)
    }
}

/// No inline script or style, nothing of another origin, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A shorter page is not worth compressing: it fits into one packet.
const COMPRESSED_FROM: usize = 1024;

/// A page.
pub(crate) fn page(status: u16, markup: &Markup) -> Response {
    let mut response = Response::new(markup.0.clone().into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// JSON for the script.
pub(crate) fn json(value: &serde_json::Value) -> Response {
    service::response::json(200, "application/json", value)
}

/// To another page, which is asked for with `GET`.
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = location.parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Adds a cookie.
pub(crate) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Says how long the body is: without it, a kept-alive connection waits (`service::response`). A 304 would say it of the body
/// that it leaves out (RFC 9110, section 8.6).
pub(crate) fn with_length(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_MODIFIED {
        return response;
    }
    let length = response.body().len();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length.into());
    response
}

/// Compresses a page for whoever reads compressed ones.
pub(crate) fn compress(response: Response, request: &HeaderMap) -> Response {
    let accepted = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let reads_gzip = accepted.is_some_and(|value| value.contains("gzip"));
    let is_small = response.body().len() < COMPRESSED_FROM;
    if !reads_gzip || is_small || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&body).and_then(|()| encoder.finish());
    let Ok(compressed) = written else {
        return Response::from_parts(parts, body);
    };
    parts
        .headers
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts
        .headers
        .insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Response::from_parts(parts, compressed)
}
