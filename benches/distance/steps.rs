//! Round trips.

use sandbox_gitlab::GitLabCall;

/// Calls that overlap are one.
pub fn count(calls: &[GitLabCall]) -> usize {
    let mut spans: Vec<_> = calls
        .iter()
        .map(|call| (call.started, call.finished))
        .collect();
    spans.sort();
    let (mut steps, mut end) = (0, None);
    for (started, finished) in spans {
        if end.is_none_or(|end| started >= end) {
            steps += 1;
        }
        end = end.max(finished);
    }
    steps
}
