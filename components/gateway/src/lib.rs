//! The function `gateway`: the application's one public route. It looks at method and path and hands
//! the request to the function that answers it, by service chaining.

use function::Wasi;
use service::gateway::unreachable;
use service::incoming::REQUEST_TIME;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use std::time::Duration;

/// A little longer than any function takes to begin its answer: the function's own limit speaks first.
const TIMEOUT: Duration = REQUEST_TIME.saturating_add(Duration::from_secs(5));

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    function::gateway(request, true, async |function, request| {
        let answer = Wasi::new(TIMEOUT).endless().pass_on(request).await;
        answer.map_err(|error| unreachable(function, &error))
    })
    .await
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
