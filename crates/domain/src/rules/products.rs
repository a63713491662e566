//! Rights of products: `reserved_namespaces_allowed_products` and `product_allowed_cluster_resources`.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::{ClusterResource, name};

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
        for (at, product) in &allowed.items {
            refuse_product(product, at, findings);
        }
        let products = allowed.items.iter().map(|(_, product)| product.clone());
        draft
            .namespaces
            .insert(namespace.clone(), products.collect());
    }
}

pub(super) fn resources(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    for (product, allowed) in &context.request.resources {
        refuse_product(product, &allowed.at, findings);
        for (at, item) in &allowed.items {
            refuse_resource(item, at, findings);
        }
        let items = allowed.items.iter().map(|(_, item)| item.clone());
        draft.resources.insert(product.clone(), items.collect());
    }
}

/// One character that YAML does not know, and kustomize reads no file of the folder.
fn refuse_product(product: &str, at: &str, findings: &mut Findings) {
    if !name::is_product(product) {
        let message = format!("{} can't be the name of a product", quoted(product));
        findings.refuse(
            at,
            message,
            "use letters, digits, hyphens, underscores, dots and slashes, at most 255",
        );
    }
}

fn refuse_resource(resource: &ClusterResource, at: &str, findings: &mut Findings) {
    let (kind, group) = (&resource.kind, &resource.group);
    if !name::is_kind(kind) {
        let message = format!("{} can't be the kind of a resource", quoted(kind));
        findings.refuse(
            at,
            message,
            "use letters and digits, a capital first, such as ClusterRole",
        );
    }
    if !name::is_group(group) {
        let message = format!("{} can't be the group of a resource", quoted(group));
        findings.refuse(
            at,
            message,
            "use a DNS name such as rbac.authorization.k8s.io, or *",
        );
    }
}
