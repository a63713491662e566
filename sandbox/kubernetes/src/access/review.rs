//! Answers to callers who ask about themselves.

use serde_json::{Value, json};

use super::{Attributes, User, allows};
use crate::object;
use crate::options::Rule;

/// Fills in the status of a SelfSubjectAccessReview.
pub fn review_access(review: &mut Value, rules: &[Rule]) {
    let text =
        |field: &str| object::text(review, &format!("/spec/resourceAttributes/{field}")).to_owned();
    let attributes = Attributes {
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

fn is_everything(rules: &[Rule]) -> bool {
    allows(
        rules,
        &Attributes {
            verb: "*".into(),
            group: "*".into(),
            resource: "*".into(),
            ..Attributes::default()
        },
    )
}

/// Fills in the status of a SelfSubjectRulesReview.
pub fn review_rules(review: &mut Value, rules: &[Rule]) {
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
pub fn review_self(review: &mut Value, user: &User) {
    let status = json!({ "userInfo": { "username": user.name, "groups": user.groups } });
    object::set_field(review, "status", Some(status));
}
