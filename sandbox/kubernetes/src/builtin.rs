//! The kinds the server knows without a CustomResourceDefinition.

use std::sync::Arc;

use crate::resource::{GroupResource, Resource};
use crate::schema::{Kind, Schema, TypeLibrary};
use crate::table::{Column, builtin_columns};

const TYPES: [&str; 6] = [
    include_str!("builtin/meta.types"),
    include_str!("builtin/pod.types"),
    include_str!("builtin/core.types"),
    include_str!("builtin/workloads.types"),
    include_str!("builtin/access.types"),
    include_str!("builtin/apiextensions.types"),
];

struct Row {
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    schema: &'static str,
    short: &'static [&'static str],
    flags: &'static str,
}

const fn row(
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    schema: &'static str,
    short: &'static [&'static str],
    flags: &'static str,
) -> Row {
    Row {
        group,
        plural,
        kind,
        schema,
        short,
        flags,
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";

// Flags: n namespaced, s status subresource, a category "all", v virtual (POST only).
const ROWS: [Row; 21] = [
    row("", "configmaps", "ConfigMap", "ConfigMap", &["cm"], "n"),
    row("", "events", "Event", "Event", &["ev"], "n"),
    row("", "namespaces", "Namespace", "Namespace", &["ns"], "s"),
    row("", "nodes", "Node", "Node", &["no"], "s"),
    row("", "pods", "Pod", "Pod", &["po"], "nsa"),
    row("", "secrets", "Secret", "Secret", &[], "n"),
    row(
        "",
        "serviceaccounts",
        "ServiceAccount",
        "ServiceAccount",
        &["sa"],
        "n",
    ),
    row("", "services", "Service", "Service", &["svc"], "nsa"),
    row(
        "apps",
        "deployments",
        "Deployment",
        "Deployment",
        &["deploy"],
        "nsa",
    ),
    row(
        "apps",
        "statefulsets",
        "StatefulSet",
        "StatefulSet",
        &["sts"],
        "nsa",
    ),
    row("batch", "jobs", "Job", "Job", &[], "nsa"),
    row("coordination.k8s.io", "leases", "Lease", "Lease", &[], "n"),
    row(
        RBAC,
        "clusterrolebindings",
        "ClusterRoleBinding",
        "RoleBinding",
        &[],
        "",
    ),
    row(RBAC, "clusterroles", "ClusterRole", "ClusterRole", &[], ""),
    row(RBAC, "rolebindings", "RoleBinding", "RoleBinding", &[], "n"),
    row(RBAC, "roles", "Role", "Role", &[], "n"),
    row(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "CustomResourceDefinition",
        &["crd", "crds"],
        "s",
    ),
    row(
        AUTHORIZATION,
        "localsubjectaccessreviews",
        "LocalSubjectAccessReview",
        "AccessReview",
        &[],
        "nv",
    ),
    row(
        AUTHORIZATION,
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        "AccessReview",
        &[],
        "v",
    ),
    row(
        AUTHORIZATION,
        "selfsubjectrulesreviews",
        "SelfSubjectRulesReview",
        "RulesReview",
        &[],
        "v",
    ),
    row(
        "authentication.k8s.io",
        "selfsubjectreviews",
        "SelfSubjectReview",
        "SelfReview",
        &[],
        "v",
    ),
];

/// Every built-in resource, with its schema.
pub fn resources() -> Result<Vec<Arc<Resource>>, String> {
    let library = library()?;
    ROWS.iter()
        .map(|row| Ok(Arc::new(resource(row, &library)?)))
        .collect()
}

/// The types of the Kubernetes API.
pub fn library() -> Result<TypeLibrary, String> {
    let mut library = TypeLibrary::default();
    TYPES.iter().try_for_each(|text| library.read(text))?;
    Ok(library)
}

fn resource(row: &Row, library: &TypeLibrary) -> Result<Resource, String> {
    let columns: Vec<Column> = builtin_columns(row.plural);
    Ok(Resource {
        id: GroupResource::new(row.group, row.plural),
        version: "v1".into(),
        kind: row.kind.into(),
        list_kind: format!("{}List", row.kind),
        singular: row.kind.to_lowercase(),
        short_names: row.short.iter().map(|name| (*name).to_owned()).collect(),
        categories: if row.flags.contains('a') {
            vec!["all".into()]
        } else {
            Vec::new()
        },
        namespaced: row.flags.contains('n'),
        status: row.flags.contains('s'),
        custom: false,
        storage: true,
        virtual_create: row.flags.contains('v'),
        schema: with_header(library.get(row.schema)?.as_ref()),
        columns: Arc::new(columns),
    })
}

/// Every object says what it is.
fn with_header(schema: &Schema) -> Arc<Schema> {
    let mut schema = schema.clone();
    for field in ["apiVersion", "kind"] {
        schema
            .properties
            .insert(field.into(), Arc::new(Schema::of(Kind::String)));
    }
    Arc::new(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_schema() {
        assert_eq!(resources().unwrap().len(), ROWS.len());
    }
}
