//! The record of one request: its ids, its place in a trace, where its time goes, its lines in the log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, Method};

use crate::incoming;
use crate::log::{Event, Level};
use crate::operation::Target;
use crate::runtime::{Request, Response, Runtime};
use crate::timing::{self, Timings};
use crate::trace::Span;

/// The record of one request, from its arrival to its answer. Holds no header and no body.
pub struct RequestLog {
    request_id: String,
    method: Method,
    target: Target,
    span: Span,
    timings: Mutex<Timings>,
}

/// A request to a service that is under way.
#[must_use]
pub struct PendingCall {
    step: &'static str,
    attempt: u32,
    upstream: String,
    span: Span,
    at: Duration,
}

impl RequestLog {
    /// Begins the record of a request.
    pub fn open<W: Runtime>(
        runtime: &W,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Arc<Self> {
        let request_id = incoming::request_id(headers);
        Arc::new(Self {
            request_id: request_id.unwrap_or_else(|| format!("{:016x}", runtime.random())),
            method: method.clone(),
            target: Target::of(method, path),
            span: Span::of_request(headers, || runtime.random()),
            timings: Mutex::default(),
        })
    }

    /// The record that came along with a request, or a new one.
    pub fn of<W: Runtime>(runtime: &W, request: &Request) -> Arc<Self> {
        let known = request.extensions().get::<Arc<Self>>().cloned();
        known.unwrap_or_else(|| {
            Self::open(
                runtime,
                request.method(),
                request.uri().path(),
                request.headers(),
            )
        })
    }

    /// `X-Request-Id` of the request, or a new one.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Hands request id and trace on to a function that goes on with this request.
    pub fn hand_on(&self, headers: &mut HeaderMap) {
        self.write(&self.span, headers);
    }

    fn write(&self, span: &Span, headers: &mut HeaderMap) {
        span.write(headers);
        if let Ok(id) = self.request_id.parse() {
            headers.insert("x-request-id", id);
        }
    }

    /// Prepares a request to a service. `attempt` counts from 1; without it, it is how often the step
    /// has been taken so far and once more.
    pub fn send<W: Runtime>(
        &self,
        runtime: &W,
        step: &'static str,
        attempt: Option<u32>,
        request: &mut Request,
    ) -> PendingCall {
        let span = self.span.child(runtime.random());
        self.write(&span, request.headers_mut());
        let again = || u32::try_from(self.timings().count(step) + 1).unwrap_or(u32::MAX);
        PendingCall {
            step,
            attempt: attempt.unwrap_or_else(again),
            upstream: format!("{} {}", request.method(), request.uri().path()),
            span,
            at: runtime.elapsed(),
        }
    }

    /// Takes note of a service's answer, and of what was wrong with it.
    pub fn arrived<W: Runtime>(
        &self,
        runtime: &W,
        sent: PendingCall,
        status: Option<u16>,
        error: Option<String>,
    ) {
        let now = runtime.elapsed();
        self.timings().add(sent.step, sent.at, now);
        // A look-up that finds nothing is an answer as good as any. Where it is not, the request fails.
        let level = match (&error, status) {
            (None, _) | (_, Some(404)) => Level::Info,
            _ => Level::Warn,
        };
        runtime.log(&Event {
            level,
            upstream: Some(&sent.upstream),
            status,
            attempt: Some(sent.attempt),
            error,
            ..self.event(runtime, sent.step, &sent.span, now.saturating_sub(sent.at))
        });
    }

    /// Measures a computation.
    pub fn measure<W: Runtime, T>(
        &self,
        runtime: &W,
        step: &'static str,
        compute: impl FnOnce() -> T,
    ) -> T {
        let begin = runtime.elapsed();
        let value = compute();
        self.timings().add(step, begin, runtime.elapsed());
        value
    }

    /// Ends the record: completes `Server-Timing` by the whole time under the name `whole`, adds the
    /// request id, writes the request's line. `reason` is the problem's.
    pub fn close<W: Runtime>(
        &self,
        runtime: &W,
        whole: &'static str,
        status: u16,
        headers: &mut HeaderMap,
        reason: Option<&str>,
    ) {
        let took = runtime.elapsed();
        let mut timing = self.timings().header();
        timing::append(&mut timing, whole, took);
        if let Ok(value) = timing.parse() {
            headers.append("server-timing", value);
        }
        if let Ok(id) = self.request_id.parse() {
            headers.insert("x-request-id", id);
        }
        let level = if status >= 500 {
            Level::Error
        } else {
            Level::Info
        };
        let step = if whole == "total" { "request" } else { whole };
        runtime.log(&Event {
            level,
            method: Some(self.method.as_str()),
            route: Some(self.target.route),
            status: Some(status),
            reason,
            ..self.event(runtime, step, &self.span, took)
        });
    }

    /// The same record from here on, for a request that goes on after its answer has begun: times and
    /// attempts are counted anew.
    #[must_use]
    pub fn going_on(&self) -> Arc<Self> {
        Arc::new(Self {
            request_id: self.request_id.clone(),
            method: self.method.clone(),
            target: self.target.clone(),
            span: self.span.clone(),
            timings: Mutex::default(),
        })
    }

    /// Writes the line of a watch that ends; `reason` is why.
    pub fn watched<W: Runtime>(&self, runtime: &W, reason: &str) {
        runtime.log(&Event {
            reason: Some(reason),
            ..self.event(runtime, "watch", &self.span, runtime.elapsed())
        });
    }

    fn event<'a, W: Runtime>(
        &'a self,
        runtime: &W,
        step: &'a str,
        span: &Span,
        took: Duration,
    ) -> Event<'a> {
        Event {
            timestamp: humantime::format_rfc3339_millis(UNIX_EPOCH + runtime.unix_time())
                .to_string(),
            level: Level::Info,
            step,
            request_id: &self.request_id,
            trace_id: span.trace_id(),
            span_id: span.id(),
            parent_span_id: span.parent_id(),
            operation: self.target.operation,
            cluster: &self.target.cluster,
            method: None,
            route: None,
            upstream: None,
            status: None,
            reason: None,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            attempt: None,
            error: None,
        }
    }

    fn timings(&self) -> std::sync::MutexGuard<'_, Timings> {
        self.timings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the record of a whole answer.
#[must_use]
pub fn close<W: Runtime>(
    journal: &RequestLog,
    runtime: &W,
    whole: &'static str,
    mut response: Response,
) -> Response {
    let reason = crate::problem::reason(&response);
    let status = response.status().as_u16();
    journal.close(
        runtime,
        whole,
        status,
        response.headers_mut(),
        reason.as_deref(),
    );
    response
}
