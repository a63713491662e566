//! Pauses before a request is sent again.

use std::time::Duration;

use reqwest::header::HeaderMap;

/// More than GitLab's window of a minute, less than a person waits without asking what is going on.
const MOST: Duration = Duration::from_secs(180);

/// Where the answer does not say how long.
const DEFAULT: Duration = Duration::from_secs(5);

/// The pause that an answer asks for; `None` where it is an answer, or enough was `waited`.
///
/// 429 and 503 with `Retry-After` were not carried out, and 409 with it lost a race: all of them may be sent again.
pub(super) fn asked_for(status: u16, headers: &HeaderMap, waited: Duration) -> Option<Duration> {
    let given = upstream::retry_after(headers).map(Duration::from_secs);
    let pause = match (status, given) {
        (429, given) => given.unwrap_or(DEFAULT),
        (409 | 503, Some(given)) => given,
        _ => return None,
    };
    let pause = pause.max(Duration::from_secs(1));
    (waited + pause <= MOST).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{DATE, RETRY_AFTER};

    fn pause(status: u16, retry_after: Option<&str>, waited: u64) -> Option<u64> {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        asked_for(status, &headers, Duration::from_secs(waited)).map(|pause| pause.as_secs())
    }

    #[test]
    fn a_pause_is_as_long_as_the_answer_says_and_ends_some_day() {
        assert_eq!(pause(429, Some("7"), 0), Some(7));
        assert_eq!(pause(429, None, 0), Some(5));
        assert_eq!(
            pause(429, Some("Wed, 21 Oct 2026 07:28:00 GMT"), 0),
            Some(5)
        );
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (RETRY_AFTER, "Wed, 21 Oct 2026 07:28:09 GMT"),
            (DATE, "Wed, 21 Oct 2026 07:28:00 GMT"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let nine = Some(Duration::from_secs(9));
        assert_eq!(asked_for(429, &headers, Duration::ZERO), nine);
        assert_eq!(pause(429, Some("0"), 0), Some(1));
        assert_eq!(pause(503, Some("30"), 0), Some(30));
        assert_eq!(pause(409, Some("2"), 0), Some(2));
        assert_eq!(pause(429, Some("7"), 179), None);
        assert_eq!(pause(429, Some("3600"), 0), None);
        assert_eq!(pause(503, None, 0), None);
        assert_eq!(pause(409, None, 0), None);
        assert_eq!(pause(502, Some("7"), 0), None);
    }
}
