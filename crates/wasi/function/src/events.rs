//! A watch as an answer.

use bytes::Bytes;
use futures::stream::unfold;
use http_body::Frame;
use http_body_util::StreamBody;
use service::Watch;
use service::problem::Problem;
use service::runtime::Request;
use service::settings::Settings;
use spin_sdk::wasip3::http::types::ErrorCode;

use crate::{Answer, Body, Wasi};

/// Whoever sends the answer pulls the events, and drops them when the client has left.
struct Events {
    runtime: Wasi,
    watch: Watch,
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
    if let Some(watch) = service::watch(runtime, settings, request).await? {
        return Ok(Answer::Events(events(runtime.clone(), watch)));
    }
    let answer = service::read(runtime, settings, request).await;
    answer.map(Answer::Whole)
}

fn events(runtime: Wasi, watch: Watch) -> http::Response<Body> {
    let stream = unfold(Events { runtime, watch }, |mut events| async move {
        let text = events.watch.next(&events.runtime).await?;
        let frame = Frame::data(Bytes::from(text));
        Some((Ok::<_, ErrorCode>(frame), events))
    });
    let mut response = http::Response::new(Box::pin(StreamBody::new(stream)) as Body);
    *response.headers_mut() = Watch::headers();
    response
}
