//! One outgoing HTTP request over WASI.

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use service::runtime::{AnswerLimit, Request, Response};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{self, ErrorCode};
use spin_sdk::wasip3::http_compat::{BodyWriter, http_from_wasi_response};
use spin_sdk::wasip3::wit_bindgen;
use std::pin::pin;

/// Sends a request and waits for the head of the answer. Redirects are answers like any other.
pub(crate) async fn begin(
    request: Request,
) -> Result<http::Response<impl Body<Data = Bytes, Error = ErrorCode> + Send>, ErrorCode> {
    let (mut parts, body) = request.into_parts();
    if !body.is_empty() {
        let length = body.len().into();
        parts.headers.insert(http::header::CONTENT_LENGTH, length);
    }
    let headers = parts.headers.try_into();
    let headers = headers.map_err(|_| ErrorCode::HttpProtocolError)?;
    let (writer, contents, trailers) = BodyWriter::new();
    let (outgoing, transmitted) = types::Request::new(headers, Some(contents), trailers, None);
    address(&outgoing, &parts.method, &parts.uri)?;
    wit_bindgen::spawn(async move {
        let mut body = pin!(Full::new(Bytes::from(body)));
        // What the host could not send it tells by its answer.
        writer.send_http_body(&mut body).await.ok();
    });
    let response = http_from_wasi_response(client::send(outgoing).await?)?;
    Ok(response.map(|body| {
        body.map_frame(move |frame| {
            // Kept as long as the body: wasmtime 49 ends the exchange when it is dropped
            // (https://github.com/bytecodealliance/wasmtime/issues/14227).
            let _ = &transmitted;
            frame
        })
    }))
}

/// Why an exchange gave no answer.
pub(crate) enum NoAnswer {
    /// Error code of the host.
    Code(ErrorCode),
    /// The answer is larger than it may be.
    TooLarge,
}

impl From<ErrorCode> for NoAnswer {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

/// Reads an answer to its end, or as far as it may go.
pub(crate) async fn whole(
    response: http::Response<impl Body<Data = Bytes, Error = ErrorCode>>,
    limit: AnswerLimit,
) -> Result<Response, NoAnswer> {
    let (parts, body) = response.into_parts();
    let promised = promised(&parts.headers);
    if promised.is_some_and(|length| length > limit.0) {
        return Err(NoAnswer::TooLarge);
    }
    let mut body = pin!(body);
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        if bytes.len() + data.len() > limit.0 {
            return Err(NoAnswer::TooLarge);
        }
        bytes.extend_from_slice(data);
    }
    if promised.is_some_and(|length| length > bytes.len()) {
        return Err(ErrorCode::HttpResponseIncomplete.into());
    }
    let mut response = Response::new(bytes.to_vec());
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    Ok(response)
}

fn address(
    request: &types::Request,
    method: &http::Method,
    uri: &http::Uri,
) -> Result<(), ErrorCode> {
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    request.set_method(&method.into()).map_err(invalid)?;
    let scheme = uri.scheme().map(Into::into);
    request.set_scheme(scheme.as_ref()).map_err(invalid)?;
    let authority = uri.authority().map(http::uri::Authority::as_str);
    request.set_authority(authority).map_err(invalid)?;
    let path = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    request.set_path_with_query(path).map_err(invalid)
}

/// The length of the answer, which one that was cut off does not have: half a file must not pass for
/// a file.
fn promised(headers: &http::HeaderMap) -> Option<usize> {
    let length = headers.get(http::header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
