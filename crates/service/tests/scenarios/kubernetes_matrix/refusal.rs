//! Every way to do something with an API server, as it would say no.

use std::time::Duration;

use serde_json::{Value, json};
use service::runtime::{Response, TransportError};

use crate::gitlab_service::answer;
use crate::runtime::Fate;
use crate::setting::text;

/// A way to refuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    Unauthorized,
    Forbidden,
    NotFound,
    KindMissing,
    Changed,
    FieldConflict,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    InternalError,
    HtmlPage,
    /// Of a proxy that asks for a sign-in of its own.
    SignInPage,
    /// Of a firewall.
    HtmlForbidden,
    /// Of a load balancer that knows no such path.
    HtmlMissing,
    /// Of a proxy that packs what nobody asked it to.
    Packed,
    Hang,
}

use Refusal::*;

pub const REFUSALS: [Refusal; 16] = [
    Unauthorized,
    Forbidden,
    NotFound,
    KindMissing,
    Changed,
    FieldConflict,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    InternalError,
    HtmlPage,
    SignInPage,
    HtmlForbidden,
    HtmlMissing,
    Packed,
    Hang,
];

fn status(code: u16, reason: &str, message: &str, causes: Value) -> Response {
    answer(
        code,
        &json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason,
            "message": message, "details": {"causes": causes}}),
    )
}

impl Refusal {
    pub fn fate(self) -> Fate {
        let cause = |reason: &str, message: &str| json!([{"reason": reason, "message": message, "field": ".spec"}]);
        let none = json!([]);
        Fate::Answer(match self {
            Unauthorized => status(401, "Unauthorized", "Unauthorized", none),
            Forbidden => status(403, "Forbidden", "User \"u\" cannot do that", none),
            NotFound => status(404, "NotFound", "x \"y\" not found", none),
            KindMissing => text(404, "404 page not found\n"),
            Changed => status(409, "Conflict", "the object has been modified", none),
            FieldConflict => {
                let message = "conflict with \"kubectl\" using v1";
                let causes = cause("FieldManagerConflict", message);
                status(409, "Conflict", "Apply failed with 1 conflict", causes)
            }
            UnsupportedMediaType => status(415, "UnsupportedMediaType", "takes json", none),
            Invalid => status(
                422,
                "Invalid",
                "is invalid",
                cause("FieldValueInvalid", "y"),
            ),
            TooManyRequests => text(429, "Too many requests, please try again later."),
            InternalError => status(500, "InternalError", "etcd is gone", none),
            HtmlPage => text(503, "<html>down</html>"),
            SignInPage => text(200, "<html>sign in</html>"),
            HtmlForbidden => text(403, "<html>blocked</html>"),
            HtmlMissing => text(404, "<html>not here</html>"),
            Packed => {
                let mut response = text(200, "\u{1f}\u{8b}");
                let coding = "gzip".parse().unwrap();
                response.headers_mut().insert("content-encoding", coding);
                response
            }
            Hang => return Fate::Lost(TransportError::Timeout(Duration::from_secs(15))),
        })
    }

    /// What the detail has to say, besides naming verb and object.
    pub fn words(self, plural: &str) -> Vec<String> {
        let words = match self {
            Unauthorized => vec!["does not accept the token", "kubernetes_token"],
            Forbidden => vec!["User \"u\" cannot", "grant it in namespace", "verbs: ["],
            NotFound => vec!["not found"],
            KindMissing => vec!["install the custom resource definition"],
            Changed => vec!["has been modified"],
            FieldConflict => vec![".spec is managed by kubectl", "give these fields up"],
            UnsupportedMediaType => vec!["takes json", "Kubernetes 1.18"],
            Invalid => vec!["is invalid"],
            TooManyRequests => vec!["limits the rate"],
            InternalError => vec!["status 500", "etcd is gone"],
            HtmlPage => vec!["status 503", "an HTML page"],
            SignInPage => vec!["status 200", "not a kubernetes object"],
            HtmlForbidden => vec!["status 403", "an HTML page"],
            HtmlMissing => vec!["status 404", "an HTML page"],
            Packed => vec!["status 200", "the content coding gzip"],
            Hang => return vec!["no answer within 15 seconds".to_owned()],
        };
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        if self == Forbidden {
            words.push(format!("resources: [\"{plural}\"]"));
        }
        words
    }

    pub fn is_missing(self) -> bool {
        matches!(self, NotFound | KindMissing)
    }
}
