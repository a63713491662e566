//! The whole application in one component, for hosts without service chaining: what the gateway sends
//! to a function elsewhere is a call here.

use composed::Composed;
use function::Answer;
use service::gateway::Function;
use service::problem::Problem;
use service::runtime::Request;
use spin_sdk::http::IntoResponse;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: spin_sdk::http::Request) -> impl IntoResponse {
    function::gateway(request, false, run).await
}

async fn run(function: Function, request: Request) -> Result<Answer, Problem> {
    let answer = function::call(request, async |runtime, settings, request| {
        let answer = match function {
            Function::Save => service::save(runtime, &Composed, settings, request).await,
            Function::Delete => service::delete(runtime, &Composed, settings, request).await,
            Function::Read | Function::Console | Function::ApiDocs => {
                return function::watch_or_read(runtime, settings, request).await;
            }
        };
        answer.map(Answer::Whole)
    });
    Ok(answer.await)
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
