//! The two map fields. Whatever stands twice in them is united.

use std::collections::{BTreeMap, BTreeSet};

use super::Allowed;
use crate::ClusterResource;
use crate::body::Body;
use crate::body::quote::trim_blanks;
use crate::fields::{Field, Object, pointer};
use crate::findings::Findings;
use crate::tree::Node;

/// `reserved_namespaces_allowed_products`
pub(super) fn namespaces(
    object: &mut Object,
    findings: &mut Findings,
) -> BTreeMap<String, Allowed<String>> {
    let field = "reserved_namespaces_allowed_products";
    read(object, field, findings, |item, findings| {
        let text = item.word(findings);
        if text.is_absent() {
            findings.refuse(&text.at, "the name of a product is empty", "remove it");
        }
        text.value
    })
}

/// `product_allowed_cluster_resources`
pub(super) fn resources(
    object: &mut Object,
    body: &Body,
    findings: &mut Findings,
) -> BTreeMap<String, Allowed<ClusterResource>> {
    let field = "product_allowed_cluster_resources";
    read(object, field, findings, |item, findings| {
        let item = item.entries(findings);
        if item.broken {
            return None;
        }
        let entries = item.value.unwrap_or_default();
        let mut object = Object::new(entries, &item.at, &["kind", "group"], findings);
        let mut word = |name: &str, findings: &mut Findings| {
            let text = object.take(name, body, findings).word(findings);
            if text.is_absent() {
                let message = format!("`{name}` of a cluster resource is missing or empty");
                findings.refuse_missing(&text.at, message, EXAMPLE);
            }
            text.value
        };
        let (kind, group) = (word("kind", findings), word("group", findings));
        Some(ClusterResource {
            kind: kind?,
            group: group?,
        })
    })
}

const EXAMPLE: &str =
    "send both, such as {\"kind\": \"ClusterRole\", \"group\": \"rbac.authorization.k8s.io\"}";

fn read<T: Ord + Clone>(
    object: &mut Object,
    name: &str,
    findings: &mut Findings,
    mut item: impl FnMut(Field<Node>, &mut Findings) -> Option<T>,
) -> BTreeMap<String, Allowed<T>> {
    let mut map: BTreeMap<String, Allowed<T>> = BTreeMap::new();
    for given in object.take_all(name) {
        if given.value.is_absent() {
            continue;
        }
        let field = Field::given(given.at, given.value).entries(findings);
        for entry in field.value.unwrap_or_default() {
            if entry.value.is_absent() {
                continue;
            }
            let at = pointer(&field.at, &entry.key);
            let list = Field::given(at.clone(), entry.value).list(findings);
            let allowed = map
                .entry(trim_blanks(&entry.key).to_owned())
                .or_insert_with(|| Allowed {
                    at: at.clone(),
                    items: Vec::new(),
                    seen: BTreeSet::new(),
                });
            for (index, node) in list.value.unwrap_or_default().into_iter().enumerate() {
                let field = element(&at, index, node);
                let place = field.at.clone();
                if let Some(value) = item(field, findings)
                    && allowed.seen.insert(value.clone())
                {
                    allowed.items.push((place, value));
                }
            }
        }
    }
    map
}

fn element(at: &str, index: usize, node: Node) -> Field<Node> {
    let at = pointer(at, &index.to_string());
    if node.is_absent() {
        Field::absent(at)
    } else {
        Field::given(at, node)
    }
}
