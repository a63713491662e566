//! The API, asked over service chaining with the token of whoever is logged in.

use api::{
    Cluster, ClusterList, DeleteClusterResponse, MergeRequestList, Problem, Reason,
    SaveClusterResponse,
};
use http::{Method, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use service::gateway::Function;
use service::runtime::{AnswerLimit, MAX_PAGES, Request, Runtime, TransportError};

/// Headers that tie what the console asks to what it was asked.
const HANDED_ON: [&str; 3] = ["x-request-id", "traceparent", "tracestate"];

/// A client of the functions.
pub(crate) struct Api<'a, R> {
    pub(crate) runtime: &'a R,
    pub(crate) token: &'a str,
    /// Headers of the browser's request.
    pub(crate) headers: &'a http::HeaderMap,
}

/// Query parameter of a change by merge request.
pub(crate) const BY_MERGE_REQUEST: &str = "delivery=merge-request";

/// Body of a save.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) media_type: &'static str,
    pub(crate) content: Vec<u8>,
}

impl<R: Runtime> Api<'_, R> {
    /// Every cluster, with its status: a page at a time, because one answer with thousands is above its limit.
    pub(crate) async fn list(&self) -> Result<ClusterList, Problem> {
        let mut list = ClusterList::default();
        let mut after = String::new();
        for _ in 0..MAX_PAGES {
            let path = format!("{}?include_status=true&per_page=500{after}", api::CLUSTERS);
            let page: ClusterList = self.ask(Function::Read, Method::GET, &path, None).await?;
            list.items.extend(page.items);
            list.unreadable.extend(page.unreadable);
            let Some(token) = page.next_page_token else {
                break;
            };
            let token = utf8_percent_encode(&token, NON_ALPHANUMERIC);
            after = format!("&page_token={token}");
        }
        Ok(list)
    }

    /// The names of all hosts.
    pub(crate) async fn hosts(&self) -> Result<Vec<String>, Problem> {
        let path = format!("{}?field_selector=usage%3Dhost", api::CLUSTERS);
        let list: ClusterList = self.ask(Function::Read, Method::GET, &path, None).await?;
        Ok(list.items.into_iter().map(|cluster| cluster.name).collect())
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Cluster, Problem> {
        self.ask(Function::Read, Method::GET, &path(name, ""), None)
            .await
    }

    pub(crate) async fn merge_requests(&self) -> Result<MergeRequestList, Problem> {
        self.ask(Function::Read, Method::GET, api::MERGE_REQUESTS, None)
            .await
    }

    /// A dry run of a save, `further` being the rest of its query; and whether the caller may commit it: whoever may only propose
    /// is shown what they would propose.
    pub(crate) async fn plan_save(
        &self,
        name: &str,
        further: &str,
        body: Body,
    ) -> Result<(SaveClusterResponse, bool), Problem> {
        let query = format!("dry_run=true{further}");
        match self.save(name, &query, body.clone()).await {
            Err(problem) if problem.reason == Reason::PermissionDenied => {
                let query = format!("{query}&{BY_MERGE_REQUEST}");
                let planned = self.save(name, &query, body).await;
                planned.map(|planned| (planned, false))
            }
            planned => planned.map(|planned| (planned, true)),
        }
    }

    /// A dry run of a removal, likewise.
    pub(crate) async fn plan_removal(
        &self,
        name: &str,
        further: &str,
    ) -> Result<(DeleteClusterResponse, bool), Problem> {
        let query = format!("dry_run=true{further}");
        match self.remove(name, &query).await {
            Err(problem) if problem.reason == Reason::PermissionDenied => {
                let query = format!("{query}&{BY_MERGE_REQUEST}");
                self.remove(name, &query)
                    .await
                    .map(|planned| (planned, false))
            }
            planned => planned.map(|planned| (planned, true)),
        }
    }

    pub(crate) async fn save(
        &self,
        name: &str,
        query: &str,
        body: Body,
    ) -> Result<SaveClusterResponse, Problem> {
        self.ask(Function::Save, Method::POST, &path(name, query), Some(body))
            .await
    }

    pub(crate) async fn remove(
        &self,
        name: &str,
        query: &str,
    ) -> Result<DeleteClusterResponse, Problem> {
        self.ask(Function::Delete, Method::DELETE, &path(name, query), None)
            .await
    }

    /// The request that is answered with a cluster's events.
    pub(crate) fn watch(&self, name: &str) -> Result<Request, Problem> {
        self.request(Function::Read, Method::GET, &path(name, "watch=true"), None)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        function: Function,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<T, Problem> {
        let answer = self.send(function, method, path, body).await?;
        serde_json::from_slice(&answer).map_err(|_| unreadable(function))
    }

    /// The body of a success.
    async fn send(
        &self,
        function: Function,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Vec<u8>, Problem> {
        let request = self.request(function, method, path, body)?;
        let response = self.runtime.send(request).await;
        let response = response.map_err(|error| unanswered(function, &error))?;
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        Err(serde_json::from_slice(response.body()).unwrap_or_else(|_| unreadable(function)))
    }

    fn request(
        &self,
        function: Function,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Request, Problem> {
        let uri = format!("http://{}.spin.internal{path}", function.component());
        let mut request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for name in HANDED_ON {
            if let Some(value) = self.headers.get(name) {
                request = request.header(name, value);
            }
        }
        let mut content = Vec::new();
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, body.media_type);
            content = body.content;
        }
        // The error could quote the token.
        let request = request
            .body(content)
            .map(|request| AnswerLimit::PAGE.on(request));
        request.map_err(|_| {
            problem(
                400,
                Reason::MalformedBody,
                "the token or the name has characters that no request can carry",
            )
        })
    }
}

fn path(name: &str, query: &str) -> String {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}/{name}{mark}{query}", api::CLUSTERS)
}

fn unreadable(function: Function) -> Problem {
    let text = format!(
        "the answer of {} can't be read; is it of the same version?",
        function.component()
    );
    problem(502, Reason::FunctionUnavailable, &text)
}

fn unanswered(function: Function, error: &TransportError) -> Problem {
    let text = format!(
        "{} did not answer: {error}; try again",
        function.component()
    );
    problem(502, Reason::FunctionUnavailable, &text)
}

/// A failure that the console found itself.
pub(crate) fn problem(status: u16, reason: Reason, detail: &str) -> Problem {
    Problem::new(status, reason, detail.to_owned())
}
