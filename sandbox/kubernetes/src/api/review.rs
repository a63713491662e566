//! Resources that are questions: POST answers, nothing is stored.

use serde_json::Value;

use super::resource::Call;
use super::{Reply, body};
use crate::access::{User, granted_rules, review_access, review_rules, review_self};
use crate::object;
use crate::status::ApiError;
use crate::write::{WriteRequest, decode};

/// Answers the question in the body.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut review: Value = body::object(call.request)?;
    let request = WriteRequest::new(call.resource.clone(), &call.path.namespace, "", "");
    decode(&request, &mut review)?;
    object::metadata_mut(&mut review);
    match call.resource.id.resource.as_str() {
        "selfsubjectaccessreviews" | "localsubjectaccessreviews" => {
            review_access(&mut review, &call.rules)
        }
        "subjectaccessreviews" => {
            let user = User::named(object::text(&review, "/spec/user"));
            let rules = call.shared.store.read(|state| granted_rules(state, &user));
            review_access(&mut review, &rules);
        }
        "selfsubjectrulesreviews" => review_rules(&mut review, &call.rules),
        _ => review_self(&mut review, call.user),
    }
    Ok(Reply::json(201, &review))
}
