//! Asking what one may do, before doing it.

use http::{Method, Request};
use serde_json::json;

use super::{Api, JSON};
use crate::kind::Target;

impl Api {
    /// Whether the token may do `verb` (as in RBAC rules) to an object. Every user may ask. The answer
    /// is read by [`crate::parse::parse_access`].
    #[must_use]
    pub fn self_subject_access_review(&self, verb: &str, target: &Target) -> Request<Vec<u8>> {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "verb": verb,
                "group": target.kind.group,
                "resource": target.kind.plural,
                "namespace": target.namespace,
                "name": target.name,
            }},
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        self.request(Method::POST, path, &[], Some((JSON, &body)))
    }
}
