//! A Kubernetes API in memory: apply, merge patch, delete, read. No controllers.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Map, Value, json};
use service::runtime::{Request, Response};

use crate::gitlab_service::answer;

#[derive(Default)]
pub struct Kubernetes {
    /// By `plural/name`.
    pub objects: BTreeMap<String, Value>,
    /// Plurals whose CRD is not installed.
    pub missing: BTreeSet<&'static str>,
}

fn status(code: u16, reason: &str) -> Response {
    answer(
        code,
        &json!({"kind": "Status", "status": "Failure", "reason": reason, "message": reason, "code": code}),
    )
}

/// `plural` or `plural/name`.
pub fn describe(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').skip(1).collect();
    parts.drain(..if parts[0] == "api" { 2 } else { 3 });
    if parts[0] == "namespaces" {
        parts.drain(..2);
    }
    parts.join("/")
}

impl Kubernetes {
    pub fn put(&mut self, key: &str, object: Value) {
        self.objects.insert(key.to_owned(), object);
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let key = describe(request.uri().path());
        let (plural, name) = key.split_once('/').unwrap_or((&key, ""));
        if self.missing.contains(plural) {
            let mut response = Response::new(b"404 page not found\n".to_vec());
            *response.status_mut() = http::StatusCode::NOT_FOUND;
            return response;
        }
        let apply = request
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind == "application/apply-patch+yaml");
        match *request.method() {
            Method::GET if name.is_empty() => self.list(plural, request),
            Method::GET => self.get(&key),
            Method::PATCH if apply => self.apply(&key, request),
            Method::PATCH => self.patch(&key, request),
            Method::DELETE => match self.objects.remove(&key) {
                Some(_) => answer(200, &json!({"kind": "Status", "status": "Success"})),
                None => status(404, "NotFound"),
            },
            _ => panic!("no such call: {key}"),
        }
    }

    fn get(&self, key: &str) -> Response {
        match self.objects.get(key) {
            Some(object) => answer(200, object),
            None => status(404, "NotFound"),
        }
    }

    fn list(&self, plural: &str, request: &Request) -> Response {
        let query = request.uri().query().unwrap_or_default();
        let selector = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "labelSelector")
            .map(|(_, value)| value.into_owned());
        let wanted = |object: &&Value| {
            let Some((name, value)) = selector.as_deref().and_then(|it| it.split_once('=')) else {
                return true;
            };
            object["metadata"]["labels"][name] == value
        };
        let prefix = format!("{plural}/");
        let objects = self
            .objects
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix));
        let items: Vec<&Value> = objects.map(|(_, object)| object).filter(wanted).collect();
        answer(
            200,
            &json!({"kind": "List", "metadata": {}, "items": items}),
        )
    }

    fn apply(&mut self, key: &str, request: &Request) -> Response {
        let object: Value = serde_json::from_slice(request.body()).unwrap();
        let code = if self.objects.contains_key(key) {
            200
        } else {
            201
        };
        let stored = self
            .objects
            .entry(key.to_owned())
            .or_insert(json!({"metadata": {"uid": key}}));
        merge(stored, object);
        let managers = json!([{"manager": "nautes-clusters", "operation": "Apply"}]);
        merge(stored, json!({"metadata": {"managedFields": managers}}));
        answer(code, stored)
    }

    fn patch(&mut self, key: &str, request: &Request) -> Response {
        let Some(stored) = self.objects.get_mut(key) else {
            return status(404, "NotFound");
        };
        merge(stored, serde_json::from_slice(request.body()).unwrap());
        answer(200, stored)
    }
}

/// RFC 7386.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let object = target.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            object.remove(&name);
        } else {
            merge(object.entry(name).or_insert(Value::Null), value);
        }
    }
}
