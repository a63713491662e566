//! Answers to callers who ask about themselves.

use serde_json::{Value, json};

use super::{RequestAttributes, UserInfo, allows};
use crate::object;
use crate::options::PolicyRule;

/// Fills in the status of a SelfSubjectAccessReview.
pub fn review_access(review: &mut Value, rules: &[PolicyRule]) {
    let text =
        |field: &str| object::text(review, &format!("/spec/resourceAttributes/{field}")).to_owned();
    let attributes = RequestAttributes {
        verb: text("verb"),
        group: text("group"),
        resource: text("resource"),
        subresource: text("subresource"),
        namespace: text("namespace"),
        name: text("name"),
    };
    let asks_for_path = review.pointer("/spec/nonResourceAttributes").is_some();
    let allowed = if asks_for_path {
        is_everything(rules)
    } else {
        allows(rules, &attributes)
    };
    object::set_field(review, "status", Some(json!({ "allowed": allowed })));
}

fn is_everything(rules: &[PolicyRule]) -> bool {
    allows(
        rules,
        &RequestAttributes {
            verb: "*".into(),
            group: "*".into(),
            resource: "*".into(),
            ..RequestAttributes::default()
        },
    )
}

/// Fills in the status of a SelfSubjectRulesReview.
pub fn review_rules(review: &mut Value, rules: &[PolicyRule]) {
    let namespace = object::text(review, "/spec/namespace").to_owned();
    let applying = rules
        .iter()
        .filter(|rule| rule.namespaces.is_empty() || rule.namespaces.contains(&namespace));
    let resource_rules: Vec<Value> = applying
        .map(|rule| {
            json!({
                "verbs": rule.verbs, "apiGroups": rule.api_groups, "resources": rule.resources,
                "resourceNames": rule.resource_names,
            })
        })
        .collect();
    let status =
        json!({ "resourceRules": resource_rules, "nonResourceRules": [], "incomplete": false });
    object::set_field(review, "status", Some(status));
}

/// Fills in the status of a SelfSubjectReview.
pub fn review_self(review: &mut Value, user: &UserInfo) {
    let status = json!({ "userInfo": { "username": user.name, "groups": user.groups } });
    object::set_field(review, "status", Some(status));
}
