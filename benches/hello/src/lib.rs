//! Answers every request with the same line: what a request costs on a host whatever a function does.

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(_request: Request) -> impl IntoResponse {
    "Hello, world!\n"
}
