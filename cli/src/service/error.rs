//! Failures of requests: the service's own words, or those of whatever stands between it and us.

use std::error::Error;
use std::fmt::Write as _;

use api::Problem;
use url::Url;

use crate::args::OutputFormat;
use crate::connectivity::{ConnectionFailure, Peer};

/// A failure of a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    /// The service's own words.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// Not the service's: a gateway, a proxy, a login page.
    #[error("{0}")]
    Gateway(GatewayAnswer),
    /// No answer.
    #[error("{server} can't be reached: {}", told(*.failure, .causes, Peer::Service))]
    Unreachable {
        /// The service's address.
        server: String,
        /// Why, from the outermost to the innermost cause.
        causes: String,
        /// Kind of failure.
        failure: ConnectionFailure,
    },
    /// A success that is none of this API's.
    #[error(
        "the answer (status {status}) is not this API's: {error}: {excerpt}; is the URL the service's?"
    )]
    Unexpected {
        /// HTTP status.
        status: u16,
        /// Reason why it can't be read.
        error: String,
        /// Beginning of the answer.
        excerpt: String,
    },
    /// A request that can't be repeated.
    #[error("the request can't be sent")]
    Unsent,
}

/// An answer that is not a problem document.
#[derive(Debug)]
pub(crate) struct GatewayAnswer {
    /// HTTP status.
    pub(super) status: u16,
    /// Name of the gateway, such as `nginx`.
    pub(super) server: Option<String>,
    /// Where it leads, if anywhere.
    pub(super) location: Option<String>,
    /// A JSON document, but no problem.
    pub(super) is_json: bool,
    /// Beginning of the answer as text.
    pub(super) excerpt: String,
}

impl std::fmt::Display for GatewayAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = reqwest::StatusCode::from_u16(self.status);
        let name = status
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let what = if self.is_json {
            "an answer that is not this API's"
        } else {
            "a gateway's page"
        };
        write!(formatter, "{what}: {} {name}", self.status)?;
        if let Some(server) = &self.server {
            write!(formatter, " from {server}")?;
        }
        if !self.excerpt.is_empty() {
            write!(formatter, " («{}»)", self.excerpt)?;
        }
        if let Some(location) = &self.location {
            write!(formatter, ", which leads to {}", without_query(location))?;
        }
        write!(formatter, "; {}", self.way_out())
    }
}

impl GatewayAnswer {
    fn way_out(&self) -> &'static str {
        match self.status {
            300..=399 => "the URL is not the service's own, or somebody has to log in there first",
            401 | 403 | 407 => "something in front of the service asks for a login of its own",
            404 => "nothing answers at this address: is the URL the service's?",
            413 => "the gateway takes no body of this size",
            429 => "the gateway lets no more requests through at the moment",
            502..=504 => {
                "the service is not running or takes too long; whether the request was carried out is not known: run the \
                 command again, that is harmless"
            }
            _ => "is the URL the service's?",
        }
    }
}

impl ServiceError {
    /// Names, behind each hint, the argument that does what the hint says.
    pub(crate) fn with_hints(
        mut self,
        format: OutputFormat,
        argument_of: fn(&str) -> Option<&'static str>,
    ) -> Self {
        // A document is the service's own.
        if format != OutputFormat::Text {
            return self;
        }
        if let Self::Problem(problem) = &mut self {
            for violation in &mut problem.violations {
                let Some(argument) = argument_of(&violation.field) else {
                    continue;
                };
                let hint = violation.hint.take().unwrap_or_default();
                let separator = if hint.is_empty() { "" } else { "; " };
                violation.hint = Some(format!("{hint}{separator}here that is {argument}"));
            }
        }
        self
    }

    /// The request was not carried out, and nothing was written: by the service's rules, or because something in front of
    /// it kept the request. A problem that names a commit is none.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Problem(problem) => {
                problem.status < 500 && !matches!(problem.commit, Some(Some(_)))
            }
            Self::Gateway(answer) => (300..500).contains(&answer.status),
            Self::Unreachable { .. } | Self::Unexpected { .. } | Self::Unsent => false,
        }
    }

    /// No answer came.
    pub(super) fn unreachable(server: &Url, error: &reqwest::Error) -> Self {
        Self::Unreachable {
            server: server.as_str().trim_end_matches('/').to_owned(),
            causes: causes(error),
            failure: ConnectionFailure::of(error),
        }
    }

    /// The problem document, if it is one.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Tells whether the service says that there is no such cluster.
    pub(crate) fn is_not_found(&self) -> bool {
        self.problem()
            .is_some_and(|problem| problem.reason == api::Reason::ClusterNotFound)
    }

    /// Tells whether others, or other requests of this token, take all the room there is.
    pub(crate) fn is_too_many(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status == 429,
            Self::Gateway(answer) => answer.status == 429,
            Self::Unreachable { .. } | Self::Unexpected { .. } | Self::Unsent => false,
        }
    }

    /// Tells whether a gateway publishes nothing at the path that was asked.
    pub(crate) fn is_no_route(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.reason == api::Reason::RouteNotFound,
            Self::Gateway(answer) => answer.status == 404,
            Self::Unreachable { .. } | Self::Unexpected { .. } | Self::Unsent => false,
        }
    }

    /// Tells whether the same request may be answered a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Problem(problem) => matches!(problem.status, 502..=504),
            Self::Gateway(answer) => matches!(answer.status, 429 | 502..=504),
            Self::Unreachable { failure, .. } => !failure.is_certificate(),
            Self::Unexpected { .. } | Self::Unsent => false,
        }
    }
}

/// A failure in words: what it is, the causes in brackets, the way out.
fn told(failure: ConnectionFailure, causes: &str, peer: Peer) -> String {
    let way_out = match failure.way_out(peer) {
        "" => String::new(),
        way_out => format!("; {way_out}"),
    };
    format!("{}{way_out}", named(failure, causes))
}

/// The same without the way out.
pub(crate) fn named(failure: ConnectionFailure, causes: &str) -> String {
    match failure.words() {
        "" => causes.to_owned(),
        words => format!("{words} ({causes})"),
    }
}

/// An error and its causes. The outermost one repeats the URL, which is named already.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !texts.iter().any(|before| before.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    match texts.is_empty() {
        true => error.to_string(),
        false => texts.join(": "),
    }
}

/// Letters of an answer that are shown.
const EXCERPT: usize = 160;

/// The beginning of an answer as one line of text: the title of a page where it has one.
pub(super) fn excerpt(text: &str) -> String {
    let titled = ["title", "h1"].iter().find_map(|tag| element(text, tag));
    let text = titled.unwrap_or(text);
    let mut plain = String::new();
    let mut in_tag = false;
    for char in text.chars() {
        match char {
            '<' => in_tag = true,
            '>' => in_tag = false,
            char if !in_tag => plain.push(char),
            _ => {}
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let line: String = words
        .join(" ")
        .chars()
        .filter(|char| !char.is_control())
        .collect();
    let mut shown: String = line.chars().take(EXCERPT).collect();
    if shown.len() < line.len() {
        write!(shown, "…").ok();
    }
    shown
}

fn element<'t>(text: &'t str, tag: &str) -> Option<&'t str> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find(&format!("<{tag}"))?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let length = lower.get(start..)?.find(&format!("</{tag}"))?;
    text.get(start..start + length)
}

/// A login page's address without what it carries along.
fn without_query(location: &str) -> &str {
    location.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, excerpt: &str) -> GatewayAnswer {
        GatewayAnswer {
            status,
            server: Some("nginx".to_owned()),
            location: None,
            is_json: false,
            excerpt: excerpt.to_owned(),
        }
    }

    #[test]
    fn a_problem_that_names_a_commit_is_no_refusal() {
        let is_refusal = |commit: Option<Option<api::Commit>>| {
            let mut problem = Problem::new(409, api::Reason::ConcurrentChange, "d".to_owned());
            problem.commit = commit;
            ServiceError::Problem(Box::new(problem)).is_refusal()
        };
        assert!(is_refusal(None) && is_refusal(Some(None)));
        assert!(!is_refusal(Some(Some(api::Commit::default()))));
    }

    #[test]
    fn a_page_is_told_by_its_title() {
        let nginx = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>x</h1></center></body></html>";
        assert_eq!(excerpt(nginx), "502 Bad Gateway");
        assert_eq!(excerpt("<H1 class=a>Log <b>in</b></H1>"), "Log in");
        assert_eq!(
            excerpt("upstream connect error\n\x1b[31m or disconnect"),
            "upstream connect error [31m or disconnect"
        );
        assert_eq!(excerpt(&"a".repeat(500)).chars().count(), EXCERPT + 1);
        assert_eq!(excerpt("<title>é"), "é");
    }

    #[test]
    fn a_gateway_is_told_as_what_it_is() {
        insta::assert_snapshot!(answer(502, "502 Bad Gateway"), @"a gateway's page: 502 Bad Gateway from nginx («502 Bad Gateway»); the service is not running or takes too long; whether the request was carried out is not known: run the command again, that is harmless");
        let login = GatewayAnswer {
            location: Some("https://login.example.com/?state=secret".to_owned()),
            ..answer(302, "")
        };
        insta::assert_snapshot!(login, @"a gateway's page: 302 Found from nginx, which leads to https://login.example.com/; the URL is not the service's own, or somebody has to log in there first");
    }
}
