//! What products may use: `reserved_namespaces_allowed_products` and `product_allowed_cluster_resources`.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::name;

pub(super) fn namespaces(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    for (namespace, allowed) in &context.request.namespaces {
        if !name::is_dns_label(namespace) {
            findings.refuse(
                &allowed.at,
                format!("{} can't be the name of a namespace", quoted(namespace)),
                "use lower-case letters, digits and inner hyphens, at most 63",
            );
            continue;
        }
        let is_a_components = draft
            .components
            .values()
            .any(|component| component.namespace == *namespace);
        if !is_a_components {
            findings.warn(format!(
                "namespace `{namespace}` in `reserved_namespaces_allowed_products` is no component's of this cluster; it is kept"
            ));
        }
        draft
            .namespaces
            .insert(namespace.clone(), allowed.items.clone());
    }
}

pub(super) fn resources(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    for (product, allowed) in &context.request.resources {
        if product.is_empty() {
            findings.refuse(
                &allowed.at,
                "the name of a product is empty",
                "send the product's name",
            );
            continue;
        }
        draft
            .resources
            .insert(product.clone(), allowed.items.clone());
    }
}
