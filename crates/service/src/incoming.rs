//! A caller's request, taken apart: path, query, token.

use api::Reason;
use std::collections::BTreeMap;
use std::sync::Arc;

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use crate::problem::{self, Problem};
use crate::request_log::RequestLog;
use crate::runtime::{Request, Runtime};

mod limits;
pub(crate) mod token;

pub use limits::{
    BODY_TIME, MAX_BODY, MAX_QUERY, REQUEST_TIME, admit_body, admit_query, body_too_large,
    body_too_slow, limit_to_report, time_left,
};

/// The path below which everything of this API lives.
pub const CLUSTERS: &str = "/api/v1/clusters";

/// Who calls, and under which id the request runs.
#[derive(Clone)]
pub struct Caller {
    /// The caller's GitLab token.
    pub token: String,
    /// `X-Request-Id` of the request, or a new one.
    pub request_id: String,
    /// 128 random bits of this request.
    pub nonce: String,
    /// The record of the request.
    pub journal: Arc<RequestLog>,
}

impl Caller {
    /// Reads the headers.
    ///
    /// # Errors
    /// No token, or none that can be one.
    pub fn of<W: Runtime>(runtime: &W, request: &Request) -> Result<Self, Problem> {
        let journal = RequestLog::of(runtime, request);
        Ok(Self {
            token: token::of_request(request)?,
            request_id: journal.request_id().to_owned(),
            nonce: nonce(runtime),
            journal,
        })
    }
}

/// 128 random bits, in hexadecimal digits.
pub(crate) fn nonce<W: Runtime>(runtime: &W) -> String {
    format!("{:016x}{:016x}", runtime.random(), runtime.random())
}

/// Refuses a request without a token that could be one.
///
/// # Errors
/// `UNAUTHENTICATED`, with what is wrong with the header that was sent.
pub fn require_token(request: &Request) -> Result<(), Problem> {
    token::of_request(request).map(|_| ())
}

/// An id ends up in a commit message and in logs, so only harmless ones are taken over.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    text(headers, "x-request-id")
        .filter(|id| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        })
        .map(str::to_owned)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The cluster's name in `/api/v1/clusters/{name}`; `None` for the collection itself.
///
/// # Errors
/// Any other path.
pub fn cluster_name(path: &str) -> Result<Option<String>, Problem> {
    let rest = path.strip_prefix(CLUSTERS).ok_or_else(|| no_route(path))?;
    match rest.strip_prefix('/') {
        None if rest.is_empty() => Ok(None),
        Some("") => Ok(None),
        Some(name) if !name.contains('/') => {
            let name = percent_decode_str(name)
                .decode_utf8()
                .map_err(|_| no_route(path))?;
            Ok(Some(name.into_owned()))
        }
        _ => Err(no_route(path)),
    }
}

/// Bodies are read as they come.
///
/// # Errors
/// The body has a content coding, such as `gzip`.
pub fn not_packed(request: &Request) -> Result<(), Problem> {
    let Some(coding) = upstream::content_coding(request.headers()) else {
        return Ok(());
    };
    let coding: String = coding.chars().take(MAX_SHOWN).collect();
    const HINT: &str = "send the body as it is, without the header `Content-Encoding`";
    let detail = format!("content encoding {coding} is not supported; {HINT}");
    let mut problem = Problem::new(415, Reason::UnsupportedMediaType, detail);
    problem.hint = Some(HINT.to_owned());
    Err(problem.header("accept-encoding", "identity"))
}

/// There is nothing at this path.
#[must_use]
pub fn no_route(path: &str) -> Problem {
    let path: String = path.chars().take(200).collect();
    Problem::new(
        404,
        Reason::RouteNotFound,
        format!("there is nothing at {path}; clusters are at {CLUSTERS}/{{cluster_name}}"),
    )
}

/// Query parameters of a save. `watch` is known so that its refusal says where it belongs.
pub const SAVE_PARAMETERS: &[&str] = &[
    "dry_run",
    "delivery",
    "sync",
    "adopt",
    "insecure_skip_check",
    "watch",
];
/// Query parameters of a removal.
pub const DELETE_PARAMETERS: &[&str] = &[
    "dry_run",
    "force",
    "delivery",
    "insecure_skip_check",
    "watch",
];
/// Query parameters of a read of one cluster.
pub const GET_PARAMETERS: &[&str] = &["watch", "timeout_seconds", "insecure_skip_check"];
/// Query parameters of the list.
pub const LIST_PARAMETERS: &[&str] = &[
    "field_selector",
    "per_page",
    "page_token",
    "include_status",
    "watch",
    "insecure_skip_check",
];

/// Query parameters of the list of merge requests.
pub const MERGE_REQUEST_PARAMETERS: &[&str] = &["insecure_skip_check"];

/// So many wrong parameters are reported; more are counted.
const MAX_REPORTED: usize = 20;
/// So many characters of a parameter's name are shown: longer ones are no misspelling of ours.
const MAX_SHOWN: usize = 40;

/// The query of a request, by the parameters' names in snake case.
#[derive(Debug, Default)]
pub struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// Reads `a=b&c`, where `c` is a switch that is on. Names may be in camel case.
    ///
    /// # Errors
    /// A parameter that the operation does not have, or one that is given twice with different values: whoever
    /// misspells `dry_run` must not have anything written. An `insecure_skip_check` that is no switch.
    pub fn parse(request: &Request, known: &'static [&'static str]) -> Result<Self, Problem> {
        let query = request.uri().query().unwrap_or_default();
        let mut values: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut violations = Vec::new();
        let mut more = 0;
        let pieces = query.split('&').map(str::as_bytes);
        for (piece, (key, value)) in
            pieces.flat_map(|it| form_urlencoded::parse(it).map(move |pair| (it, pair)))
        {
            let value = match piece.contains(&b'=') {
                true => value,
                false => "true".into(),
            };
            let snake = domain::snake_case(&key);
            let name = known.iter().find(|name| **name == snake);
            match name {
                Some(name) if values.get(name).is_none_or(|before| *before == value) => {
                    values.insert(name, value.into_owned());
                }
                // A query has room for thousands, so those above are counted, and not looked at closely.
                _ if violations.len() == MAX_REPORTED => more += 1,
                Some(name) => violations.push(repeated_parameter(name)),
                None => violations.push(unknown_parameter(&key, known)),
            }
        }
        if violations.is_empty() {
            let query = Self(values);
            // Every operation has it, and none reads it.
            query.flag("insecure_skip_check")?;
            return Ok(query);
        }
        Err(problem::invalid_parameters(violations, more))
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// For requests that nobody can watch.
    ///
    /// # Errors
    /// `watch` is on.
    pub fn not_watched(&self) -> Result<(), Problem> {
        if !self.flag("watch")? {
            return Ok(());
        }
        Err(problem::invalid_query(
            "?watch",
            "only one cluster can be watched, with GET",
            &format!("send GET {CLUSTERS}/{{cluster_name}}?watch=true, or leave watch out"),
        ))
    }

    /// A switch: absent means off, `true` or `1` on, and `All` for a dry run, as Kubernetes has it.
    ///
    /// # Errors
    /// Any other value, and none behind the sign: `force=$FORCE` must not force where the variable is empty.
    pub fn flag(&self, key: &str) -> Result<bool, Problem> {
        match self.get(key).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some("all") if key == "dry_run" => Ok(true),
            Some(_) => Err(problem::invalid_query(
                &format!("?{key}"),
                "must be true or false",
                &format!("send {key}=true, or leave it out"),
            )),
        }
    }
}

fn unknown_parameter(key: &str, known: &[&str]) -> [String; 3] {
    let mut shown: String = key
        .chars()
        .take(MAX_SHOWN)
        .filter(|char| !char.is_control())
        .collect();
    if key.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    let hint = match domain::nearest(key, known) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("known here: {}", offered(known).join(", ")),
    };
    [
        format!("?{shown}"),
        "is no query parameter of this operation".to_owned(),
        hint,
    ]
}

/// Query parameters to suggest: `watch` is known everywhere and suggested only where its time can be limited.
fn offered<'a>(known: &[&'a str]) -> Vec<&'a str> {
    let can_watch = known.contains(&"timeout_seconds");
    let offered = known.iter().copied();
    offered
        .filter(|name| can_watch || *name != "watch")
        .collect()
}

fn repeated_parameter(name: &str) -> [String; 3] {
    let message = "is given twice with different values".to_owned();
    [format!("?{name}"), message, format!("send {name} once")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_hint_offers_what_is_taken() {
        let [_, _, hint] = unknown_parameter("pretty", SAVE_PARAMETERS);
        assert_eq!(
            hint,
            "known here: dry_run, delivery, sync, adopt, insecure_skip_check"
        );
        let [_, _, hint] = unknown_parameter("pretty", GET_PARAMETERS);
        assert!(hint.contains("watch"), "{hint}");
    }

    #[test]
    fn only_harmless_request_ids_are_taken_over() {
        assert_eq!(
            request_id(&headers(&[("x-request-id", "a-1_b.c")])).as_deref(),
            Some("a-1_b.c")
        );
        for id in ["", "a b", "a\tb", "<script>", &"x".repeat(65)] {
            assert_eq!(request_id(&headers(&[("x-request-id", id)])), None, "{id}");
        }
    }

    #[test]
    fn names_come_from_the_path() {
        assert_eq!(cluster_name("/api/v1/clusters").unwrap(), None);
        assert_eq!(cluster_name("/api/v1/clusters/").unwrap(), None);
        assert_eq!(
            cluster_name("/api/v1/clusters/a").unwrap().as_deref(),
            Some("a")
        );
        assert_eq!(
            cluster_name("/api/v1/clusters/a%20b").unwrap().as_deref(),
            Some("a b")
        );
        for path in [
            "/",
            "/api/v1/clusters/a/b",
            "/api/v1/clustersa",
            "/api/v1/clusters/%ff",
        ] {
            assert_eq!(
                cluster_name(path).unwrap_err().reason,
                Reason::RouteNotFound,
                "{path}"
            );
        }
    }

    #[test]
    fn switches_are_on_or_off_and_nothing_else() {
        let query = |text: &str| {
            let request = Request::new(vec![]).tap_uri(&format!("http://h/p?{text}"));
            Query::parse(&request, &["d", "dry_run", "x"]).unwrap()
        };
        assert!(query("dryRun=All").flag("dry_run").unwrap());
        assert!(query("d=All").flag("d").is_err());
        for (text, expected) in [
            ("", false),
            ("d", true),
            ("d=true", true),
            ("d=1", true),
            ("d=False", false),
            ("x&d", true),
            ("&&d&", true),
            ("d&d=true", true),
            ("%64=TRUE", true),
        ] {
            assert_eq!(query(text).flag("d").unwrap(), expected, "{text}");
        }
        for text in [
            "d=maybe",
            "d=",
            "d=&x=true",
            "d=%20",
            "d=true%0a",
            "d=yes",
            "d==true",
        ] {
            assert_eq!(query(text).flag("d").unwrap_err().status, 422, "{text}");
        }
    }

    #[test]
    fn wrong_parameters_are_named_up_to_a_number() {
        let refused = |text: &str| {
            let request = Request::new(vec![]).tap_uri(&format!("http://h/p?{text}"));
            Query::parse(&request, SAVE_PARAMETERS).unwrap_err()
        };
        let problem = refused("sync=true&sync=false&synk");
        let fields: Vec<_> = problem.violations.iter().map(|it| &it.field).collect();
        assert_eq!(fields, ["?sync", "?synk"]);
        assert_eq!(
            problem.violations[1].hint.as_deref(),
            Some("did you mean sync?")
        );
        let many: String = (0..21).map(|index| format!("a{index}&")).collect();
        let problem = refused(&many);
        assert_eq!(problem.violations.len(), 20);
        assert!(problem.detail.ends_with("and 1 more"), "{}", problem.detail);
        let long = refused(&"x".repeat(41));
        assert_eq!(long.violations[0].field, format!("?{}…", "x".repeat(40)));
    }

    trait TapUri {
        fn tap_uri(self, uri: &str) -> Self;
    }

    impl TapUri for Request {
        fn tap_uri(mut self, uri: &str) -> Self {
            *self.uri_mut() = uri.parse().unwrap();
            self
        }
    }
}
