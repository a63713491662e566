//! `components_list`.

use std::collections::BTreeMap;

use super::RequestedComponent;
use crate::Category;
use crate::body::Body;
use crate::fields::{Field, Object, pointer};
use crate::findings::Findings;
use crate::tree::Node;

/// The components by category.
pub(super) fn read(
    object: &mut Object,
    body: &Body,
    findings: &mut Findings,
) -> BTreeMap<Category, RequestedComponent> {
    let known = Category::ALL.map(Category::snake_case);
    let mut list = object
        .take("components_list", body, findings)
        .object(&known, findings);
    let mut components = BTreeMap::new();
    for category in Category::ALL {
        let field = list.take(category.snake_case(), body, findings);
        if field.value.is_some() {
            components.insert(category, component(field, body, findings));
        }
    }
    components
}

fn component(field: Field<Node>, body: &Body, findings: &mut Findings) -> RequestedComponent {
    let mut object = field.object(&["name", "namespace", "additions"], findings);
    RequestedComponent {
        name: object.take("name", body, findings).word(findings),
        namespace: object.take("namespace", body, findings).word(findings),
        additions: additions(object.take("additions", body, findings), body, findings),
    }
}

/// Names of additions are the components' own: they are taken as they are.
fn additions(
    field: Field<Node>,
    body: &Body,
    findings: &mut Findings,
) -> BTreeMap<String, Field<String>> {
    let field = field.entries(findings);
    let mut additions = BTreeMap::new();
    for entry in field.value.unwrap_or_default() {
        let at = pointer(&field.at, &entry.key);
        if entry.repetition.is_some() {
            body.refuse_repetition(&entry.key, &at, entry.repetition, findings);
            continue;
        }
        let value = if entry.value.is_absent() {
            Field::absent(at)
        } else {
            Field::given(at, entry.value).text_or_integer(findings)
        };
        additions.insert(entry.key, value);
    }
    additions
}
