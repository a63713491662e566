//! `GET /api/v1/clusters/{name}?watch=true`: a cluster and whatever becomes of its status, as server-sent
//! events, until it is ready or degraded.
//!
//! Whoever sends the answer pulls: [`Watch::next`] waits for the next piece. To drop the watch is to end it,
//! so nothing goes on after the client has left. The management cluster and the branch are polled: that
//! takes no right to watch, and a stream that lives as long as one request has little use for more.

mod event;
mod pace;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::incoming::{self, Caller, Query};
use crate::problem::{self, Problem};
use crate::read::{ClusterSnapshot, look};
use crate::runtime::{Request, Runtime};
use crate::settings::Settings;
use pace::Pace;

/// Failures in a row that may pass by themselves.
const PATIENCE: u32 = 3;

/// What precedes the events: after how many milliseconds a browser connects again where the stream broke.
const RETRY: &str = "retry: 2000\n\n";

/// One cluster that is being watched.
pub struct Watch {
    settings: Settings,
    caller: Caller,
    name: String,
    seen: ClusterSnapshot,
    limit: Duration,
    pace: Pace,
    events: u64,
    failures: u32,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    Running,
    Ended,
}

/// Why a watch ends.
#[derive(Clone, Copy)]
enum End {
    Ready,
    Degraded,
    Removed,
    TimeLimit,
    Error,
}

impl End {
    /// As the last event names it, and what it means.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Ready => ("ready", "everything is installed as the last commit says"),
            Self::Degraded => (
                "degraded",
                "a component failed: its message in the status says why",
            ),
            Self::Removed => ("removed", "nothing is left of the cluster"),
            Self::TimeLimit => (
                "time_limit",
                "the installs go on; send the same request again to watch on",
            ),
            Self::Error => ("error", "the event before this one says what went wrong"),
        }
    }
}

/// Begins to watch where the request asks for that; `None` for any other request.
///
/// # Errors
/// Every reason of api.md's table that applies to reading the cluster, and a time limit that is none.
pub async fn watch<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    request: &Request,
) -> Result<Option<Watch>, Problem> {
    let Some((name, query)) = watched(request)? else {
        return Ok(None);
    };
    let limit = limit(&query, settings.watch_timeout)?;
    let caller = Caller::of(runtime, request)?;
    let seen = look(runtime, settings, &caller, &name, None).await?;
    Ok(Some(Watch {
        settings: settings.clone(),
        caller,
        name,
        seen,
        limit,
        pace: Pace::default(),
        events: 0,
        failures: 0,
        stage: Stage::Begun,
    }))
}

/// The cluster to watch. A `HEAD` is answered as if nobody watched.
fn watched(request: &Request) -> Result<Option<(String, Query)>, Problem> {
    let path = request.uri().path();
    if request.method() != Method::GET || path == "/readyz" {
        return Ok(None);
    }
    let Some(name) = incoming::cluster_name(path)? else {
        return Ok(None);
    };
    let query = Query::parse(request, incoming::GET_PARAMETERS)?;
    let is_watched = query.flag("watch")?;
    Ok(is_watched.then_some((name, query)))
}

/// How long this watch may last: at most as long as any may.
fn limit(query: &Query, most: Duration) -> Result<Duration, Problem> {
    let Some(text) = query.get("timeout_seconds") else {
        return Ok(most);
    };
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds
        .filter(|limit| !limit.is_zero() && *limit <= most)
        .ok_or_else(|| {
            let rule = format!("must be a number of seconds from 1 to {}", most.as_secs());
            problem::invalid_query(
                "?timeout_seconds",
                &rule,
                "send such a number, or leave it out",
            )
        })
}

impl Watch {
    /// The answer's headers. Without `Content-Length`: nobody knows how long it will be.
    #[must_use]
    pub fn headers() -> http::HeaderMap {
        let headers = [
            (http::header::CONTENT_TYPE, "text/event-stream"),
            (http::header::CACHE_CONTROL, "no-store"),
            (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // For NGINX, which would otherwise wait until it has a buffer full.
            (http::HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        headers
            .map(|(name, value)| (name, http::HeaderValue::from_static(value)))
            .into_iter()
            .collect()
    }

    /// Waits for the next piece of the answer: events, or a comment where nothing has changed, by which a
    /// connection that is gone shows. `None` at the end.
    pub async fn next<W: Runtime>(&mut self, runtime: &W) -> Option<String> {
        match self.stage {
            Stage::Ended => None,
            Stage::Begun => {
                self.stage = Stage::Running;
                let cluster = self.event("cluster", &self.seen.view());
                Some(format!("{RETRY}{cluster}{}", self.end_of_phase(runtime)))
            }
            Stage::Running => Some(self.look_again(runtime).await),
        }
    }

    async fn look_again<W: Runtime>(&mut self, runtime: &W) -> String {
        let left = self.limit.saturating_sub(runtime.elapsed());
        if left.is_zero() {
            return self.end(runtime, End::TimeLimit);
        }
        runtime.sleep(self.pace.pause().min(left)).await;
        self.caller.journal = self.caller.journal.going_on();
        let (settings, caller, name) = (&self.settings, &self.caller, &self.name);
        match look(runtime, settings, caller, name, Some(&self.seen)).await {
            Ok(seen) => self.tell(runtime, seen),
            Err(problem) => self.fail(runtime, &problem),
        }
    }

    fn tell<W: Runtime>(&mut self, runtime: &W, seen: ClusterSnapshot) -> String {
        self.failures = 0;
        let before = std::mem::replace(&mut self.seen, seen);
        let event = if !before.is_same_cluster(&self.seen) {
            self.event("cluster", &self.seen.view())
        } else if before.status != self.seen.status {
            self.event("status", &self.seen.status.clone())
        } else {
            return event::comment("nothing has changed");
        };
        self.pace = Pace::default();
        event + &self.end_of_phase(runtime)
    }

    /// What is out of order for a moment is waited for; anything else ends the watch.
    fn fail<W: Runtime>(&mut self, runtime: &W, problem: &Problem) -> String {
        if problem.status == 404 {
            return self.end(runtime, End::Removed);
        }
        self.failures += 1;
        if matches!(problem.status, 502..=504) && self.failures < PATIENCE {
            return event::comment("the repository can't be read at the moment");
        }
        let path = format!("{}/{}", incoming::CLUSTERS, self.name);
        self.event("error", &problem.body(&path)) + &self.end(runtime, End::Error)
    }

    /// The last event, where there is nothing left to wait for.
    fn end_of_phase<W: Runtime>(&mut self, runtime: &W) -> String {
        match self.seen.status.get("phase").and_then(Value::as_str) {
            Some("Ready") => self.end(runtime, End::Ready),
            Some("Degraded") => self.end(runtime, End::Degraded),
            _ => String::new(),
        }
    }

    fn end<W: Runtime>(&mut self, runtime: &W, end: End) -> String {
        self.stage = Stage::Ended;
        let (reason, message) = end.words();
        self.caller.journal.watched(runtime, reason);
        self.event("end", &json!({"reason": reason, "message": message}))
    }

    fn event(&mut self, name: &str, data: &Value) -> String {
        self.events += 1;
        event::encode(name, self.events, data)
    }

    /// To be called where the answer is given up before its end: says so in the log.
    pub fn abandoned<W: Runtime>(&self, runtime: &W) {
        if self.stage != Stage::Ended {
            self.caller.journal.watched(runtime, "client_left");
        }
    }
}
