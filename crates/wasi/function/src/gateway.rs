//! Dispatch that the components with a public route share: the gateway, and the application in one component.

use crate::{Answer, Body, Wasi, read};
use api::Reason;
use service::gateway::{
    Function, Route, description, finish, forward, health, index, is_mistyped, probed_first, route,
    wants_page,
};
use service::incoming::{admit_query, no_route};
use service::problem::Problem;
use service::ready::READYZ;
use service::request_log::{self, RequestLog};
use service::runtime::Request;

/// Answers a request from outside. `run` lets a function answer what is for a function; the request
/// it gets carries a request id and a trace, and only those headers of the caller's that functions read. Without a
/// console its paths lead nowhere, and `/` is JSON for browsers as well.
pub async fn gateway(
    request: spin_sdk::http::Request,
    has_console: bool,
    run: impl AsyncFn(Function, Request) -> Result<Answer, Problem>,
) -> http::Response<Body> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let runtime = Wasi::default();
    let journal = RequestLog::open(&runtime, &method, &path, request.headers());
    let answer = dispatch(request, has_console, &journal, run).await;
    let answer = match answer.unwrap_or_else(|problem| problem.response(&path).into()) {
        Answer::Whole(response) => {
            let response = request_log::close(&journal, &runtime, "gateway", response);
            Answer::Whole(finish(response, &method, journal.request_id()))
        }
        events => events.begun(&journal, &runtime, "gateway"),
    };
    answer.send()
}

/// Finds the route of a request. A person who has mistyped an address gets the console's page, which says so.
fn route_of(request: &spin_sdk::http::Request, for_person: bool) -> Result<Route, Problem> {
    let (method, path) = (request.method(), request.uri().path());
    match route(method, path) {
        Err(_) if for_person && is_mistyped(method, path) => Ok(Route::Function(Function::Console)),
        route => route,
    }
}

async fn dispatch(
    request: spin_sdk::http::Request,
    has_console: bool,
    journal: &RequestLog,
    run: impl AsyncFn(Function, Request) -> Result<Answer, Problem>,
) -> Result<Answer, Problem> {
    let for_person = has_console && wants_page(request.headers());
    let route = route_of(&request, for_person)?;
    let (head, body) = request.into_parts();
    // From the head alone, so that no body is read for a query that is refused.
    admit_query(&head)?;
    let request = read(spin_sdk::http::Request::from_parts(head, body)).await?;
    let function = match route {
        Route::Function(Function::Console | Function::ApiDocs) if !has_console => {
            return Err(no_route(request.uri().path()));
        }
        Route::Function(function) => function,
        Route::Health => return Ok(health().into()),
        Route::Description => return Ok(description(request.headers()).into()),
        Route::Index if for_person => Function::Console,
        Route::Index => return Ok(index().into()),
    };
    let ask = async |function, request| {
        let mut forwarded = forward(request, function, journal.request_id())
            .map_err(|error| Problem::new(500, Reason::Internal, error.to_string()))?;
        journal.hand_on(forwarded.headers_mut());
        run(function, forwarded).await
    };
    let first = match request.uri().path() {
        READYZ => probed_first(has_console),
        _ => &[],
    };
    for function in first {
        let answer = ask(*function, request.clone()).await?;
        if !answer.is_success() {
            return Ok(answer);
        }
    }
    ask(function, request).await
}
