//! The caller's token, and what is wrong with one that can't be used: named by its form, never shown.

use http::{HeaderMap, Uri};

use crate::problem::{self, Problem};
use crate::runtime::Request;

/// The token of a request. A `PRIVATE-TOKEN` wins over `Authorization`, as it does for GitLab.
///
/// # Errors
/// `UNAUTHENTICATED`, with what is wrong with the header that was sent.
pub(super) fn of_request(request: &Request) -> Result<String, Problem> {
    token(request.headers(), request.uri())
}

/// The same of a request's head.
pub(super) fn of(head: &http::request::Parts) -> Result<String, Problem> {
    token(&head.headers, &head.uri)
}

fn token(headers: &HeaderMap, uri: &Uri) -> Result<String, Problem> {
    for name in ["PRIVATE-TOKEN", "Authorization"] {
        if is_repeated(headers, name) {
            let what = format!("the header {name} is there twice with different values");
            return Err(problem::unusable_token(&what));
        }
    }
    let (private, authorization) = (
        sent(headers, "private-token"),
        sent(headers, "authorization"),
    );
    let token = match (private, authorization) {
        (Some(value), _) => bare("PRIVATE-TOKEN", text("PRIVATE-TOKEN", value)?),
        (None, Some(value)) => bearer(text("Authorization", value)?),
        (None, None) => return Err(missing(headers, uri)),
    };
    token
        .map(str::to_owned)
        .map_err(|what| problem::unusable_token(&what))
}

/// Nobody knows whose of two tokens is meant.
fn is_repeated(headers: &HeaderMap, name: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    values.any(|value| Some(value) != first)
}

type Sent<'a> = &'a http::HeaderValue;

/// A header that holds more than white space.
fn sent<'a>(headers: &'a HeaderMap, name: &str) -> Option<Sent<'a>> {
    let value = headers.get(name)?;
    (!value.as_bytes().trim_ascii().is_empty()).then_some(value)
}

fn text<'a>(name: &str, value: Sent<'a>) -> Result<&'a str, Problem> {
    let text = value.to_str().map(str::trim);
    text.map_err(|_| {
        problem::unusable_token(&format!(
            "the header {name} has characters that no token has"
        ))
    })
}

fn bearer(value: &str) -> Result<&str, String> {
    let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
    let word = scheme.trim_end_matches(':');
    if !word.eq_ignore_ascii_case("bearer") {
        return Err(other_scheme(word));
    }
    match rest.trim() {
        "" => Err("the Authorization header has nothing behind the word Bearer: the variable that should hold the token may \
                   be empty"
            .to_owned()),
        _ if scheme != word => Err("the Authorization header has a colon behind the word Bearer".to_owned()),
        token => bare("Authorization", token),
    }
}

/// Only known schemes are named: a bare token has none.
fn other_scheme(word: &str) -> String {
    const KNOWN: [&str; 5] = ["Basic", "Token", "Digest", "Negotiate", "OAuth"];
    let known = KNOWN
        .iter()
        .find(|scheme| scheme.eq_ignore_ascii_case(word));
    match known {
        Some(scheme) => format!("the Authorization header has the scheme {scheme}"),
        None => "the Authorization header does not begin with the word Bearer".to_owned(),
    }
}

fn bare<'a>(header: &str, token: &'a str) -> Result<&'a str, String> {
    let what = if is_word(token, "bearer") {
        "has the word Bearer where the token should be"
    } else if token.contains([' ', '\t']) {
        "holds more than one word where the token should be"
    } else if token.starts_with(['$', '<', '%', '{']) {
        "holds a placeholder: nothing has put the token in its place"
    } else if token.contains(['"', '\'', '`', '<', '>', '{', '}', '\\']) {
        "has quotes or brackets around the token"
    } else {
        return Ok(token);
    };
    Err(format!("the header {header} {what}"))
}

fn is_word(token: &str, word: &str) -> bool {
    let first = token.split([' ', '\t', ':']).next();
    first.is_some_and(|first| first.eq_ignore_ascii_case(word))
}

/// Headers in which people send tokens that no function reads: that they are there is told, and what they hold is not looked at.
pub(crate) const ELSEWHERE: [&str; 5] = [
    "job-token",
    "deploy-token",
    "x-gitlab-token",
    "x-auth-token",
    "cookie",
];

/// Where a token was sent instead.
fn missing(headers: &HeaderMap, uri: &Uri) -> Problem {
    if let Some(name) = ELSEWHERE.iter().find(|name| sent(headers, name).is_some()) {
        return problem::unusable_token(&format!(
            "the request has no access token: the header {name} is not read, and tokens of jobs and deploy tokens may not \
             change a repository through GitLab's API"
        ));
    }
    let query = uri.query().unwrap_or_default();
    let parameters = ["private_token", "access_token", "job_token", "token"];
    let given = form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, _)| parameters.into_iter().find(|name| *name == key));
    match given {
        Some(name) => problem::unusable_token(&format!(
            "the request has no access token: the parameter {name} is not read, since URLs end up in logs, and whatever was in \
             it should be revoked"
        )),
        None => problem::no_token(),
    }
}

#[cfg(test)]
mod tests {
    use api::Reason;

    use super::*;

    fn request(pairs: &[(&'static str, &str)]) -> Request {
        let mut request = Request::new(Vec::new());
        for (name, value) in pairs {
            let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().append(*name, value);
        }
        request
    }

    #[test]
    fn a_token_is_taken_from_either_header() {
        let both = [("private-token", "p"), ("authorization", "Bearer t")];
        for (pairs, expected) in [
            (&[("authorization", "Bearer t")][..], "t"),
            (&[("authorization", "bearer  t ")], "t"),
            (&[("authorization", "BEARER\tt")], "t"),
            (&[("private-token", " p ")], "p"),
            (&both, "p"),
            (&[("private-token", ""), ("authorization", "Bearer t")], "t"),
            // GitLab's alphabet, also of OAuth and of job tokens.
            (
                &[("private-token", "glpat-a_b.01.c-D=")],
                "glpat-a_b.01.c-D=",
            ),
        ] {
            assert_eq!(of_request(&request(pairs)).unwrap(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn every_other_form_is_named_and_no_token_shown() {
        for (header, value, words) in [
            ("authorization", "Token glpat-canary", "the scheme Token"),
            ("authorization", "basic canary", "the scheme Basic"),
            ("authorization", "OAuth canary", "the scheme OAuth"),
            (
                "authorization",
                "glpat-canary",
                "does not begin with the word Bearer",
            ),
            (
                "authorization",
                "canary glpat-canary",
                "does not begin with the word Bearer",
            ),
            (
                "authorization",
                "Bearer canary canary",
                "more than one word",
            ),
            (
                "authorization",
                "Bearer Bearer canary",
                "the word Bearer where",
            ),
            ("authorization", "Bearer: canary", "a colon behind"),
            ("authorization", "Bearer", "nothing behind the word Bearer"),
            (
                "authorization",
                "Bearer  ",
                "nothing behind the word Bearer",
            ),
            ("authorization", "Bearer $CANARY", "a placeholder"),
            ("authorization", "Bearer ${CANARY}", "a placeholder"),
            ("authorization", "Bearer <canary>", "a placeholder"),
            ("authorization", "Bearer {{ canary }}", "more than one word"),
            ("authorization", "Bearer {{canary}}", "a placeholder"),
            ("authorization", "Bearer %CANARY%", "a placeholder"),
            ("authorization", "Bearer \"canary\"", "quotes"),
            ("authorization", "Bearer 'canary'", "quotes"),
            (
                "authorization",
                "Bearer canäry",
                "characters that no token has",
            ),
            ("private-token", "Bearer canary", "the word Bearer where"),
            (
                "private-token",
                "canary\u{a0}",
                "characters that no token has",
            ),
            ("private-token", "$CANARY", "a placeholder"),
            ("job-token", "canary", "header job-token is not read"),
            ("deploy-token", "canary", "header deploy-token is not read"),
            (
                "cookie",
                "_gitlab_session=canary",
                "header cookie is not read",
            ),
        ] {
            let problem = of_request(&request(&[(header, value)])).unwrap_err();
            assert_eq!(
                (problem.status, &problem.reason),
                (401, &Reason::Unauthenticated)
            );
            let detail = &problem.detail;
            assert!(detail.contains(words), "{value}: {detail}");
            assert!(!detail.to_lowercase().contains("canary"), "{detail}");
            assert!(detail.contains("Authorization: Bearer <token>"), "{detail}");
        }
        assert!(
            of_request(&request(&[]))
                .unwrap_err()
                .detail
                .contains("no access token")
        );
    }

    #[test]
    fn of_two_tokens_in_one_header_none_is_taken() {
        for (header, name) in [
            ("authorization", "Authorization"),
            ("private-token", "PRIVATE-TOKEN"),
        ] {
            let pairs = [(header, "Bearer canary-1"), (header, "Bearer canary-2")];
            let problem = of_request(&request(&pairs)).unwrap_err();
            let words = format!("the header {name} is there twice");
            assert!(problem.detail.contains(&words), "{}", problem.detail);
            assert!(!problem.detail.contains("canary"), "{}", problem.detail);
        }
        let same = [("authorization", "Bearer t"), ("authorization", "Bearer t")];
        assert_eq!(of_request(&request(&same)).unwrap(), "t");
    }

    #[test]
    fn a_token_in_the_url_is_not_read() {
        for name in ["private_token", "access_token", "job_token"] {
            let mut request = request(&[]);
            *request.uri_mut() = format!("http://h/p?a=b&{name}=canary").parse().unwrap();
            let detail = of_request(&request).unwrap_err().detail.clone();
            assert!(
                detail.contains(&format!("parameter {name} is not read")),
                "{detail}"
            );
            assert!(!detail.contains("canary"), "{detail}");
        }
    }
}
