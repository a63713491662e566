//! The function `save-cluster`: `POST /api/v1/clusters/{name}`.

use composed::Composed;
use service::gateway::Function;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    function::serve(
        Function::Save,
        request,
        async |runtime, settings, request| {
            service::save(runtime, &Composed, settings, request).await
        },
    )
    .await
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
