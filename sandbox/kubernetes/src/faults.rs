//! Failures on demand.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A planned failure: which requests, how many of them, and what happens instead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KubernetesFault {
    /// Only this HTTP method; none: all.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path and query contain this.
    #[serde(default)]
    pub path_contains: String,
    /// Matching requests to let pass first.
    #[serde(default)]
    pub skip: u32,
    /// Matching requests to fail after that.
    #[serde(default = "one")]
    pub count: u32,
    /// Action.
    pub action: KubernetesFaultAction,
}

fn one() -> u32 {
    1
}

/// Action on a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KubernetesFaultAction {
    /// Gives this answer, without carrying the request out.
    Answer {
        /// HTTP status.
        status: u16,
        /// `Content-Type`.
        #[serde(default)]
        content_type: String,
        /// Body.
        #[serde(default)]
        body: String,
        /// Other headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// Carried out after this many milliseconds.
    Delay(u64),
    /// Never answered.
    Hang,
    /// Connection cut; not carried out.
    ResetBefore,
    /// Connection cut after carrying it out.
    ResetAfter,
    /// Carried out; the answer breaks off in the middle of its body.
    TruncateBody,
}

impl KubernetesFault {
    /// Fails the next request whose path contains `path`, in this way.
    pub fn once(path: &str, action: KubernetesFaultAction) -> Self {
        Self {
            method: None,
            path_contains: path.to_owned(),
            skip: 0,
            count: 1,
            action,
        }
    }

    /// The same, for one method only.
    pub fn for_method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The same, for this many requests.
    pub fn times(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// The same, after letting this many matching requests pass.
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }
}

impl KubernetesFaultAction {
    /// An answer of a status and content type.
    pub fn answer(status: u16, content_type: &str, body: &str) -> Self {
        Self::Answer {
            status,
            content_type: content_type.to_owned(),
            body: body.to_owned(),
            headers: BTreeMap::new(),
        }
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        match self {
            Self::Delay(milliseconds) => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        }
    }
}

/// The planned failures of a server.
#[derive(Debug, Default)]
pub struct FaultList(Mutex<Vec<KubernetesFault>>);

impl FaultList {
    /// Plans one more. The earliest planned that matches is used.
    pub fn add(&self, fault: KubernetesFault) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    /// Plans nothing any more.
    pub fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Faults that are planned still.
    pub fn pending(&self) -> Vec<KubernetesFault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The failure of this request, if one is planned; counts it as used.
    pub(crate) fn take(&self, method: &str, path_and_query: &str) -> Option<KubernetesFaultAction> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let matches = |fault: &KubernetesFault| {
            fault
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && path_and_query.contains(&fault.path_contains)
        };
        let mut action = None;
        for fault in faults.iter_mut().filter(|fault| matches(fault)) {
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if action.is_none() && fault.count > 0 {
                fault.count -= 1;
                action = Some(fault.action.clone());
            }
        }
        faults.retain(|fault| fault.count > 0);
        action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_counts_and_ends() {
        let faults = FaultList::default();
        faults.add(
            KubernetesFault::once("/secrets", KubernetesFaultAction::Hang)
                .for_method("PATCH")
                .after(1)
                .times(2),
        );
        let taken: Vec<bool> = (0..4)
            .map(|_| faults.take("PATCH", "/api/v1/secrets/x").is_some())
            .collect();
        assert_eq!(taken, [false, true, true, false]);
        assert!(faults.pending().is_empty());
    }

    #[test]
    fn other_requests_pass() {
        let faults = FaultList::default();
        faults.add(
            KubernetesFault::once("/secrets", KubernetesFaultAction::Hang).for_method("PATCH"),
        );
        assert!(faults.take("GET", "/api/v1/secrets").is_none());
        assert!(faults.take("PATCH", "/api/v1/pods").is_none());
    }

    #[test]
    fn reads_as_json() {
        let text =
            r#"{"path_contains": "/x", "action": {"answer": {"status": 503, "body": "<html>"}}}"#;
        let fault: KubernetesFault = serde_json::from_str(text).unwrap();
        assert!(
            matches!(
                fault.action,
                KubernetesFaultAction::Answer { status: 503, .. }
            ) && fault.count == 1
        );
        assert!(serde_json::from_str::<KubernetesFault>(r#"{"action": "reset_before"}"#).is_ok());
    }
}
