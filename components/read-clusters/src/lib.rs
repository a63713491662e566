//! The function `read-clusters`: `GET /api/v1/clusters`, `GET /api/v1/clusters/{name}`, `GET /readyz`.

use service::gateway::Function;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    function::serve(
        Function::Read,
        request,
        async |runtime, settings, request| {
            function::watch_or_read(runtime, settings, request).await
        },
    )
    .await
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
