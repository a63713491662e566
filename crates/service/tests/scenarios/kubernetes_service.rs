//! A Kubernetes API in memory: apply, merge patch, delete, read. No controllers.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    /// The Applications at each list, from whose version a watch goes on.
    listed: Vec<BTreeMap<String, Value>>,
    /// Versions from which watches went on.
    pub watched_from: Vec<usize>,
}

/// What a watch has told so far.
pub struct Changes {
    selector: String,
    told: BTreeMap<String, Value>,
}

fn status(code: u16, reason: &str) -> Response {
    answer(
        code,
        &json!({"kind": "Status", "status": "Failure", "reason": reason, "message": reason, "code": code}),
    )
}

/// `plural` or `plural/name`.
pub fn describe(path: &str) -> String {
    if path == "/readyz" {
        return "readyz".to_owned();
    }
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
        if plural == "readyz" {
            return answer(200, &json!("ok"));
        }
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
            Method::GET if is_watch(request) => answer(200, &json!({})),
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
            Some(object) => answer(200, &with_version(key, object)),
            None => status(404, "NotFound"),
        }
    }

    fn list(&mut self, plural: &str, request: &Request) -> Response {
        let selector = parameter(request, "labelSelector");
        let items = self.selected(plural, selector.as_deref());
        let mut metadata = json!({});
        if plural == "applications" {
            let all = self.selected(plural, None);
            self.listed.push(all);
            metadata["resourceVersion"] = self.listed.len().to_string().into();
        }
        let items: Vec<&Value> = items.values().collect();
        answer(
            200,
            &json!({"kind": "List", "metadata": metadata, "items": items}),
        )
    }

    /// Begins a watch from a list's version.
    pub fn watch(&mut self, request: &Request) -> Changes {
        let selector = parameter(request, "labelSelector").unwrap();
        let version = parameter(request, "resourceVersion").unwrap();
        let version: usize = version.parse().unwrap();
        self.watched_from.push(version);
        let listed = self.listed[version - 1].clone().into_iter();
        Changes {
            told: listed
                .filter(|(_, object)| is_selected(object, Some(&selector)))
                .collect(),
            selector,
        }
    }

    /// The newest version of a list.
    pub fn listed(&self) -> usize {
        self.listed.len()
    }

    /// What has changed since, as lines of a watch. A version that a watch tells is good for another watch.
    pub fn changes(&mut self, since: &mut Changes) -> Vec<u8> {
        let now = self.selected("applications", Some(&since.selector));
        let told = std::mem::replace(&mut since.told, now.clone());
        let event = |kind: &str, object: &Value| (kind.to_owned(), object.clone());
        let gone = told.iter().filter(|(name, _)| !now.contains_key(*name));
        let mut events: Vec<_> = gone.map(|(_, old)| event("DELETED", old)).collect();
        events.extend(now.iter().filter_map(|(name, new)| match told.get(name) {
            None => Some(event("ADDED", new)),
            Some(old) if old != new => Some(event("MODIFIED", new)),
            Some(_) => None,
        }));
        if !events.is_empty() {
            let all = self.selected("applications", None);
            self.listed.push(all);
        }
        let version = self.listed.len().to_string();
        let lines = events.into_iter().map(|(kind, mut object)| {
            object["metadata"]["resourceVersion"] = version.clone().into();
            format!("{}\n", json!({"type": kind, "object": object}))
        });
        lines.collect::<String>().into_bytes()
    }

    fn selected(&self, plural: &str, selector: Option<&str>) -> BTreeMap<String, Value> {
        let prefix = format!("{plural}/");
        let objects = self.objects.iter();
        let wanted = objects
            .filter(|(key, object)| key.starts_with(&prefix) && is_selected(object, selector));
        wanted
            .map(|(key, object)| (key.clone(), with_version(key, object)))
            .collect()
    }

    fn apply(&mut self, key: &str, request: &Request) -> Response {
        let object: Value = serde_json::from_slice(request.body()).unwrap();
        if !self.is_meant(key, &object["metadata"]["uid"]) {
            return self.refuse_uid(key);
        }
        // As kube-apiserver refuses a version that is not the object's.
        let version = &object["metadata"]["resourceVersion"];
        if let Some(stored) = self.objects.get(key)
            && !version.is_null()
            && *version != version_of(stored)
        {
            return status(409, "Conflict");
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
        merge(stored, json!({"metadata": {"resourceVersion": null}}));
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

/// The same for the same content, so that two histories with the same outcome can be compared.
fn version_of(object: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    object.to_string().hash(&mut hasher);
    hasher.finish().to_string()
}

/// Versions are in answers alone, and of Secrets alone: nothing else is written for a version.
fn with_version(key: &str, object: &Value) -> Value {
    let mut object = object.clone();
    if key.starts_with("secrets/") {
        object["metadata"]["resourceVersion"] = version_of(&object).into();
    }
    object
}

fn is_watch(request: &Request) -> bool {
    parameter(request, "watch").is_some()
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let found = parameters.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

fn is_selected(object: &Value, selector: Option<&str>) -> bool {
    let labels = &object["metadata"]["labels"];
    let Some(selector) = selector else {
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
            (None, None) => !labels[term].is_null(),
        },
    )
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
