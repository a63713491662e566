//! POST of `serviceaccounts/{name}/token`: a token with an end, as `kubectl create token` asks for.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::resource::ResourceCall;
use super::{ApiReply, body};
use crate::access::{AUDIENCE, TokenClaims};
use crate::object;
use crate::resource::{GroupKind, ObjectKey};
use crate::status::{ErrorCause, StatusError};

/// Lifetime where none is asked for, and the shortest that may be; in seconds, as the API server has them.
const DEFAULT_LIFETIME: i64 = 3600;
const SHORTEST_LIFETIME: i64 = 600;

/// Answers a TokenRequest.
pub fn create(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let mut request = body::object(call.request)?;
    let key = ObjectKey::new(&call.path.namespace, &call.path.name);
    let account = call
        .shared
        .store
        .read(|state| state.get(&call.resource.id, &key))
        .ok_or_else(|| StatusError::not_found(&call.resource.id, &key.name))?;
    let lifetime = request
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(DEFAULT_LIFETIME);
    if lifetime < SHORTEST_LIFETIME {
        let kind = GroupKind::new("authentication.k8s.io", "TokenRequest");
        let detail = "may not specify a duration less than 10 minutes";
        let cause = ErrorCause::invalid("spec.expirationSeconds", &lifetime.into(), detail);
        return Err(StatusError::invalid(&kind, &key.name, &[cause]));
    }
    let mut audiences: Vec<String> = object::list(&request, "/spec/audiences")
        .iter()
        .filter_map(|audience| Some(audience.as_str()?.to_owned()))
        .collect();
    if audiences.is_empty() {
        audiences.push(AUDIENCE.to_owned());
    }
    let end = OffsetDateTime::now_utc() + time::Duration::seconds(lifetime);
    let token = call.shared.accounts.signer.sign(&TokenClaims {
        account: &account,
        secret: None,
        audiences: audiences.clone(),
        expires: Some(end.unix_timestamp()),
    });
    let whole = end.replace_nanosecond(0).unwrap_or(end);
    let answer = json!({
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
        "metadata": { "name": key.name, "namespace": key.namespace, "creationTimestamp": object::now() },
        "spec": { "audiences": audiences, "expirationSeconds": lifetime },
        "status": { "token": token, "expirationTimestamp": whole.format(&Rfc3339).unwrap_or_default() },
    });
    json_patch::merge(&mut request, &answer);
    Ok(ApiReply::json(201, &request))
}
