//! Headers of answers, read alike for GitLab, Kubernetes, and whatever stands in front of them.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName};

/// How long to wait, in seconds, from `Retry-After` (RFC 9110, section 10.2.3).
///
/// Proxies send a date in place of a number. It counts from the answer's own `Date`, so that no clock of ours has to agree
/// with theirs; without `Date` nobody knows how long that is.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let given = text(headers, RETRY_AFTER)?;
    if let Ok(seconds) = given.parse() {
        return Some(seconds);
    }
    let until = httpdate::parse_http_date(given).ok()?;
    let now = httpdate::parse_http_date(text(headers, DATE)?).ok()?;
    let wait = until.duration_since(now).unwrap_or(Duration::ZERO);
    Some(wait.as_secs())
}

/// The content coding of a body, such as `gzip`, where it has one. None is ever asked for.
#[must_use]
pub fn content_coding(headers: &HeaderMap) -> Option<&str> {
    text(headers, CONTENT_ENCODING)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_wait_is_a_number_or_a_date() {
        let now = "Wed, 21 Oct 2026 07:28:00 GMT";
        for (given, date, expected) in [
            ("7", None, Some(7)),
            (" 0 ", None, Some(0)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some(now), Some(30)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", Some(now), Some(0)),
            // The two older forms, which every recipient has to read.
            ("Wednesday, 21-Oct-26 07:29:00 GMT", Some(now), Some(60)),
            ("Wed Oct 21 07:30:00 2026", Some(now), Some(120)),
            ("Wed, 21 Oct 2026 07:28:30 GMT", None, None),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some("today"), None),
            ("soon", Some(now), None),
            ("-1", Some(now), None),
            ("1.5", Some(now), None),
            ("", Some(now), None),
        ] {
            let mut pairs = vec![(RETRY_AFTER, given)];
            pairs.extend(date.map(|date| (DATE, date)));
            assert_eq!(retry_after(&headers(&pairs)), expected, "{given}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn codings_are_told_from_none() {
        let of = |coding| {
            let headers = headers(&[(CONTENT_ENCODING, coding)]);
            content_coding(&headers).map(str::to_owned)
        };
        assert_eq!(of("gzip").as_deref(), Some("gzip"));
        assert_eq!(of(" br ").as_deref(), Some("br"));
        assert_eq!(of("Identity"), None);
        assert_eq!(of(""), None);
        assert_eq!(content_coding(&HeaderMap::new()), None);
    }
}
