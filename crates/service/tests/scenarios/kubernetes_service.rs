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
    /// Answers to objects, by `plural/name`, that would not be taken.
    pub refused: BTreeMap<String, Response>,
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
            Method::DELETE => self.delete(&key, request),
            _ => panic!("no such call: {key}"),
        }
    }

    /// Whether the object is the one that a request means.
    fn is_meant(&self, key: &str, uid: &Value) -> bool {
        let stored = self.objects.get(key);
        uid.is_null() || stored.is_some_and(|stored| stored["metadata"]["uid"] == *uid)
    }

    /// As kube-apiserver 1.37 refuses an apply or a merge patch with another uid, or one of an object that is gone.
    fn refuse_uid(&self, key: &str) -> Response {
        if !self.objects.contains_key(key) {
            return status(409, "Conflict");
        }
        let causes = json!([{"reason": "FieldValueInvalid", "message": "field is immutable", "field": "metadata.uid"}]);
        let body = json!({"kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422,
            "message": "metadata.uid: field is immutable", "details": {"causes": causes}});
        answer(422, &body)
    }

    fn delete(&mut self, key: &str, request: &Request) -> Response {
        let options: Value = serde_json::from_slice(request.body()).unwrap();
        if !self.objects.contains_key(key) {
            return status(404, "NotFound");
        }
        if !self.is_meant(key, &options["preconditions"]["uid"]) {
            return status(409, "Conflict");
        }
        self.objects.remove(key);
        answer(200, &json!({"kind": "Status", "status": "Success"}))
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
            let labels = &object["metadata"]["labels"];
            let Some(selector) = &selector else {
                return true;
            };
            if let Some((name, values)) = selector.split_once(" in ") {
                let mut values = values.trim_matches(['(', ')']).split(',');
                return values.any(|value| labels[name] == value);
            }
            let mut terms = selector.split(',');
            terms.all(
                |term| match (term.strip_prefix('!'), term.split_once('=')) {
                    (Some(name), _) => labels[name].is_null(),
                    (None, Some((name, value))) => labels[name] == value,
                    (None, None) => panic!("{term}"),
                },
            )
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
        if !self.is_meant(key, &object["metadata"]["uid"]) {
            return self.refuse_uid(key);
        }
        // Fields that another manager has written are taken over by force alone.
        let is_forced = request.uri().query().unwrap().contains("force=true");
        if let (Some(stored), false) = (self.objects.get(key), is_forced)
            && stored["metadata"]["managedFields"][0]["manager"] != "nautes-clusters"
        {
            let cause = json!({"reason": "FieldManagerConflict", "message": "conflict with \"other\"", "field": ".data"});
            let body = json!({"kind": "Status", "status": "Failure", "reason": "Conflict", "code": 409,
                "message": "conflict", "details": {"causes": [cause]}});
            return answer(409, &body);
        }
        if request.uri().query().unwrap().contains("dryRun=All") {
            return self
                .refused
                .get(key)
                .cloned()
                .unwrap_or_else(|| answer(200, &object));
        }
        let code = if self.objects.contains_key(key) {
            200
        } else {
            201
        };
        let stored = self
            .objects
            .entry(key.to_owned())
            .or_insert(json!({"metadata": {"uid": format!("uid of {key}")}}));
        merge(stored, object);
        let managers = json!([{"manager": "nautes-clusters", "operation": "Apply"}]);
        merge(stored, json!({"metadata": {"managedFields": managers}}));
        answer(code, stored)
    }

    fn patch(&mut self, key: &str, request: &Request) -> Response {
        let patch: Value = serde_json::from_slice(request.body()).unwrap();
        if !self.objects.contains_key(key) {
            return status(404, "NotFound");
        }
        if !self.is_meant(key, &patch["metadata"]["uid"]) {
            return self.refuse_uid(key);
        }
        let stored = self.objects.get_mut(key).unwrap();
        merge(stored, patch);
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
