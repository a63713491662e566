//! `GET /api/v1/clusters/{name}?watch=true`: a cluster and whatever becomes of its status, as server-sent
//! events, until it is ready or has failed.
//!
//! Whoever sends the answer pulls: [`Watch::next`] waits for the next piece. To drop the watch is to end it,
//! so nothing goes on after the client has left. The cluster's Applications are watched in the management cluster
//! (`follow`); the branch, which nothing watches, is looked at now and then.

mod event;
mod follow;
mod pace;
mod seats;

use std::time::Duration;

use api::{EndReason, Phase, Status, StreamEnd};
use domain::Cluster;
use http::Method;
use serde::Serialize;

use crate::incoming::{self, Caller, Query};
use crate::problem::{self, Problem};
use crate::read::{ClusterSnapshot, look, look_again};
use crate::runtime::{Pieces, Request, Runtime};
use crate::settings::Settings;
use follow::{Follower, Woken};

pub use seats::{MOST, MOST_OF_CALLER, Seat, Seats};

/// Failures in a row that may pass by themselves.
const PATIENCE: u32 = 3;

/// Beginning of the stream, before any event: after how many milliseconds a browser connects again where the stream
/// broke.
const RETRY: &str = "retry: 2000\n\n";

/// One cluster that is being watched.
pub struct Watch<S> {
    settings: Settings,
    caller: Caller,
    name: String,
    seen: ClusterSnapshot,
    limit: Duration,
    follower: Follower<S>,
    events: u64,
    failures: u32,
    stage: Stage,
    /// Given back when the answer has been sent or given up.
    _seat: Seat,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    Running,
    Ended,
}

/// The words of the last event.
fn farewell(reason: &EndReason) -> &'static str {
    match reason {
        EndReason::Ready => "everything is installed as the last commit says",
        EndReason::Failed => "a component failed: its message in the status says why",
        EndReason::Removed => "nothing is left of the cluster",
        EndReason::TimeLimit => "the installs go on; send the same request again to watch on",
        EndReason::Error | EndReason::Other(_) => "the event before this one says what went wrong",
    }
}

/// Begins to watch where the request asks for that; `None` for any other request.
///
/// # Errors
/// Every reason of api.md's table that applies to reading the cluster, a time limit that is none, and as many watches as
/// there are `seats`.
pub async fn watch<W: Runtime>(
    runtime: &W,
    seats: &'static Seats,
    settings: &Settings,
    request: &Request,
) -> Result<Option<Watch<W::Stream>>, Problem> {
    let Some((name, query)) = watched(request)? else {
        return Ok(None);
    };
    let limit = limit(&query, settings.watch_timeout)?;
    let caller = Caller::of(runtime, request)?;
    // Before anything is done for one that has to wait. Whom GitLab has not accepted yet is not told how full it is here.
    if runtime.knows_caller(&caller.token) {
        seats.look(&caller.token)?;
    }
    let mut seen = look(runtime, settings, &caller, &name, None).await?;
    let seat = seats.take(&caller.token)?;
    Ok(Some(Watch {
        settings: settings.clone(),
        caller,
        name,
        limit,
        follower: Follower::new(runtime.elapsed(), &mut seen.observed),
        seen,
        events: 0,
        failures: 0,
        stage: Stage::Begun,
        _seat: seat,
    }))
}

/// The cluster to watch. A `HEAD` is answered as if nobody watched.
fn watched(request: &Request) -> Result<Option<(String, Query)>, Problem> {
    let path = request.uri().path();
    if request.method() != Method::GET {
        return Ok(None);
    }
    // Other paths are for a read, which knows them, and refuses what nobody knows.
    let Ok(Some(name)) = incoming::cluster_name(path) else {
        return Ok(None);
    };
    let query = Query::parse(request, incoming::GET_PARAMETERS)?;
    let is_watched = query.flag("watch")?;
    Ok(is_watched.then_some((name, query)))
}

/// Checks the parameters of a watch in a request that does not watch.
///
/// # Errors
/// A `watch` that is no switch, and a time limit that is none.
pub(crate) fn check(query: &Query, settings: &Settings) -> Result<(), Problem> {
    query.flag("watch")?;
    limit(query, settings.watch_timeout)?;
    Ok(())
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

impl<S: Pieces> Watch<S> {
    /// Waits for the next piece of the answer: events, or a comment where there is nothing new, by which a connection that is
    /// gone shows. `None` at the end.
    pub async fn next<W: Runtime<Stream = S>>(&mut self, runtime: &W) -> Option<String> {
        match self.stage {
            Stage::Ended => None,
            Stage::Begun => {
                self.stage = Stage::Running;
                let cluster = self.event("cluster", &self.seen.view());
                Some(format!("{RETRY}{cluster}{}", self.end_of_phase(runtime)))
            }
            Stage::Running => Some(self.go_on(runtime).await),
        }
    }

    async fn go_on<W: Runtime<Stream = S>>(&mut self, runtime: &W) -> String {
        self.caller.journal = self.caller.journal.going_on();
        let told = (self.seen.cluster.clone(), self.seen.status.clone());
        loop {
            let woken = match self.wait(runtime).await {
                Ok(Woken::TimeLimit) => return self.end(runtime, EndReason::TimeLimit),
                Ok(woken) => woken,
                Err(problem) => return self.fail(runtime, &problem),
            };
            if let Some(event) = self.news(&told) {
                self.follower.changed();
                return event + &self.end_of_phase(runtime);
            }
            if woken != Woken::Changes {
                return event::comment("nothing has changed");
            }
        }
    }

    /// Waits for changes of the Applications, or until it is time for a look, and takes it.
    async fn wait<W: Runtime<Stream = S>>(&mut self, runtime: &W) -> Result<Woken, Problem> {
        let (settings, caller, name) = (&self.settings, &self.caller, &self.name);
        let management = self.seen.management(runtime, settings, caller)?;
        let observed = &mut self.seen.observed;
        let waiting = self
            .follower
            .wait(runtime, &management, name, observed, self.limit);
        let woken = waiting.await;
        match woken {
            Woken::TimeLimit | Woken::Nothing => {}
            Woken::Changes => self.seen.judge(&management),
            Woken::Look => {
                // Rarely, and large: apart from this future, which every watch keeps.
                let looked = look_again(runtime, settings, caller, name, &mut self.seen);
                let looked = Box::pin(looked).await;
                let observed = &mut self.seen.observed;
                self.follower.looked(runtime.elapsed(), observed);
                looked?;
                self.failures = 0;
            }
        }
        Ok(woken)
    }

    /// Builds the event of what differs from the last one sent.
    fn news(&mut self, (cluster, status): &(Cluster, Status)) -> Option<String> {
        if *cluster != self.seen.cluster {
            return Some(self.event("cluster", &self.seen.view()));
        }
        if *status == self.seen.status {
            return None;
        }
        Some(self.event("status", &self.seen.status.clone()))
    }

    /// Waits out what is out of order for a moment; anything else ends the watch.
    fn fail<W: Runtime>(&mut self, runtime: &W, problem: &Problem) -> String {
        if problem.status == 404 {
            return self.end(runtime, EndReason::Removed);
        }
        self.failures += 1;
        if matches!(problem.status, 502..=504) && self.failures < PATIENCE {
            return event::comment("the repository can't be read at the moment");
        }
        let path = format!("{}/{}", incoming::CLUSTERS, self.name);
        self.event("error", &problem.body(&path)) + &self.end(runtime, EndReason::Error)
    }

    /// The last event, where there is nothing left to wait for.
    fn end_of_phase<W: Runtime>(&mut self, runtime: &W) -> String {
        match self.seen.status.phase {
            Phase::Ready => self.end(runtime, EndReason::Ready),
            Phase::Degraded => self.end(runtime, EndReason::Failed),
            _ => String::new(),
        }
    }

    fn end<W: Runtime>(&mut self, runtime: &W, reason: EndReason) -> String {
        self.stage = Stage::Ended;
        self.caller.journal.watched(runtime, reason.as_str());
        let message = farewell(&reason).to_owned();
        self.event("end", &StreamEnd { reason, message })
    }

    fn event(&mut self, name: &str, data: &impl Serialize) -> String {
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
