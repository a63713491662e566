//! The function `gateway`: the application's one public route. It looks at method and path and hands
//! the request to the function that answers it, by service chaining.

use function::Wasi;
use service::gateway::unreachable;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use std::time::Duration;

/// Longer than any function takes, retries included: the function's own limits speak first.
const TIMEOUT: Duration = Duration::from_secs(300);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    function::gateway(request, async |function, request| {
        let answer = Wasi::new(TIMEOUT).pass_on(request).await;
        answer.map_err(|error| unreachable(function, &error))
    })
    .await
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
