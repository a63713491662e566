//! Failures as the caller sees them: RFC 9457 problem documents that are also the original API's errors.
//! Every reason a caller can meet is made here or in one of the submodules, and nowhere else.

use std::ops::{Deref, DerefMut};

use api::{Reason, Violation};
use serde_json::Value;

use crate::runtime::Response;

mod approval;
mod ownership;
mod refusal;
mod trial;
mod upstream;
mod validation;

pub use approval::{adoption_not_approved, credentials_not_approved, force_not_approved};
pub use ownership::taken;
pub use refusal::Refusal;
pub use trial::not_taken;
pub use upstream::{
    WriteProgress, archived, gitlab_before_writing, install_forbidden,
    kubernetes as from_kubernetes, kubernetes_for_readers as from_kubernetes_for_readers,
    not_merged, nothing_to_merge_into, push_forbidden,
};
pub use validation::{
    host_folder_gone, rejected, rejected_file, submodule, unreadable_file, unrenderable,
};

/// The media type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A failure, ready to be answered. Contains no secret. Members of the document are read and set as its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Apart, since every result of the service has room for a problem.
    document: Box<api::Problem>,
    /// Further headers, such as `Retry-After`.
    pub headers: Vec<(&'static str, String)>,
}

impl Deref for Problem {
    type Target = api::Problem;

    fn deref(&self) -> &api::Problem {
        &self.document
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut api::Problem {
        &mut self.document
    }
}

impl Problem {
    /// A failure without violations, headers or members of its own.
    #[must_use]
    pub fn new(status: u16, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            document: Box::new(api::Problem::new(status, reason, detail.into())),
            headers: Vec::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The document. `instance` is the path of the request.
    #[must_use]
    pub fn body(&self, instance: &str) -> api::Problem {
        api::Problem {
            instance: domain::shortened(instance),
            message: self.detail.clone(),
            ..(*self.document).clone()
        }
    }

    /// The answer.
    #[must_use]
    pub fn response(&self, instance: &str) -> Response {
        let mut response = crate::response::json(self.status, CONTENT_TYPE, &self.body(instance));
        for (name, value) in &self.headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(*name, value);
            }
        }
        response
    }
}

/// The reason of an answer that is a problem document.
#[must_use]
pub fn reason(response: &Response) -> Option<String> {
    let kind = response.headers().get(http::header::CONTENT_TYPE)?;
    if kind != CONTENT_TYPE {
        return None;
    }
    let body: Value = serde_json::from_slice(response.body()).ok()?;
    body.get("reason")?.as_str().map(str::to_owned)
}

/// No token in the request.
#[must_use]
pub fn no_token() -> Problem {
    Problem::new(
        401,
        Reason::Unauthenticated,
        "the request has no access token; send a GitLab token with scope api as Authorization: Bearer <token>",
    )
    .header("www-authenticate", "Bearer")
}

/// A request whose token can't be used as it was sent. `what` tells how it was, without the token.
#[must_use]
pub fn unusable_token(what: &str) -> Problem {
    let detail = format!(
        "{what}; send a GitLab token with scope api as Authorization: Bearer <token>, or alone as PRIVATE-TOKEN"
    );
    Problem::new(401, Reason::Unauthenticated, detail).header("www-authenticate", "Bearer")
}

/// A variable of the application is missing or unusable: the operator's to mend.
#[must_use]
pub fn misconfigured(error: &impl std::fmt::Display) -> Problem {
    Problem::new(
        500,
        Reason::Misconfigured,
        format!("the service is not configured: {error}"),
    )
}

/// There is no such cluster.
#[must_use]
pub fn cluster_not_found(name: &str) -> Problem {
    Problem::new(
        404,
        Reason::ClusterNotFound,
        format!("cluster {} is not registered", domain::shortened(name)),
    )
}

/// As many clusters are watched as may be. `which` says whose.
#[must_use]
pub fn too_many_watches(which: &str) -> Problem {
    let detail = format!("{which}; end one, or wait and send the request again");
    Problem::new(429, Reason::TooManyRequests, detail).header("retry-after", "5")
}

/// Other writers were faster, again and again.
#[must_use]
pub fn concurrent_change(detail: impl Into<String>) -> Problem {
    Problem::new(409, Reason::ConcurrentChange, detail).header("retry-after", "2")
}

/// The commit of this request was made late, and somebody has changed the cluster since. No time is said after which to send the
/// request again: a client that does so by itself would undo what they did.
#[must_use]
pub fn changed_since(name: &str) -> Problem {
    let detail = format!(
        "the commit of this request was made, and somebody has changed cluster {name} since; look at the cluster, and \
         send the request again if it is still what you want"
    );
    Problem::new(409, Reason::ConcurrentChange, detail)
}

/// A request whose query has a value that is not allowed.
#[must_use]
pub fn invalid_query(field: &str, message: &str, hint: &str) -> Problem {
    let mut problem = Problem::new(422, Reason::ValidationFailed, format!("{field}: {message}"));
    problem.violations.push(Violation {
        field: field.to_owned(),
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    });
    problem
}

/// A query with parameters that are not allowed, each as field, message and hint, and a number of further ones.
#[must_use]
pub fn invalid_parameters(wrong: Vec<[String; 3]>, more: usize) -> Problem {
    let mut details = Vec::new();
    let mut problem = Problem::new(422, Reason::ValidationFailed, "");
    for [field, message, hint] in wrong {
        details.push(format!("{field}: {message}"));
        problem.violations.push(Violation {
            field,
            message,
            hint: Some(hint),
        });
    }
    if more > 0 {
        details.push(format!("and {more} more"));
    }
    problem.detail = details.join("; ");
    problem
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_document_is_both_kinds_of_error_at_once() {
        let body = cluster_not_found("a").body("/api/v1/clusters/a");
        assert_eq!(
            serde_json::to_value(body).unwrap(),
            json!({
                "type": "urn:nautes:clusters:problem:CLUSTER_NOT_FOUND",
                "title": "Cluster not found",
                "status": 404,
                "detail": "cluster a is not registered",
                "instance": "/api/v1/clusters/a",
                "code": 404,
                "reason": Reason::ClusterNotFound,
                "message": "cluster a is not registered",
            })
        );
    }

    #[test]
    fn what_comes_from_outside_is_cut_and_on_one_line() {
        let name = "a\r\n".to_owned() + &"b".repeat(7_000);
        let problem = cluster_not_found(&name);
        assert!(problem.detail.len() < 200, "{}", problem.detail);
        assert!(!problem.detail.contains('\n'), "{}", problem.detail);
        let body = problem.body(&format!("/api/v1/clusters/{name}"));
        assert!(body.instance.len() < 200, "{}", body.instance);
    }

    #[test]
    fn what_others_changed_is_not_to_be_changed_again_by_itself() {
        let has_time = |problem: Problem| {
            problem
                .headers
                .iter()
                .any(|(name, _)| *name == "retry-after")
        };
        assert!(has_time(concurrent_change("others were faster")));
        assert!(!has_time(changed_since("a")));
    }

    #[test]
    fn the_answer_has_its_type_length_and_headers() {
        let response = no_token().response("/");
        assert_eq!(response.status(), 401);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let length = response.headers()["content-length"]
            .to_str()
            .unwrap()
            .parse::<usize>()
            .unwrap();
        assert_eq!(length, response.body().len());
    }
}
