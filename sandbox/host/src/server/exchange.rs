//! One request and its answer.

use super::route::RouteTable;
use crate::log::{LogLine, LogSink, LogSource};
use crate::options::HostOptions;
use crate::problem::HostProblem;
use crate::runtime::ComponentWorker;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::collections::BTreeMap;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody};

/// An event stream has no length that could be known.
const EVENTS: &[u8] = b"text/event-stream";

/// Leads requests to components.
pub(super) struct HttpExchange {
    router: RouteTable,
    workers: BTreeMap<String, ComponentWorker>,
    slots: Semaphore,
    log: LogSink,
}

impl HttpExchange {
    pub(super) fn new(
        router: RouteTable,
        workers: BTreeMap<String, ComponentWorker>,
        options: &HostOptions,
    ) -> Self {
        Self {
            router,
            workers,
            slots: Semaphore::new(options.max_requests),
            log: options.log.clone(),
        }
    }

    pub(super) async fn answer(&self, mut request: Request<Incoming>) -> Response<WasiBody> {
        let Some(component) = self.router.find(request.uri().path()) else {
            return HostProblem::NoRoute.response();
        };
        let Some(worker) = self.workers.get(component) else {
            return HostProblem::NoRoute.response();
        };
        let Some(uri) = absolute(&request) else {
            return HostProblem::NoHost.response();
        };
        *request.uri_mut() = uri;
        let head = request.method() == Method::HEAD;
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await;
        let response = worker
            .handle(request.map(|body| body.map_err(Error::Hyper).boxed_unsync()))
            .await;
        if !head && lacks_length(&response) {
            self.warn(component);
        }
        response
    }

    fn warn(&self, component: &str) {
        let text = "an answer without Content-Length costs up to 40 ms on a kept-alive connection in Spin 4.1";
        (self.log)(LogLine {
            component: component.into(),
            source: LogSource::Host,
            text: text.to_owned(),
        });
    }
}

/// Components see the whole URL that the client asked for.
fn absolute(request: &Request<Incoming>) -> Option<Uri> {
    let named = request
        .headers()
        .get(HOST)
        .map(|host| Authority::try_from(host.as_bytes()));
    let mut parts = request.uri().clone().into_parts();
    let authority = match (named, parts.authority) {
        (Some(Ok(host)), None) => host,
        (Some(Ok(host)), Some(authority)) if host == authority => host,
        (None, Some(authority)) => authority,
        _ => return None,
    };
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    Uri::from_parts(parts).ok()
}

fn lacks_length(response: &Response<WasiBody>) -> bool {
    let bodiless = matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    let content_type = response.headers().get(CONTENT_TYPE);
    let events = content_type.is_some_and(|value| value.as_bytes().starts_with(EVENTS));
    !bodiless && !events && !response.headers().contains_key(CONTENT_LENGTH)
}
