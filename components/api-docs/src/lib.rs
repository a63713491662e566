//! The component `api-docs`: the page of the API, behind the gateway. It asks nobody anything.

use bytes::Bytes;
use spin_sdk::http::{FullBody, IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let answer = api_docs_page::answer(request.uri().path(), request.headers());
    answer.map(|body| FullBody::new(Bytes::from(body)))
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
