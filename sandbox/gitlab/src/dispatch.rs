//! Steps of every request: latency, faults, the log of calls, and the way to its part.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::api::{self, GitLabProblem, ResetMarker};
use crate::calls::CallInProgress;
use crate::faults::{FaultAnswer, FaultPoint, GitLabFaultAction};
use crate::state::SharedState;
use crate::{control, graphql, oauth, pages, random, smart_http};

/// The connection is to be reset instead of an answer.
#[derive(Debug, thiserror::Error)]
#[error("connection reset by a fault")]
pub(crate) struct ConnectionReset;

/// The parts of a server.
#[derive(Clone)]
pub(crate) struct RequestDispatch {
    app: SharedState,
    api: Router,
    oauth: Router,
    control: Router,
}

impl RequestDispatch {
    pub(crate) fn new(app: SharedState) -> Self {
        Self {
            api: api::router(Arc::clone(&app)),
            oauth: oauth::router(Arc::clone(&app)),
            control: control::router(Arc::clone(&app)),
            app,
        }
    }

    pub(crate) async fn handle(&self, request: Request<Body>) -> Result<Response, ConnectionReset> {
        let Some(mut request) = self.strip_prefix(request) else {
            return Ok(GitLabProblem::error(StatusCode::NOT_FOUND, "404 Not Found").into_response());
        };
        if request.uri().path().starts_with(control::ROOT) {
            return Ok(infallible(self.control.clone().oneshot(request).await));
        }
        let original = self.original(request.uri());
        let mut call = self
            .app
            .calls
            .begin(request.method(), &original, request.headers());
        request.extensions_mut().insert(call.user.clone());
        let result = self.answer(request).await;
        call.status = result
            .as_ref()
            .ok()
            .map(|response| response.status().as_u16());
        log(&call, &result);
        result
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response, ConnectionReset> {
        tokio::time::sleep(self.app.latency()).await;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let request_id = request.headers().get("x-request-id").cloned();
        let mut response = None;
        let mut truncate = false;
        if let Some(action) = self.app.faults.strike(FaultPoint::Request, &method, &uri) {
            truncate = matches!(action, GitLabFaultAction::Truncate);
            response = perform(action).await?;
        }
        let mut response = match response {
            Some(response) => response,
            None => self.route(request).await,
        };
        if response.extensions().get::<ResetMarker>().is_some() {
            return Err(ConnectionReset);
        }
        if let Some(action) = self.app.faults.strike(FaultPoint::Response, &method, &uri) {
            truncate |= matches!(action, GitLabFaultAction::Truncate);
            response = perform(action).await?.unwrap_or(response);
        }
        set_request_id(&mut response, request_id);
        if truncate {
            cut(response).await
        } else {
            Ok(response)
        }
    }

    async fn route(&self, request: Request<Body>) -> Response {
        if smart_http::is_git(request.uri().path()) {
            return smart_http::serve(&self.app, request).await.into_response();
        }
        let path = request.uri().path();
        let app = axum::extract::State(self.app.clone());
        if path == graphql::PATH && request.method() == Method::POST {
            graphql::answer(app, request).await
        } else if path.starts_with(oauth::ROOT) {
            infallible(self.oauth.clone().oneshot(request).await)
        } else if path.starts_with(api::ROOT) || request.method() != Method::GET {
            infallible(self.api.clone().oneshot(request).await)
        } else {
            pages::answer(app, request).await
        }
    }

    /// The request as it would be without the prefix; `None` when it is not below it.
    fn strip_prefix(&self, mut request: Request<Body>) -> Option<Request<Body>> {
        let target = request.uri().path_and_query()?.as_str();
        let below = target.strip_prefix(self.app.prefix.as_str())?;
        if !below.starts_with('/') {
            return None;
        }
        *request.uri_mut() = below.parse().ok()?;
        Some(request)
    }

    fn original(&self, uri: &Uri) -> Uri {
        format!("{}{uri}", self.app.prefix)
            .parse()
            .unwrap_or_else(|_| uri.clone())
    }
}

/// Does what is planned; an answer ends the request.
async fn perform(action: GitLabFaultAction) -> Result<Option<Response>, ConnectionReset> {
    match action {
        GitLabFaultAction::Answer(answer) => return Ok(Some(answer.into())),
        GitLabFaultAction::Delay(duration) => tokio::time::sleep(duration).await,
        GitLabFaultAction::Reset => return Err(ConnectionReset),
        GitLabFaultAction::Hang => std::future::pending().await,
        GitLabFaultAction::Truncate => {}
        GitLabFaultAction::Hook(hook) => {
            if let Err(error) = tokio::task::spawn_blocking(move || hook()).await {
                tracing::error!(%error, "a fault's hook failed");
            }
        }
    }
    Ok(None)
}

impl From<FaultAnswer> for Response {
    fn from(answer: FaultAnswer) -> Self {
        (answer.status, answer.headers, answer.body).into_response()
    }
}

/// Announces the whole body and sends half of it.
async fn cut(response: Response) -> Result<Response, ConnectionReset> {
    let (mut parts, body) = response.into_parts();
    let whole = body
        .collect()
        .await
        .map_err(|_| ConnectionReset)?
        .to_bytes();
    parts
        .headers
        .insert("content-length", HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    let chunks = [
        Ok(half),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    // A pause between the two: an error right behind the data would discard it.
    let paced = futures::stream::unfold(chunks.into_iter(), async |mut chunks| {
        tokio::task::yield_now().await;
        chunks.next().map(|chunk| (chunk, chunks))
    });
    Ok(Response::from_parts(parts, Body::from_stream(paced)))
}

/// GitLab returns the caller's request id or one of its own.
fn set_request_id(response: &mut Response, given: Option<HeaderValue>) {
    let made = || {
        random::name(26)
            .ok()
            .and_then(|id| HeaderValue::try_from(id).ok())
    };
    if let Some(id) = given.or_else(made) {
        response.headers_mut().insert("x-request-id", id);
    }
}

fn infallible(result: Result<Response, std::convert::Infallible>) -> Response {
    match result {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The path alone is logged: a query may carry a token.
fn log(call: &CallInProgress, result: &Result<Response, ConnectionReset>) {
    let (method, path): (&Method, &str) = (&call.method, &call.path);
    let status = result
        .as_ref()
        .map_or(0, |response| response.status().as_u16());
    tracing::debug!(%method, path, status, user = call.user.get(), "gitlab call");
}
