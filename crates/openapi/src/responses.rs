//! The answers of an operation.

use std::collections::BTreeMap;

use service::runtime::Response as Answer;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Responses, ResponsesBuilder,
};

use crate::events;
use crate::problems::{ProblemSample, samples};

/// Headers that answers have besides `Content-Type` and `Content-Length`.
const HEADERS: [(&str, &str); 8] = [
    (
        "X-Request-Id",
        "The id of the request: as it was sent, or a new one. It is in the logs and in the commit message.",
    ),
    ("Cache-Control", "`no-store`."),
    ("X-Content-Type-Options", "`nosniff`."),
    (
        "Server-Timing",
        "Where the time went, in milliseconds: `gitlab.open;dur=41.207, …, total;dur=180.550`.",
    ),
    (
        "Retry-After",
        "Seconds to wait before the request is sent again.",
    ),
    (
        "WWW-Authenticate",
        "`Bearer`; with `error=\"invalid_token\"` where the token has expired or was revoked.",
    ),
    ("Allow", "The methods that the path has."),
    ("Accept-Post", "The content types that a save accepts."),
];

/// What the gateway answers to any request that it can't hand on.
const GENERAL: [&str; 6] = [
    "ROUTE_NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "MALFORMED_BODY",
    "BODY_TIMEOUT",
    "BODY_TOO_LARGE",
    "REQUEST_REFUSED",
];

/// Statuses that an operator's gateway gives of its own accord; not every one of them can do so as JSON.
const OF_GATEWAYS: [u16; 5] = [413, 429, 502, 503, 504];

/// The headers, for reference.
pub(crate) fn headers() -> Vec<(&'static str, Header)> {
    let header = |description| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .description(Some(description))
            .build()
    };
    HEADERS
        .map(|(name, description)| (name, header(description)))
        .into()
}

/// A success with a body of a schema.
pub(crate) fn success(description: &str, schema: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content);
    general_headers(response).build()
}

/// The same, or server-sent events where the request asks for them.
pub(crate) fn success_or_events(description: &str, schema: &str) -> Response {
    let mut response = success(description, schema);
    let content_type = "text/event-stream".to_owned();
    response
        .content
        .insert(content_type, RefOr::T(events::content()));
    response
}

/// The answers to `HEAD`.
pub(crate) fn headers_alone(success: &str) -> Responses {
    let answer = |description: &str| {
        general_headers(ResponseBuilder::new().description(description)).build()
    };
    let failure = "A failure: the status and the headers that `GET` is answered with.";
    ResponsesBuilder::new()
        .response("200", answer(success))
        .response("4XX", answer(failure))
        .response("5XX", answer(failure))
        .build()
}

/// A success and the failures with these reasons, by status.
pub(crate) fn responses(success: Response, failures: &[&str]) -> Responses {
    let mut by_status: BTreeMap<u16, Vec<ProblemSample>> = BTreeMap::new();
    let mut general = Vec::new();
    for sample in samples() {
        let reason = sample.problem.reason.as_str();
        let is_own = failures.contains(&reason);
        if !is_own && GENERAL.contains(&reason) {
            general.push(sample);
        } else if is_own || sample.is_of_gateway {
            by_status
                .entry(sample.problem.status)
                .or_default()
                .push(sample);
        }
    }
    let failures = by_status.into_iter().map(|(status, samples)| {
        let response = failure(&samples);
        let response = if OF_GATEWAYS.contains(&status) {
            or_text(response)
        } else {
            response
        };
        (status.to_string(), response)
    });
    ResponsesBuilder::new()
        .response("200", success)
        .responses_from_iter(failures)
        .response("default", or_text(failure(&general)))
        .build()
}

/// The same, or the text of a gateway that makes no JSON.
fn or_text(mut response: Response) -> Response {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("A gateway's own words, such as Traefik's."));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    response
        .content
        .insert("text/plain".to_owned(), RefOr::T(content));
    response
}

fn failure(samples: &[ProblemSample]) -> Response {
    let lines: Vec<String> = samples
        .iter()
        .map(|sample| match sample.problem.status {
            status if samples.iter().all(|other| other.problem.status == status) => {
                format!("* `{}`: {}", sample.problem.reason, sample.when)
            }
            status => format!("* {status} `{}`: {}", sample.problem.reason, sample.when),
        })
        .collect();
    let mut response = ResponseBuilder::new().description(lines.join("\n"));
    for sample in samples {
        let answer = sample.problem.response("/");
        for (name, _) in HEADERS.iter().filter(|(name, _)| has(&answer, name)) {
            response = response.header_ref(*name, reference(name));
        }
    }
    let examples = samples.iter().map(|sample| {
        let example = Ref::new(format!("#/components/examples/{}", sample.name));
        (sample.name.clone(), RefOr::Ref(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples);
    let response = response.content(service::problem::CONTENT_TYPE, content.build());
    general_headers(response).build()
}

fn has(answer: &Answer, header: &str) -> bool {
    answer.headers().contains_key(header)
}

fn general_headers(response: ResponseBuilder) -> ResponseBuilder {
    let names = [
        "X-Request-Id",
        "Cache-Control",
        "X-Content-Type-Options",
        "Server-Timing",
    ];
    names.into_iter().fold(response, |response, name| {
        response.header_ref(name, reference(name))
    })
}

fn reference(header: &str) -> Ref {
    Ref::new(format!("#/components/headers/{header}"))
}
