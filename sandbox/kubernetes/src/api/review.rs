//! Resources that are questions: POST answers, nothing is stored.

use serde_json::Value;

use super::resource::ResourceCall;
use super::{ApiReply, body};
use crate::access::{UserInfo, granted_rules, review_access, review_rules, review_self};
use crate::object;
use crate::status::StatusError;
use crate::write::{WriteRequest, decode};

/// Answers the question in the body.
pub fn create(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let mut review: Value = body::object(call.request)?;
    let request = WriteRequest::new(call.resource.clone(), &call.path.namespace, "", "");
    decode(&request, &mut review)?;
    object::metadata_mut(&mut review);
    match call.resource.id.resource.as_str() {
        "selfsubjectaccessreviews" | "localsubjectaccessreviews" => {
            review_access(&mut review, &call.rules)
        }
        "subjectaccessreviews" => {
            let user = UserInfo::named(object::text(&review, "/spec/user"));
            let rules = call.shared.store.read(|state| granted_rules(state, &user));
            review_access(&mut review, &rules);
        }
        "selfsubjectrulesreviews" => review_rules(&mut review, &call.rules),
        _ => review_self(&mut review, call.user),
    }
    Ok(ApiReply::json(201, &review))
}
