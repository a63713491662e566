//! One fault in ten calls of GitLab's API, of every kind in turn.

use reqwest::{Method, StatusCode};
use sandbox_gitlab::{FaultAnswer, FaultPlan, FaultPoint, GitLabFault, GitLabFaultAction};

const API: &str = "/api/v4/";
const COMMITS: &str = "/repository/commits";

fn answer(
    status: u16,
    kind: &str,
    header: Option<(&'static str, &str)>,
    body: &str,
) -> GitLabFaultAction {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("content-type", kind.parse().unwrap());
    if let Some((name, value)) = header {
        headers.insert(name, value.parse().unwrap());
    }
    GitLabFaultAction::Answer(FaultAnswer {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: body.to_owned().into(),
    })
}

fn json(status: u16, message: &str) -> GitLabFaultAction {
    let body = serde_json::json!({ "message": message }).to_string();
    answer(status, "application/json", None, &body)
}

/// Plans them.
pub fn one_in_ten(faults: &FaultPlan) {
    use FaultPoint::{Request, Response};
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let limited = "Retry later";
    let kinds = [
        (Request, json(500, "500 Internal Server Error")),
        (
            Request,
            answer(429, "text/plain", Some(("retry-after", "1")), limited),
        ),
        (Request, answer(429, "text/plain", None, limited)),
        (Request, GitLabFaultAction::Reset),
        (Response, GitLabFaultAction::Reset),
        (Response, GitLabFaultAction::Truncate),
        (Request, answer(502, "text/html", None, page)),
        (Response, answer(502, "text/html", None, page)),
    ];
    let every = u32::try_from(kinds.len()).unwrap() * 10;
    for (index, (point, action)) in (0..).zip(kinds) {
        let fault = GitLabFault::new(point, action)
            .after(index * 10 + 7)
            .every(every);
        faults.add(GitLabFault {
            path_contains: API.to_owned(),
            ..fault.times(u32::MAX)
        });
    }
    // What Gitaly says in a commit's place; the second kind before or after it was made.
    let moved = "9:reference update: reference does not point to expected object";
    let late = "4:Deadline Exceeded";
    let kinds = [(Request, moved), (Request, late), (Response, late)];
    for (index, (point, text)) in (0..).zip(kinds) {
        let fault = GitLabFault::new(point, json(400, text)).on(Method::POST, COMMITS);
        faults.add(fault.after(index * 10 + 3).every(30).times(u32::MAX));
    }
}

/// Calls that were struck.
pub fn struck(faults: &FaultPlan) -> u32 {
    let planned = faults.list();
    let planned = planned
        .iter()
        .filter(|(fault, _)| !matches!(fault.action, GitLabFaultAction::Hook(_)));
    planned.map(|(_, struck)| *struck).sum()
}
