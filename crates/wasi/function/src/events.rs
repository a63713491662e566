//! A watch as an answer.

use bytes::Bytes;
use futures::stream::unfold;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http_body::Frame;
use http_body_util::StreamBody;
use service::problem::Problem;
use service::runtime::Request;
use service::settings::Settings;
use service::{ClusterStream, Seats, Watch};
use spin_sdk::wasip3::http::types::ErrorCode;

use crate::runtime::Incoming;
use crate::{Answer, Body, Wasi};

const JSON: &str = "application/json";

/// Of this instance, as long as it lives.
static SEATS: Seats = Seats::new();

/// Whoever sends the answer pulls the events, and drops them when the client has left.
struct Events {
    runtime: Wasi,
    watch: Watch<Incoming>,
}

impl Drop for Events {
    fn drop(&mut self) {
        self.watch.abandoned(&self.runtime);
    }
}

/// Answers what `read-clusters` is asked: with events where the request asks for them.
///
/// # Errors
/// As for `service::watch` and `service::read`.
pub async fn watch_or_read(
    runtime: &Wasi,
    settings: &Settings,
    request: &Request,
) -> Result<Answer, Problem> {
    if let Some(watch) = service::watch(runtime, &SEATS, settings, request).await? {
        return Ok(Answer::Events(events(runtime.endless(), watch)));
    }
    if request.method() == http::Method::GET
        && let Some(list) = service::list(runtime, settings, request).await?
    {
        return pieces(runtime.endless(), list).await;
    }
    let answer = service::read(runtime, settings, request).await;
    answer.map(Answer::Whole)
}

/// A list that is one piece has a length; a longer one is sent as it is read, and breaks off where GitLab fails.
async fn pieces(runtime: Wasi, mut list: ClusterStream) -> Result<Answer, Problem> {
    let first = list.next(&runtime).await?.unwrap_or_default();
    if list.is_ended() {
        return Ok(service::response::bytes(200, JSON, first.into_bytes()).into());
    }
    let stream = unfold(
        (runtime, list, Some(first)),
        |(runtime, mut list, first)| async move {
            let text = match first {
                Some(first) => Ok(first),
                None => list.next(&runtime).await.transpose()?,
            };
            let frame = text.map(|text| Frame::data(Bytes::from(text)));
            let frame = frame.map_err(|_| ErrorCode::HttpResponseIncomplete);
            Some((frame, (runtime, list, None)))
        },
    );
    let mut response = http::Response::new(Box::pin(StreamBody::new(stream)) as Body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(Answer::Events(response))
}

fn events(runtime: Wasi, watch: Watch<Incoming>) -> http::Response<Body> {
    let stream = unfold(Events { runtime, watch }, |mut events| async move {
        let text = events.watch.next(&events.runtime).await?;
        let frame = Frame::data(Bytes::from(text));
        Some((Ok::<_, ErrorCode>(frame), events))
    });
    let mut response = http::Response::new(Box::pin(StreamBody::new(stream)) as Body);
    *response.headers_mut() = service::watch::headers();
    response
}
