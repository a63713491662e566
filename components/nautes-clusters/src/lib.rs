//! The whole application in one component, for hosts without service chaining: what the gateway sends
//! to a function elsewhere is a call here.

use composed::Composed;
use registration::gateway::Function;
use registration::ports::{Request, Response};
use registration::problem::Problem;
use spin_sdk::http::IntoResponse;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: spin_sdk::http::Request) -> impl IntoResponse {
    function::gateway(request, run).await
}

async fn run(function: Function, request: Request) -> Result<Response, Problem> {
    let answer = function::call(request, async |world, settings, request| match function {
        Function::Save => registration::save(world, &Composed, settings, request).await,
        Function::Delete => registration::delete(world, &Composed, settings, request).await,
        Function::Read => registration::read(world, settings, request).await,
    });
    Ok(answer.await)
}
