//! A browser, and the functions behind the console.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use api::{Cluster, Problem, Reason};
use futures::FutureExt as _;
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};
use service::log::Event;
use service::runtime::{AnswerLimit, Opened, Pieces, Request, Response, Runtime, TransportError};
use web_console::{ConsoleSettings, Reply, handle};

/// 2027-01-15T08:00:00Z.
pub const NOW: u64 = 1_800_000_000;

/// Functions that answer what a test has them answer. What they were not told to answer fails.
#[derive(Default)]
pub struct Functions {
    answers: RefCell<BTreeMap<String, (u16, Value)>>,
    calls: RefCell<Vec<(String, Vec<u8>)>>,
    random: Cell<u64>,
    /// Seconds since [`NOW`].
    passed: Cell<u64>,
}

impl Functions {
    /// Of a tenant without hosts.
    pub fn new() -> Self {
        let functions = Self::default();
        functions.answer(HOSTS, 200, json!({"items": []}));
        functions
    }

    /// Has a call, such as `GET /api/v1/clusters/a`, answered.
    pub fn answer(&self, call: &str, status: u16, body: Value) {
        let mut answers = self.answers.borrow_mut();
        answers.insert(call.to_owned(), (status, body));
    }

    /// Has a call fail.
    pub fn refuse(&self, call: &str, status: u16, reason: Reason) {
        let problem = Problem::new(status, reason, "this was refused".to_owned());
        self.answer(call, status, json!(problem));
    }

    /// Has a call fail for rules that do not hold: fields and what is said of them.
    pub fn find_fault(&self, call: &str, violations: &[(&str, &str)]) {
        let mut problem = Problem::new(
            422,
            Reason::ValidationFailed,
            "rules do not hold".to_owned(),
        );
        let violations = violations.iter();
        problem.violations = violations
            .map(|(field, message)| api::Violation {
                field: (*field).to_owned(),
                message: (*message).to_owned(),
                hint: None,
            })
            .collect();
        self.answer(call, 422, json!(problem));
    }

    /// Lets time go by.
    pub fn pass(&self, seconds: u64) {
        self.passed.set(self.passed.get() + seconds);
    }

    /// The calls so far, without those before a login.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.calls.borrow();
        let calls = calls.iter().map(|(call, _)| call.clone());
        calls.filter(|call| call != HOSTS).collect()
    }

    /// The body of the last call.
    pub fn last_body(&self) -> Value {
        let calls = self.calls.borrow();
        serde_json::from_slice(&calls.last().unwrap().1).unwrap()
    }
}

/// The call that a login is tried with.
pub const HOSTS: &str = "GET /api/v1/clusters?field_selector=usage%3Dhost";

/// No test watches.
pub struct NoStream;

impl Pieces for NoStream {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(None)
    }
}

impl Runtime for Functions {
    type Stream = NoStream;

    async fn open(&self, request: Request) -> Result<Opened<NoStream>, TransportError> {
        Ok(Opened::Refused(self.send(request).await?))
    }

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let limit = AnswerLimit::of(&request);
        let path = request.uri().path_and_query().unwrap().as_str();
        let call = format!("{} {path}", request.method());
        let answer = self.answers.borrow().get(&call).cloned();
        self.calls
            .borrow_mut()
            .push((call.clone(), request.into_body()));
        let (status, body) = answer.ok_or(TransportError::Broken(call.clone()))?;
        let body = serde_json::to_vec(&body).unwrap();
        if body.len() > limit.0 {
            return Err(limit.exceeded(&call));
        }
        Ok(http::Response::builder().status(status).body(body).unwrap())
    }

    async fn sleep(&self, _duration: Duration) {}

    fn now(&self) -> u64 {
        NOW + self.passed.get()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> u64 {
        self.random.set(self.random.get() + 1);
        self.random.get()
    }

    fn log(&self, _event: &Event<'_>) {}
}

/// A browser with its cookies. Their age is the console's to look at: a thief's browser ends none.
pub struct Browser<'a> {
    functions: &'a Functions,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    /// Nobody is logged in.
    pub fn new(functions: &'a Functions) -> Self {
        Self {
            functions,
            cookies: RefCell::default(),
        }
    }

    pub fn logged_in(functions: &'a Functions) -> Self {
        let browser = Self::new(functions);
        let entered = browser.post("/login", &[("token", "glpat-1"), ("to", "/")]);
        assert_eq!(entered.status, 303, "{}", entered.text);
        browser
    }

    /// As after eight hours.
    pub fn forget_session(&self) {
        self.cookies.borrow_mut().clear();
    }

    /// A copy of this browser, cookies included.
    pub fn stolen(&self) -> Self {
        Self {
            functions: self.functions,
            cookies: self.cookies.clone(),
        }
    }

    pub fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, "")
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.send(Method::POST, path, &form.finish())
    }

    pub fn send(&self, method: Method, path: &str, body: &str) -> Page {
        let cookies = self
            .cookies
            .borrow()
            .iter()
            .fold(String::new(), |cookies, (name, value)| {
                format!("{cookies}{name}={value}; ")
            });
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(header::ORIGIN, "http://localhost")
            .header(header::COOKIE, cookies.trim_end_matches("; "))
            .body(body.as_bytes().to_vec());
        let settings = ConsoleSettings {
            key: Some([7; 32]),
            oauth_client_id: Some("client".to_owned()),
            argocd_url: Some("https://argocd.example.com".to_owned()),
            ..ConsoleSettings::default()
        };
        let reply = handle(self.functions, &settings, request.unwrap());
        let Reply::Whole(response) = reply.now_or_never().unwrap() else {
            return Page::default();
        };
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            let mut cookies = self.cookies.borrow_mut();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// An answer of the console.
#[derive(Default)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    /// The value of a field in the page's form.
    pub fn value(&self, name: &str) -> &str {
        let (_, rest) = self
            .text
            .split_once(&format!("name=\"{name}\""))
            .unwrap_or_default();
        let tag = rest.split('>').next().unwrap();
        let (_, value) = tag.split_once("value=\"").unwrap_or_default();
        value.split('"').next().unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// The places of texts, which have to be there, in the order of the page.
    pub fn in_order(&self, texts: &[&str]) -> bool {
        let places: Vec<usize> = texts
            .iter()
            .map(|text| self.text.find(text).unwrap())
            .collect();
        places.is_sorted()
    }
}

/// A registered physical worker.
pub fn cluster(name: &str) -> Cluster {
    Cluster {
        name: name.to_owned(),
        cluster_type: api::ClusterType::Physical,
        usage: api::Usage::Worker,
        worker_type: "deployment".to_owned(),
        api_server: format!("https://{name}.example.com"),
        ..Cluster::default()
    }
}

/// A kubeconfig with a token.
pub const KUBECONFIG: &str = "\
current-context: here
clusters:
- {name: there, cluster: {server: 'https://10.0.0.7:6443', insecure-skip-tls-verify: true}}
contexts:
- {name: here, context: {cluster: there, user: robot}}
users:
- {name: robot, user: {token: secret-token-of-a-robot}}
";
