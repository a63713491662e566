//! Misbehaviour on demand: what to do, at which requests, at which point of a request.

mod plan;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;

pub use plan::FaultPlan;

/// A point of a request at which a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaultPoint {
    /// Before the request is handled: nothing takes effect unless the action lets the request go on.
    #[default]
    Request,
    /// Within `POST …/repository/commits`, when every action's `last_commit_id` was checked and the
    /// branch head is not yet read. What another writer commits here is overwritten by an `update`.
    AfterGuards,
    /// Within `POST …/repository/commits`, when the branch head was read and the commit is not yet
    /// built. What another writer commits here makes the compare-and-swap fail.
    AfterHeadRead,
    /// After the request took effect, in place of its answer.
    Response,
}

/// Action at the point. Within `POST …/repository/commits` the actions that concern the
/// connection ([`Reset`](Self::Reset), [`Truncate`](Self::Truncate), [`Hang`](Self::Hang)) give up the
/// commit and reset the connection.
#[derive(Clone)]
pub enum GitLabFaultAction {
    /// Answers this.
    Answer(FaultAnswer),
    /// Waits, then goes on.
    Delay(Duration),
    /// Resets the connection (TCP RST) without an answer.
    Reset,
    /// Handles the request, sends half of the answer's body and resets the connection.
    Truncate,
    /// Keeps the connection open and never answers.
    Hang,
    /// Runs code on a thread where it may block, then goes on.
    Hook(Arc<dyn Fn() + Send + Sync>),
}

impl fmt::Debug for GitLabFaultAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => f.debug_tuple("Answer").field(answer).finish(),
            Self::Delay(duration) => f.debug_tuple("Delay").field(duration).finish(),
            Self::Reset => f.write_str("Reset"),
            Self::Truncate => f.write_str("Truncate"),
            Self::Hang => f.write_str("Hang"),
            Self::Hook(_) => f.write_str("Hook"),
        }
    }
}

/// An answer given instead of GitLab's.
#[derive(Debug, Clone)]
pub struct FaultAnswer {
    /// Status of the answer.
    pub status: StatusCode,
    /// Headers of the answer, `content-type` among them.
    pub headers: HeaderMap,
    /// Body of the answer.
    pub body: Bytes,
}

/// Requests that misbehave, where and how.
#[derive(Debug, Clone)]
pub struct GitLabFault {
    /// Only requests with this method; `None` is any.
    pub method: Option<Method>,
    /// Only requests whose path and query, as sent, contain this; empty is any.
    pub path_contains: String,
    /// Number of matching requests to let pass first.
    pub skip: u32,
    /// Of the matching requests then, every how many-th is struck: 1 is each, 10 one in ten.
    pub every: u32,
    /// Number of requests to strike, after which the fault is spent; `u32::MAX` is without end.
    pub count: u32,
    /// Where it strikes.
    pub point: FaultPoint,
    /// Action.
    pub action: GitLabFaultAction,
}

impl GitLabFault {
    /// Strikes the next request, whatever it is.
    #[must_use]
    pub fn new(point: FaultPoint, action: GitLabFaultAction) -> Self {
        Self {
            method: None,
            path_contains: String::new(),
            skip: 0,
            every: 1,
            count: 1,
            point,
            action,
        }
    }

    /// Only requests with this method whose path and query contain `path_contains`.
    #[must_use]
    pub fn on(self, method: Method, path_contains: &str) -> Self {
        Self {
            method: Some(method),
            path_contains: path_contains.to_owned(),
            ..self
        }
    }

    /// Lets `skip` matching requests pass first.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// Strikes `count` requests.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// Strikes every `every`-th matching request.
    #[must_use]
    pub fn every(self, every: u32) -> Self {
        Self { every, ..self }
    }
}
