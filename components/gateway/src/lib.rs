//! The function `gateway`: the application's one public route. It looks at method and path and hands
//! the request to the function that answers it.

use function::Wasi;
use registration::call;
use registration::gateway::{self, Route};
use registration::ports::{Request, Response, World as _};
use registration::problem::Problem;
use spin_sdk::http::IntoResponse;
use spin_sdk::http_service;
use std::time::Duration;

/// Longer than any function takes, retries included: the function's own limits speak first.
const TIMEOUT: Duration = Duration::from_secs(300);

#[http_service]
async fn handle(request: spin_sdk::http::Request) -> impl IntoResponse {
    let world = Wasi::new(TIMEOUT);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let request_id =
        call::request_id(request.headers()).unwrap_or_else(|| format!("{:016x}", world.random()));
    let response = dispatch(&world, request, &request_id)
        .await
        .unwrap_or_else(|problem| problem.response(&path));
    function::answer(gateway::finish(response, &method, &request_id))
}

async fn dispatch(
    world: &Wasi,
    request: spin_sdk::http::Request,
    request_id: &str,
) -> Result<Response, Problem> {
    let route = gateway::route(request.method(), request.uri().path())?;
    let request: Request = function::read(request).await?;
    let function = match route {
        Route::Function(function) => function,
        Route::Ready => "read-clusters",
        Route::Health => return Ok(gateway::health()),
        Route::Description => return Ok(gateway::description()),
        Route::Index => return Ok(gateway::index()),
    };
    let forwarded = gateway::forward(request, function, request_id)
        .map_err(|error| Problem::new(500, "INTERNAL", error.to_string()))?;
    world
        .send(forwarded)
        .await
        .map_err(|error| gateway::unreachable(function, &error))
}
