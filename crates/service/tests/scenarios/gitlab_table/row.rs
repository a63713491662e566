//! A row, and how it is played.

use serde_json::{Value, json};
use service::runtime::Response;

use crate::gitlab_service::answer;
use crate::runtime::{Fate, Memory};
use crate::setting::{gitlab_says, memory, save, text, worker};

const A: &str = "https://a.example.com:6443";

pub struct Row {
    /// What GitLab answers.
    pub says: Response,
    /// What the caller gets: status, reason, and words in the detail.
    pub status: u16,
    pub reason: &'static str,
    pub words: &'static str,
}

fn row(says: Response, status: u16, reason: &'static str, words: &'static str) -> Row {
    Row {
        says,
        status,
        reason,
        words,
    }
}

pub fn denied(says: Response, words: &'static str) -> Row {
    row(says, 403, "PERMISSION_DENIED", words)
}

pub fn unauthenticated(says: Response, words: &'static str) -> Row {
    row(says, 401, "UNAUTHENTICATED", words)
}

pub fn unavailable(says: Response, words: &'static str) -> Row {
    row(says, 502, "GITLAB_UNAVAILABLE", words)
}

pub fn timed_out(says: Response, words: &'static str) -> Row {
    row(says, 504, "GITLAB_TIMEOUT", words)
}

pub fn limited(says: Response) -> Row {
    row(says, 503, "RATE_LIMITED", "limits the rate")
}

pub fn lost(says: Response) -> Row {
    row(says, 409, "CONCURRENT_CHANGE", "other writers were faster")
}

/// 400 with GitLab's words.
pub fn bad(words: &str) -> Response {
    gitlab_says(400, words)
}

/// As GitLab's OAuth guard says it.
pub fn guard(status: u16, error: &str, description: &str) -> Response {
    answer(
        status,
        &json!({"error": error, "error_description": description, "scope": "api"}),
    )
}

/// As a proxy or a load balancer says it.
pub fn html(status: u16, title: &str) -> Response {
    let page = format!("<html><head><title>{title}</title></head><body></body></html>");
    let mut response = text(status, &page);
    response
        .headers_mut()
        .insert("content-type", "text/html".parse().unwrap());
    response
}

/// A redirect.
pub fn located(target: &str) -> Response {
    let mut response = text(307, "");
    response
        .headers_mut()
        .insert("location", target.parse().unwrap());
    response
}

/// The same answer, as a proxy says that it has packed it.
pub fn packed(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert("content-encoding", "gzip".parse().unwrap());
    response
}

/// 429 as Rack::Attack says it.
pub fn too_many(retry_after: Option<&str>) -> Response {
    let mut response = text(429, "Retry later\n");
    for (name, value) in [
        ("content-type", Some("text/plain")),
        ("retry-after", retry_after),
    ] {
        if let Some(value) = value {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    response
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Commit,
    MergeRequest,
}

pub const WAYS: [Mode; 2] = [Mode::Commit, Mode::MergeRequest];

/// A part of the calls.
#[derive(Clone, Copy)]
pub enum Part {
    /// The first round trip of a request, and of each further attempt.
    Open,
    Again,
    Read,
    Commit,
    /// For a commit that may have been made.
    Look,
    /// The merge request, or the installs.
    Rest,
    /// Any other call.
    Call(&'static str),
}

impl Mode {
    pub fn query(self) -> &'static str {
        match self {
            Self::Commit => "w1",
            Self::MergeRequest => "w1?delivery=merge-request",
        }
    }

    pub fn calls(self, parts: &[Part]) -> Vec<String> {
        parts.iter().flat_map(|part| self.part(*part)).collect()
    }

    fn part(self, part: Part) -> Vec<String> {
        let own = "GET file nautes/overlays/production/clusters/w1.yaml";
        let by_number = ["GET project 42", "GET branches/main", own];
        let proposal = ["GET branches/nautes/register-w1", "GET merge_requests"];
        let mut calls = match part {
            Part::Open => vec!["GET project group%2Ftenant", by_number[1], own],
            Part::Again => by_number.to_vec(),
            Part::Read => vec![
                "GET file nautes/overlays/production/api-servers/cluster-a.example.com-3769251235.yaml",
                "GET file nautes/overlays/production/clusters/kustomization.yaml",
                "GET tree host-clusters",
                "GET tree host-clusters/w1",
                "GET tree runtimes",
                "GET tree runtimes/w1-runtime",
                "GET tree tenant/production",
            ],
            Part::Commit => vec!["POST commits"],
            Part::Look => vec!["GET commits"],
            Part::Rest if self == Self::MergeRequest => vec!["POST merge_requests"],
            Part::Rest => return kubernetes_calls(|call| !call.contains(" GET ")),
            Part::Call(call) => vec![call],
        };
        if self == Self::MergeRequest && matches!(part, Part::Open | Part::Again) {
            calls.extend(proposal);
        }
        let calls = calls.into_iter().map(|call| format!("gitlab {call}"));
        // Beside the reads, in the same round trip, the management cluster is looked at.
        let look = match part {
            Part::Read => kubernetes_calls(|call| call.contains(" GET ")),
            _ => Vec::new(),
        };
        calls.chain(look).collect()
    }
}

/// Calls of a first save to the management cluster.
fn kubernetes_calls(wanted: impl Fn(&String) -> bool) -> Vec<String> {
    let memory = memory();
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    let calls = memory.calls_of("kubernetes").into_iter();
    calls.filter(wanted).collect()
}

/// A first save where calls that begin so meet a fate.
pub fn play(
    mode: Mode,
    call: &str,
    skip: usize,
    times: usize,
    fate: Fate,
) -> (Memory, (u16, Value)) {
    let memory = memory();
    memory.fault(call, skip, times, fate);
    let outcome = save(&memory, mode.query(), &worker(A));
    (memory, outcome)
}

/// That the caller is told what the row says, and this about writes.
pub fn assert_told(row: &Row, outcome: &(u16, Value), about_writes: &str) {
    let (status, body) = outcome;
    assert_eq!(
        (*status, body["reason"].as_str()),
        (row.status, Some(row.reason)),
        "{body}"
    );
    let detail = body["detail"].as_str().unwrap();
    assert!(
        detail.contains(row.words),
        "{} is missing in: {detail}",
        row.words
    );
    assert!(
        detail.contains(about_writes),
        "{about_writes} is missing in: {detail}"
    );
}

/// That there is nothing in either service but what was there before.
pub fn assert_untouched(memory: &Memory) {
    let inner = memory.0.borrow();
    assert_eq!(inner.gitlab.commits.len(), 1);
    assert!(inner.gitlab.branches.is_empty());
    assert!(inner.gitlab.merge_requests.is_empty());
    assert!(inner.kubernetes.objects.is_empty());
    drop(inner);
    assert_nothing_installed(memory);
}

/// That the management cluster was looked at, if at all.
pub fn assert_nothing_installed(memory: &Memory) {
    let writes = memory.writes();
    assert!(
        !writes.iter().any(|call| call.starts_with("kubernetes")),
        "{writes:?}"
    );
}

/// That the cluster is where it should be, by one commit.
pub fn assert_written_once(memory: &Memory, mode: Mode) {
    let inner = memory.0.borrow();
    let branch = match mode {
        Mode::Commit => "main",
        Mode::MergeRequest => "nautes/register-w1",
    };
    assert_eq!(inner.gitlab.lineage(branch).unwrap().len(), 2);
    let merge_requests = usize::from(mode == Mode::MergeRequest);
    assert_eq!(inner.gitlab.merge_requests.len(), merge_requests);
}
