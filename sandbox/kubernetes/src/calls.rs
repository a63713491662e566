//! The record of requests: what was asked, by whom, and how it went. No bodies, no tokens.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Requests kept; the oldest go first.
const CAPACITY: usize = 100_000;

/// Answered request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KubernetesCall {
    /// HTTP method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query, as sent.
    pub query: String,
    /// HTTP status of the answer; 0 where the connection was cut before one.
    pub status: u16,
    /// Verb such as `patch`; empty where the path is no resource's.
    pub verb: String,
    /// API group.
    pub group: String,
    /// Plural name.
    pub resource: String,
    /// Subresource.
    pub subresource: String,
    /// Namespace.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// The caller; empty where it was not authenticated.
    pub user: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// `Content-Type` of the request.
    pub content_type: String,
    /// `traceparent`.
    pub traceparent: String,
    /// `X-Request-Id`.
    pub request_id: String,
}

/// All requests so far.
#[derive(Debug, Default)]
pub struct CallHistory(Mutex<Vec<KubernetesCall>>);

impl CallHistory {
    /// Adds one.
    pub fn record(&self, call: KubernetesCall) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() == CAPACITY {
            calls.remove(0);
        }
        calls.push(call);
    }

    /// All, oldest first.
    pub fn all(&self) -> Vec<KubernetesCall> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
