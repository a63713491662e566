//! Resources that are questions: POST answers, nothing is stored.

use serde_json::Value;

use super::resource::Call;
use super::{Format, Reply, body};
use crate::access::{review_access, review_rules, review_self};
use crate::status::ApiError;
use crate::write::{FieldValidation, WriteRequest, decode};

/// Answers the question in the body.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut review: Value = body::object(call.request, &call.resource)?;
    let request = WriteRequest {
        resource: call.resource.clone(),
        namespace: call.path.namespace.clone(),
        name: String::new(),
        subresource: String::new(),
        manager: String::new(),
        dry_run: true,
        field_validation: FieldValidation::Ignore,
        now: crate::object::now(),
    };
    decode(&request, &mut review)?;
    crate::object::metadata_mut(&mut review);
    match call.resource.id.resource.as_str() {
        "selfsubjectaccessreviews" | "localsubjectaccessreviews" => {
            review_access(&mut review, &call.rules)
        }
        "selfsubjectrulesreviews" => review_rules(&mut review, &call.rules),
        _ => review_self(&mut review, call.user),
    }
    Ok(Reply::value(
        201,
        &review,
        Format::negotiate(call.request.header("accept"), false)?,
    ))
}
