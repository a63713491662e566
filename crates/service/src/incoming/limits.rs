//! How much of a request is read, and how long it may take.

use api::Reason;
use std::time::Duration;

use http::Method;
use http::header::CONTENT_LENGTH;

use super::{text, token};
use crate::gateway;
use crate::problem::{self, Problem};

/// The largest body that is read, in bytes. Kubeconfigs have 5 to 20 KiB; one with the certificates of a long chain, in Base64,
/// stays below a hundred.
pub const MAX_BODY: usize = 256 * 1024;
/// The largest query that the gateway hands on, in bytes. All parameters of an operation make a few hundred, and so does what
/// GitLab sends back from a login; each that is not known is compared with all that are.
pub const MAX_QUERY: usize = 4 * 1024;
/// How long a body may take to arrive: [`MAX_BODY`] at 26 KB in a second, which is a slow telephone.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a request may take, a watch aside: gateways give up after as long.
pub const REQUEST_TIME: Duration = Duration::from_secs(60);

/// Tells whether a request's body is to be read, from its head alone: limits come before work.
///
/// # Errors
/// `UNAUTHENTICATED` where a body comes without any token, `BODY_TOO_LARGE` where its head says so.
pub fn admit_body(head: &http::request::Parts) -> Result<bool, Problem> {
    if head.method != Method::POST {
        return Ok(false);
    }
    // Pages are asked for with a cookie, which the console opens.
    if !gateway::is_page(head.uri.path()) {
        token::of(head)?;
    }
    let length = text(&head.headers, CONTENT_LENGTH.as_str());
    let length: Option<u64> = length.and_then(|length| length.trim().parse().ok());
    match length.is_some_and(|length| length > MAX_BODY as u64) {
        true => Err(body_too_large()),
        false => Ok(true),
    }
}

/// Refuses a query above [`MAX_QUERY`], from a request's head alone.
///
/// # Errors
/// `UNAUTHENTICATED` where the path takes a token and there is none, `VALIDATION_FAILED` otherwise.
pub fn admit_query(head: &http::request::Parts) -> Result<(), Problem> {
    let query = head.uri.query().unwrap_or_default();
    if query.len() <= MAX_QUERY {
        return Ok(());
    }
    if head.uri.path().starts_with(super::CLUSTERS) {
        token::of(head)?;
    }
    let rule = format!("is longer than {MAX_QUERY} bytes");
    let hint = "leave out what docs/api.md does not name";
    Err(problem::invalid_query("?", &rule, hint))
}

/// How long one exchange may take: its own limit, or what is left until the request's deadline.
#[must_use]
pub fn time_left(limit: Duration, deadline: Option<Duration>, elapsed: Duration) -> Duration {
    let left = deadline.map(|deadline| deadline.saturating_sub(elapsed));
    left.map_or(limit, |left| left.min(limit))
}

/// Returns the limit to name in a time-out: the request's own where less than `limit` was left of it.
#[must_use]
pub fn limit_to_report(limit: Duration, deadline: Option<Duration>, left: Duration) -> Duration {
    deadline.filter(|_| left < limit).unwrap_or(limit)
}

/// The body is larger than [`MAX_BODY`].
#[must_use]
pub fn body_too_large() -> Problem {
    let detail =
        format!("the body is larger than {MAX_BODY} bytes; a cluster needs a few thousand");
    Problem::new(413, Reason::BodyTooLarge, detail)
}

/// The body did not arrive within [`BODY_TIME`].
#[must_use]
pub fn body_too_slow() -> Problem {
    let seconds = BODY_TIME.as_secs();
    let detail = format!("the body did not arrive within {seconds} seconds; send it again, faster");
    Problem::new(408, Reason::BodyTimeout, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(method: Method, headers: &[(&str, &str)]) -> http::request::Parts {
        let mut request = http::Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_body_is_read_where_its_head_is_in_order() {
        let token = ("private-token", "glpat-0");
        let admitted = |length: usize| {
            let length = length.to_string();
            admit_body(&head(Method::POST, &[token, ("content-length", &length)]))
        };
        assert!(admitted(MAX_BODY - 1).unwrap());
        assert!(admitted(MAX_BODY).unwrap());
        assert_eq!(admitted(MAX_BODY + 1).unwrap_err().status, 413);
        // In pieces: it is counted while it comes.
        assert!(admit_body(&head(Method::POST, &[token])).unwrap());
        // Without a token nothing of it is looked at.
        let large = ("content-length", "99999999999");
        let refused = admit_body(&head(Method::POST, &[large])).unwrap_err();
        assert_eq!(refused.status, 401);
        for method in [Method::GET, Method::HEAD, Method::DELETE] {
            assert!(!admit_body(&head(method, &[large])).unwrap());
        }
    }

    #[test]
    fn a_longer_query_than_any_operation_takes_is_not_handed_on() {
        let admitted = |path: &str, length: usize, headers| {
            let mut head = head(Method::GET, headers);
            head.uri = format!("{path}?{}", "a".repeat(length)).parse().unwrap();
            admit_query(&head).map_err(|problem| problem.status)
        };
        let token = &[("private-token", "glpat-0")];
        for length in [0, MAX_QUERY - 1, MAX_QUERY] {
            assert_eq!(admitted("/api/v1/clusters/a", length, token), Ok(()));
            assert_eq!(admitted("/login/callback", length, &[]), Ok(()));
        }
        let above = MAX_QUERY + 1;
        assert_eq!(admitted("/api/v1/clusters/a", above, token), Err(422));
        assert_eq!(admitted("/login/callback", above, &[]), Err(422));
        // Who has no token is told that alone.
        assert_eq!(admitted("/api/v1/clusters/a", above, &[]), Err(401));
    }

    #[test]
    fn an_exchange_takes_no_longer_than_the_request_may() {
        let limit = Duration::from_secs(15);
        let left = |elapsed| time_left(limit, Some(REQUEST_TIME), Duration::from_secs(elapsed));
        assert_eq!(left(0), limit);
        assert_eq!(left(45), limit);
        assert_eq!(left(46), Duration::from_secs(14));
        assert_eq!(left(60), Duration::ZERO);
        assert_eq!(left(61), Duration::ZERO);
        assert_eq!(time_left(limit, None, REQUEST_TIME), limit);
    }

    #[test]
    fn the_limit_that_is_told_is_the_one_that_ended_the_exchange() {
        let limit = Duration::from_secs(15);
        let told = |elapsed| {
            let deadline = Some(REQUEST_TIME);
            let left = time_left(limit, deadline, Duration::from_secs(elapsed));
            limit_to_report(limit, deadline, left)
        };
        assert_eq!([told(0), told(45)], [limit, limit]);
        assert_eq!([told(46), told(60), told(61)], [REQUEST_TIME; 3]);
        assert_eq!(limit_to_report(limit, None, limit), limit);
    }
}
