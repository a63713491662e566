//! A runtime in which requests that are under way at the same time are answered together, one round trip
//! after another, and in which waiting moves a clock and takes no time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use service::KnownCallers;
use service::log::Event;
use service::runtime::{AnswerLimit, Opened, Pieces, Request, Response, Runtime, TransportError};

use crate::gitlab_service::{Foreign, GitLab};
use crate::kubernetes_service::{Changes, Kubernetes};

/// What happens to a call.
#[derive(Clone)]
pub enum Fate {
    /// This answer, and nothing is done.
    Answer(Response),
    /// No answer, and nothing is done.
    Lost(TransportError),
    /// It is done, and the answer is lost.
    Outcome(TransportError),
    /// No answer, and it is done when the next change of the repository arrives.
    Late(TransportError),
    /// The same, and GitLab has compared the files already.
    Stuck(TransportError),
    /// It is done, and somebody else commits in the same moment.
    Beside(Foreign),
    /// The same on another branch.
    BesideOn(&'static str, Foreign),
    /// A branch is removed right before.
    Gone(&'static str),
    /// It is done, and the answer is another.
    Answered(Response),
    /// Somebody puts an object into the management cluster right before.
    Swapped(String, serde_json::Value),
}

/// What a watch brings, whatever has changed.
pub enum Script {
    Piece(Vec<u8>),
    End,
    Break,
}

struct Fault {
    /// The beginning of the call's text.
    call: String,
    /// Matching calls that pass first, and then those it hits.
    skip: usize,
    times: usize,
    fate: Fate,
}

#[derive(Default)]
pub struct Inner {
    pub gitlab: GitLab,
    pub kubernetes: Kubernetes,
    /// `gitlab GET file a/b`, in the order in which they were sent.
    pub calls: Vec<String>,
    /// What the management cluster was asked whether it would take it: beside the other calls, and without effect.
    pub trials: Vec<String>,
    /// Whether each call was a merge patch: `PATCH` alone may also be an apply.
    pub merges: Vec<bool>,
    /// The round trip in which each call was under way.
    pub rounds: Vec<u32>,
    pub slept: Vec<Duration>,
    /// How long every round trip takes.
    pub latency: Duration,
    /// The header `traceparent` of each call.
    pub traces: Vec<String>,
    pub log: Vec<String>,
    /// What a watch brings before it tells of changes.
    pub script: VecDeque<Script>,
    /// Watches that are running.
    pub watches: Rc<()>,
    /// Whose tokens GitLab has accepted; `None` where everybody counts as known.
    pub callers: Option<KnownCallers>,
    clock: Duration,
    round: u32,
    faults: Vec<Fault>,
    late: Option<Request>,
    stuck: Vec<Request>,
    /// The process ends when so many calls have been made.
    stop_after: Option<usize>,
    waiting: Vec<Waker>,
    random: u64,
}

/// Seconds since 1970 when the clock begins.
pub const NOW: u64 = 1_790_000_000;

#[derive(Default)]
pub struct Memory(pub Rc<RefCell<Inner>>);

/// A watch of the management cluster: changes are there at once, and nobody else is waited for.
pub struct WatchBody {
    memory: Rc<RefCell<Inner>>,
    changes: Changes,
    _running: Rc<()>,
}

impl Pieces for WatchBody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        poll_fn(|context| {
            let mut inner = self.memory.borrow_mut();
            match inner.script.pop_front() {
                Some(Script::Piece(piece)) => return Poll::Ready(Ok(Some(piece))),
                Some(Script::End) => return Poll::Ready(Ok(None)),
                Some(Script::Break) => {
                    return Poll::Ready(Err(TransportError::Broken("cut off".into())));
                }
                None => {}
            }
            let piece = inner.kubernetes.changes(&mut self.changes);
            if !piece.is_empty() {
                return Poll::Ready(Ok(Some(piece)));
            }
            inner.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Memory {
    /// Lets calls meet a fate: those whose text begins so, but for the first `skip`.
    pub fn fault(&self, call: &str, skip: usize, times: usize, fate: Fate) {
        let call = call.to_owned();
        let mut inner = self.0.borrow_mut();
        inner.faults.push(Fault {
            call,
            skip,
            times,
            fate,
        });
    }

    pub fn stop_after(&self, calls: Option<usize>) {
        self.0.borrow_mut().stop_after = calls;
    }

    /// Forgets what was called so far.
    pub fn forget(&self) {
        let mut inner = self.0.borrow_mut();
        inner.calls.clear();
        inner.trials.clear();
        inner.merges.clear();
        inner.rounds.clear();
        inner.traces.clear();
        inner.log.clear();
        inner.slept.clear();
        inner.clock = Duration::ZERO;
        inner.round = 0;
        inner.faults.clear();
        inner.script.clear();
    }

    pub fn calls(&self) -> Vec<String> {
        self.0.borrow().calls.clone()
    }

    pub fn calls_of(&self, service: &str) -> Vec<String> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.starts_with(service)).collect()
    }

    /// Calls that change something.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.calls().into_iter();
        let is_write = |call: &String| {
            let reads = [" GET ", " TRY ", " WATCH "];
            call != PROOF && !reads.iter().any(|it| call.contains(it))
        };
        calls.filter(is_write).collect()
    }

    /// Sequential round trips to a service.
    pub fn round_trips(&self, service: &str) -> usize {
        let inner = self.0.borrow();
        let calls = inner.calls.iter().zip(&inner.rounds);
        let mut rounds: Vec<u32> = calls
            .filter(|(call, _)| call.starts_with(service))
            .map(|(_, round)| *round)
            .collect();
        rounds.dedup();
        rounds.len()
    }

    /// Runs to the end; `None` where the process ended before.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return Some(value);
            }
            let mut inner = self.0.borrow_mut();
            if inner.is_over() {
                inner.waiting.clear();
                return None;
            }
            inner.round += 1;
            let latency = inner.latency;
            inner.clock += latency;
            let waiting = std::mem::take(&mut inner.waiting);
            drop(inner);
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

impl Inner {
    fn is_over(&self) -> bool {
        self.stop_after.is_some_and(|stop| self.calls.len() >= stop)
    }

    fn call(&mut self, request: &Request) -> Result<Response, TransportError> {
        let text = describe(request);
        let trace = request.headers().get("traceparent");
        self.traces
            .push(trace.map_or_else(String::new, |it| it.to_str().unwrap().to_owned()));
        if text.starts_with("kubernetes TRY ") {
            self.trials.push(text.clone());
            return match self.fate(&text) {
                Some(Fate::Answer(answer)) => Ok(answer),
                Some(Fate::Lost(error)) => Err(self.lost(error)),
                _ => Ok(self.answer(request)),
            };
        }
        self.calls.push(text.clone());
        let media_type = request.headers().get("content-type");
        self.merges
            .push(media_type.is_some_and(|it| it == "application/merge-patch+json"));
        self.rounds.push(self.round);
        match self.fate(&text) {
            Some(Fate::Answer(answer)) => return Ok(answer),
            Some(Fate::Lost(error)) => return Err(self.lost(error)),
            Some(Fate::Outcome(error)) => {
                self.answer(request);
                return Err(self.lost(error));
            }
            Some(Fate::Late(error)) => {
                self.late = Some(request.clone());
                return Err(self.lost(error));
            }
            Some(Fate::Stuck(error)) => {
                self.stuck.push(request.clone());
                return Err(self.lost(error));
            }
            Some(Fate::Beside(foreign)) => self.gitlab.foreign(&foreign),
            Some(Fate::BesideOn(branch, foreign)) => self.gitlab.foreign_on(branch, &foreign),
            Some(Fate::Gone(branch)) => drop(self.gitlab.branches.remove(branch)),
            Some(Fate::Swapped(key, object)) => self.kubernetes.put(&key, object),
            Some(Fate::Answered(answer)) => {
                self.answer(request);
                return Ok(answer);
            }
            None => {}
        }
        if [http::Method::POST, http::Method::PUT].contains(request.method()) {
            self.gitlab.has_compared = true;
            for stuck in std::mem::take(&mut self.stuck) {
                self.answer(&stuck);
            }
            self.gitlab.has_compared = false;
            if let Some(late) = self.late.take() {
                self.answer(&late);
            }
        }
        Ok(self.answer(request))
    }

    fn lost(&mut self, error: TransportError) -> TransportError {
        if let TransportError::Timeout(limit) = error {
            self.clock += limit;
        }
        error
    }

    fn answer(&mut self, request: &Request) -> Response {
        match request.uri().host() {
            Some("gitlab.example.com") => self.gitlab.answer(request),
            Some("kubernetes.example.com") => self.kubernetes.answer(request),
            host => panic!("a request to {host:?}"),
        }
    }

    fn fate(&mut self, call: &str) -> Option<Fate> {
        let mut matching = self
            .faults
            .iter_mut()
            .filter(|fault| call.starts_with(&fault.call) && fault.times > 0);
        let fault = matching.next()?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.fate.clone())
    }
}

impl Memory {
    async fn answer(&self, request: &Request) -> Result<Response, TransportError> {
        let mut started = None;
        poll_fn(|context| {
            let mut inner = self.0.borrow_mut();
            if started.is_none() && !inner.is_over() {
                let round = inner.round;
                started = Some((round, inner.call(request)));
            }
            match &started {
                Some((round, answer)) if *round < inner.round => Poll::Ready(answer.clone()),
                _ => {
                    inner.waiting.push(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Runtime for Memory {
    type Stream = WatchBody;

    async fn open(&self, request: Request) -> Result<Opened<WatchBody>, TransportError> {
        let answer = self.send(request.clone()).await?;
        if !answer.status().is_success() {
            return Ok(Opened::Refused(answer));
        }
        let mut inner = self.0.borrow_mut();
        Ok(Opened::Stream(WatchBody {
            memory: Rc::clone(&self.0),
            changes: inner.kubernetes.watch(&request),
            _running: Rc::clone(&inner.watches),
        }))
    }

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let limit = AnswerLimit::of(&request);
        let answer = self.answer(&request).await?;
        match answer.body().len() > limit.0 {
            true => Err(limit.exceeded(request.uri().path())),
            false => Ok(answer),
        }
    }

    async fn sleep(&self, duration: Duration) {
        let mut inner = self.0.borrow_mut();
        inner.clock += duration;
        inner.slept.push(duration);
    }

    fn now(&self) -> u64 {
        NOW + self.elapsed().as_secs()
    }

    fn elapsed(&self) -> Duration {
        self.0.borrow().clock
    }

    fn random(&self) -> u64 {
        let mut inner = self.0.borrow_mut();
        // A linear congruential generator: no two request ids are the same.
        inner.random = inner
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        inner.random
    }

    fn knows_caller(&self, token: &str) -> bool {
        let inner = self.0.borrow();
        inner.callers.as_ref().is_none_or(|it| it.has(token))
    }

    fn note_caller(&self, token: &str, is_accepted: bool) {
        if let Some(callers) = &self.0.borrow().callers {
            callers.note(token, is_accepted);
        }
    }

    fn log(&self, event: &Event<'_>) {
        self.0.borrow_mut().log.push(event.line());
    }
}

/// A commit that GitLab refuses in any case: to those who may write, in another way.
pub const PROOF: &str = "gitlab POST proof";

/// `gitlab GET tree runtimes`, `kubernetes PATCH secrets/cluster-a`.
fn describe(request: &Request) -> String {
    let (method, path) = (request.method(), request.uri().path());
    if String::from_utf8_lossy(request.body()).contains("nautes/.no-such-file-") {
        PROOF.to_owned()
    } else if request.uri().host() == Some("gitlab.example.com") {
        format!(
            "gitlab {method} {}",
            crate::gitlab_service::describe(request)
        )
    } else {
        let name = crate::kubernetes_service::describe(path);
        let is_trial = request
            .uri()
            .query()
            .is_some_and(|it| it.contains("dryRun=All"));
        let is_watch = request
            .uri()
            .query()
            .is_some_and(|it| it.starts_with("watch=1"));
        let method = match (is_trial, is_watch) {
            (true, _) => "TRY",
            (_, true) => "WATCH",
            _ => method.as_str(),
        };
        format!("kubernetes {method} {name}")
    }
}
