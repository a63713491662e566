//! What the components with a public route share: the gateway, and the application in one component.

use crate::{Wasi, answer, read};
use bytes::Bytes;
use registration::gateway::{Function, Route, description, finish, forward, health, index, route};
use registration::journal::{self, Journal};
use registration::ports::{Request, Response};
use registration::problem::Problem;
use spin_sdk::http::FullBody;

/// Answers a request from outside. `run` lets a function answer what is for a function; the request
/// it gets carries a request id and a trace, and only those headers of the caller's that functions read.
pub async fn gateway(
    request: spin_sdk::http::Request,
    run: impl AsyncFnOnce(Function, Request) -> Result<Response, Problem>,
) -> http::Response<FullBody<Bytes>> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let world = Wasi::default();
    let journal = Journal::open(&world, &method, &path, request.headers());
    let response = dispatch(request, &journal, run)
        .await
        .unwrap_or_else(|problem| problem.response(&path));
    let response = journal::close(&journal, &world, "gateway", response);
    answer(finish(response, &method, journal.request_id()))
}

async fn dispatch(
    request: spin_sdk::http::Request,
    journal: &Journal,
    run: impl AsyncFnOnce(Function, Request) -> Result<Response, Problem>,
) -> Result<Response, Problem> {
    let route = route(request.method(), request.uri().path())?;
    let request = read(request).await?;
    let function = match route {
        Route::Function(function) => function,
        Route::Health => return Ok(health()),
        Route::Description => return Ok(description()),
        Route::Index => return Ok(index()),
    };
    let mut forwarded = forward(request, function, journal.request_id())
        .map_err(|error| Problem::new(500, "INTERNAL", error.to_string()))?;
    journal.hand_on(forwarded.headers_mut());
    run(function, forwarded).await
}
