//! What the components with a public route share: the gateway, and the application in one component.

use crate::world::random;
use crate::{answer, read};
use bytes::Bytes;
use registration::call;
use registration::gateway::{Function, Route, description, finish, forward, health, index, route};
use registration::ports::{Request, Response};
use registration::problem::Problem;
use spin_sdk::http::FullBody;

/// Answers a request from outside. `run` lets a function answer what is for a function; the request
/// it gets carries a request id, and only those headers of the caller's that functions read.
pub async fn gateway(
    request: spin_sdk::http::Request,
    run: impl AsyncFnOnce(Function, Request) -> Result<Response, Problem>,
) -> http::Response<FullBody<Bytes>> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let request_id =
        call::request_id(request.headers()).unwrap_or_else(|| format!("{:016x}", random()));
    let response = dispatch(request, &request_id, run)
        .await
        .unwrap_or_else(|problem| problem.response(&path));
    answer(finish(response, &method, &request_id))
}

async fn dispatch(
    request: spin_sdk::http::Request,
    request_id: &str,
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
    let forwarded = forward(request, function, request_id)
        .map_err(|error| Problem::new(500, "INTERNAL", error.to_string()))?;
    run(function, forwarded).await
}
