//! Requests to one API server.

mod address;

use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Request};
use serde_json::{Value, json};

pub use address::ApiServerUrlError;

use crate::kind::{Kind, Target};
use crate::token::BearerToken;
use address::{base, collection, object, uri};

/// Who owns the fields that are applied.
pub const FIELD_MANAGER: &str = "nautes-clusters";

/// A `metadata.resourceVersion` that no object has, since etcd begins to count there. An apply that carries it creates its
/// object, or is refused with 409 where there is one (`GuaranteedUpdate` in Kubernetes' `registry/generic/registry/store.go`).
pub const NEW: &str = "1";

/// Objects per page of a list, as kubectl asks for.
const PAGE: &str = "500";

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Builds requests. Nothing is sent.
#[derive(Debug, Clone)]
pub struct ClusterApi {
    /// `https://host[:port][/prefix]`, no trailing slash.
    root: String,
    token: BearerToken,
}

/// Which objects to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListQuery<'a> {
    /// `None` for all namespaces.
    pub namespace: Option<&'a str>,
    /// Such as `cluster.nautes.io/usage=worker`.
    pub label_selector: Option<&'a str>,
    /// `metadata.continue` of the page before.
    pub continue_from: Option<&'a str>,
}

/// Which changes to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchQuery<'a> {
    /// The namespace.
    pub namespace: &'a str,
    /// Such as `cluster.nautes.io/name=a`.
    pub label_selector: &'a str,
    /// Version after which the events are asked for: of a list, or of the last event of a watch before.
    pub resource_version: &'a str,
    /// After how many seconds the API server ends it.
    pub seconds: u64,
}

/// The body of a DELETE. With `uid`, only that very object goes and not one that has taken its name.
#[must_use]
pub fn delete_options(uid: Option<&str>) -> Value {
    let mut options = json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Background",
    });
    if let (Some(uid), Some(options)) = (uid, options.as_object_mut()) {
        options.insert("preconditions".to_owned(), json!({ "uid": uid }));
    }
    options
}

impl ClusterApi {
    /// `base_url` is the API server's address; a path prefix is allowed (API servers behind a proxy).
    pub fn new(base_url: &str, token: BearerToken) -> Result<Self, ApiServerUrlError> {
        Ok(Self {
            root: base(base_url)?,
            token,
        })
    }

    /// Creates an object or makes it as it is here, by server-side apply: repeating is harmless.
    /// `force` takes fields over from other managers. JSON is YAML, so no YAML has to be written.
    #[must_use]
    pub fn apply(&self, target: &Target, content: &Value, force: bool) -> Request<Vec<u8>> {
        let query = [
            ("fieldManager", FIELD_MANAGER),
            ("force", if force { "true" } else { "false" }),
        ];
        let media_type = HeaderValue::from_static("application/apply-patch+yaml");
        self.send(Method::PATCH, target, &query, Some((media_type, content)))
    }

    /// Asks what would come of applying an object, with all checks of its content and nothing kept.
    #[must_use]
    pub fn try_apply(&self, target: &Target, content: &Value) -> Request<Vec<u8>> {
        let query = [
            ("fieldManager", FIELD_MANAGER),
            ("force", "true"),
            ("dryRun", "All"),
        ];
        let media_type = HeaderValue::from_static("application/apply-patch+yaml");
        self.send(Method::PATCH, target, &query, Some((media_type, content)))
    }

    /// Changes some fields (RFC 7386); null removes one. Never creates.
    #[must_use]
    pub fn merge_patch(&self, target: &Target, patch: &Value) -> Request<Vec<u8>> {
        let query = [("fieldManager", FIELD_MANAGER)];
        let media_type = HeaderValue::from_static("application/merge-patch+json");
        self.send(Method::PATCH, target, &query, Some((media_type, patch)))
    }

    /// Reads an object.
    #[must_use]
    pub fn get(&self, target: &Target) -> Request<Vec<u8>> {
        self.send(Method::GET, target, &[], None)
    }

    /// Reads an object's metadata alone: of a Secret, nothing that is secret leaves the API server.
    #[must_use]
    pub fn get_metadata(&self, target: &Target) -> Request<Vec<u8>> {
        let mut request = self.get(target);
        let media_types = HeaderValue::from_static(
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        );
        request.headers_mut().insert(ACCEPT, media_types);
        request
    }

    /// Reads a page of objects.
    #[must_use]
    pub fn list(&self, kind: &Kind, query: &ListQuery<'_>) -> Request<Vec<u8>> {
        let mut parameters = vec![("limit", PAGE)];
        parameters.extend(query.label_selector.map(|text| ("labelSelector", text)));
        parameters.extend(query.continue_from.map(|text| ("continue", text)));
        let path = collection(kind, query.namespace);
        self.request(Method::GET, &path, &parameters, None)
    }

    /// Asks for changes as they happen, with bookmarks: see [`crate::WatchReader`].
    #[must_use]
    pub fn watch(&self, kind: &Kind, query: &WatchQuery<'_>) -> Request<Vec<u8>> {
        let seconds = query.seconds.to_string();
        let parameters = [
            ("watch", "1"),
            ("labelSelector", query.label_selector),
            ("resourceVersion", query.resource_version),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", &seconds),
        ];
        let path = collection(kind, Some(query.namespace));
        self.request(Method::GET, &path, &parameters, None)
    }

    /// Deletes an object; what belongs to it is collected afterwards. With `uid`, only that very
    /// object and not one that has taken its name.
    #[must_use]
    pub fn delete(&self, target: &Target, uid: Option<&str>) -> Request<Vec<u8>> {
        let options = delete_options(uid);
        self.send(Method::DELETE, target, &[], Some((JSON, &options)))
    }

    fn send(
        &self,
        method: Method,
        target: &Target,
        query: &[(&str, &str)],
        body: Option<(HeaderValue, &Value)>,
    ) -> Request<Vec<u8>> {
        self.request(method, &object(target), query, body)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<(HeaderValue, &Value)>,
    ) -> Request<Vec<u8>> {
        let (media_type, body) = body.unzip();
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut request = Request::new(body.into_bytes());
        *request.method_mut() = method;
        *request.uri_mut() = uri(&self.root, path, query);
        let agent = concat!("nautes-clusters/", env!("CARGO_PKG_VERSION"));
        let headers: [(HeaderName, Option<HeaderValue>); 5] = [
            (AUTHORIZATION, Some(self.token.authorization())),
            (ACCEPT, Some(JSON)),
            // Without it a proxy may pack its answers as it likes (RFC 9110, section 12.5.3).
            (ACCEPT_ENCODING, Some(HeaderValue::from_static("identity"))),
            (USER_AGENT, Some(HeaderValue::from_static(agent))),
            (CONTENT_TYPE, media_type),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request.headers_mut().insert(name, value);
            }
        }
        request
    }
}

#[cfg(test)]
mod tests;
