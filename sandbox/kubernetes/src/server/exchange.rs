//! One request and its answer, with whatever fault is planned for it.

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::Service;
use super::outgoing::{Cut, Outgoing, to_http};
use crate::api::{self, Facts, Query, Reply, Request};
use crate::calls::Call;
use crate::faults::FaultAction;
use crate::status::ApiError;

/// Largest body the API server reads.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// Reads, delays, answers, records.
pub async fn exchange(
    service: Service,
    incoming: http::Request<Incoming>,
) -> Result<http::Response<Outgoing>, Cut> {
    let path_and_query = incoming
        .uri()
        .path_and_query()
        .map(|all| all.as_str().to_owned());
    let path_and_query = path_and_query.unwrap_or_default();
    if path_and_query.starts_with("/-/") {
        let request = receive(incoming).await;
        return Ok(to_http(api::handle(&service.shared, &request), false));
    }
    let method = incoming.method().to_string();
    let fault = service.shared.faults.take(&method, &path_and_query);
    let request = receive(incoming).await;
    let delay = fault
        .as_ref()
        .and_then(FaultAction::delay)
        .unwrap_or_default();
    tokio::time::sleep(service.shared.latency() + delay).await;

    let facts = api::facts(&service.shared, &request);
    let reply = answer(&service, &request, fault.as_ref());
    let status = reply.as_ref().map_or(0, |reply| reply.status);
    service
        .shared
        .calls
        .record(call(&request, &path_and_query, &facts, status));
    match (fault, reply) {
        (Some(FaultAction::Hang), _) => std::future::pending().await,
        (Some(FaultAction::ResetAfter), _) | (_, None) => Err(Cut),
        (Some(FaultAction::TruncateBody), Some(reply)) => Ok(to_http(reply, true)),
        (_, Some(reply)) => Ok(to_http(reply, false)),
    }
}

/// The answer, planned or real; none where the request is not to be carried out.
fn answer(service: &Service, request: &Request, fault: Option<&FaultAction>) -> Option<Reply> {
    match fault {
        Some(FaultAction::Hang | FaultAction::ResetBefore) => None,
        Some(FaultAction::Answer {
            status,
            content_type,
            body,
            headers,
        }) => {
            let mut reply = Reply::new(*status, content_type, body.clone());
            reply.headers.extend(headers.clone());
            Some(reply)
        }
        _ => Some(api::handle(&service.shared, request)),
    }
}

async fn receive(incoming: http::Request<Incoming>) -> Request {
    let (parts, body) = incoming.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::too_large(BODY_LIMIT)),
        Err(_) => Err(ApiError::bad_request("the body ended early")),
    };
    Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
    }
}

fn call(request: &Request, path_and_query: &str, facts: &Facts, status: u16) -> Call {
    let attributes = facts.attributes.clone();
    Call {
        method: request.method.to_string(),
        path: request.path.clone(),
        query: path_and_query
            .split_once('?')
            .map(|(_, query)| query.to_owned())
            .unwrap_or_default(),
        status,
        verb: attributes.verb,
        group: attributes.group,
        resource: attributes.resource,
        subresource: attributes.subresource,
        namespace: attributes.namespace,
        name: attributes.name,
        user: facts.user.clone(),
        user_agent: request.header("user-agent").to_owned(),
        content_type: request.header("content-type").to_owned(),
        traceparent: request.header("traceparent").to_owned(),
        request_id: request.header("x-request-id").to_owned(),
    }
}
