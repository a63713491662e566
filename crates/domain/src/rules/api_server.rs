//! `api_server`

use super::{Context, Draft};
use crate::api_server::{ApiServer, Host};
use crate::body::quote::quoted;
use crate::destination;
use crate::findings::Findings;

const HINT: &str = "send the URL of the cluster's API server, such as https://8.217.50.114:6443";

/// Paths of requests to an API server, which come along where somebody copies one of them. Clients put theirs behind what is registered.
const REQUEST_PATHS: [&str; 7] = [
    "/api", "/api/v1", "/apis", "/healthz", "/livez", "/readyz", "/version",
];

pub(super) fn url(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.api_server;
    let Some(url) = &field.value else {
        if field.is_absent() {
            findings.refuse_missing(&field.at, "`api_server` is required", HINT);
        }
        return;
    };
    match ApiServer::parse(url) {
        Ok(server) => {
            let text = server.to_string();
            if let Some(problem) = find_url_mistake(&server, &text) {
                let message = format!("`api_server` {} {problem}", quoted(url));
                findings.refuse(&field.at, message, HINT);
            }
            draft.api_server = Some(text);
            if let Err(error) = destination::refuse_management_cluster(&server.host) {
                let message = format!("`api_server` {} {error}", quoted(url));
                findings.refuse(&field.at, message, destination::hint(error));
            }
        }
        Err(error) => {
            let message = format!("`api_server` {} {error}", quoted(url));
            findings.refuse(&field.at, message, HINT);
        }
    }
}

/// The mistake in the URL of something that may well be a server, and is not the one that was meant.
fn find_url_mistake(server: &ApiServer, url: &str) -> Option<&'static str> {
    let path = url
        .get("https://".len()..)
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)));
    if path.is_some_and(|path| REQUEST_PATHS.iter().any(|end| path.ends_with(end))) {
        return Some("is the address of a request to it");
    }
    let crossed_out = |label: &str| label.bytes().all(|byte| byte == b'x');
    let is_crossed_out =
        matches!(&server.host, Host::Name(name) if name.split('.').all(crossed_out));
    is_crossed_out.then_some("is a placeholder")
}
