//! `api_server`

use super::{Context, Draft};
use crate::api_server::ApiServer;
use crate::body::quote::quoted;
use crate::destination;
use crate::findings::Findings;

const HINT: &str = "send the URL of the cluster's API server, such as https://8.217.50.114:6443";

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
            draft.api_server = Some(server.to_string());
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
