//! One request and its answer, with whatever fault is planned for it.

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::ConnectionService;
use super::outgoing::{ConnectionCut, OutgoingBody, to_http};
use crate::api::{self, ApiReply, ApiRequest, QueryParams, RequestFacts};
use crate::calls::KubernetesCall;
use crate::faults::KubernetesFaultAction;
use crate::status::StatusError;

/// Largest body the API server reads.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// Reads, delays, answers, records.
pub async fn exchange(
    service: ConnectionService,
    incoming: http::Request<Incoming>,
) -> Result<http::Response<OutgoingBody>, ConnectionCut> {
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
        .and_then(KubernetesFaultAction::delay)
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
        (Some(KubernetesFaultAction::Hang), _) => std::future::pending().await,
        (Some(KubernetesFaultAction::ResetAfter), _) | (_, None) => Err(ConnectionCut),
        (Some(KubernetesFaultAction::TruncateBody), Some(reply)) => Ok(to_http(reply, true)),
        (_, Some(reply)) => Ok(to_http(reply, false)),
    }
}

/// The answer, planned or real; none where the request is not to be carried out.
fn answer(
    service: &ConnectionService,
    request: &ApiRequest,
    fault: Option<&KubernetesFaultAction>,
) -> Option<ApiReply> {
    match fault {
        Some(KubernetesFaultAction::Hang | KubernetesFaultAction::ResetBefore) => None,
        Some(KubernetesFaultAction::Answer {
            status,
            content_type,
            body,
            headers,
        }) => {
            let mut reply = ApiReply::new(*status, content_type, body.clone());
            reply.headers.extend(headers.clone());
            Some(reply)
        }
        _ => Some(api::handle(&service.shared, request)),
    }
}

async fn receive(incoming: http::Request<Incoming>) -> ApiRequest {
    let (parts, body) = incoming.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(StatusError::too_large(BODY_LIMIT)),
        Err(_) => Err(StatusError::bad_request("the body ended early")),
    };
    ApiRequest {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: QueryParams::parse(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
    }
}

fn call(
    request: &ApiRequest,
    path_and_query: &str,
    facts: &RequestFacts,
    status: u16,
) -> KubernetesCall {
    let attributes = facts.attributes.clone();
    KubernetesCall {
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
