//! The kinds the server knows without a CustomResourceDefinition.

use std::sync::Arc;

use serde_json::Value;

use crate::resource::{ApiResource, GroupResource};
use crate::schema::SchemaNode;
use crate::table::builtin_columns;

/// Group (`-`: core), version, plural, kind, flags (n namespaced, s status subresource, a category "all",
/// v virtual: POST only, `-` none), short names.
const ROWS: &str = "
- v1 configmaps ConfigMap n cm
- v1 events Event n ev
- v1 namespaces Namespace s ns
- v1 nodes Node s no
- v1 pods Pod nsa po
- v1 secrets Secret n
- v1 serviceaccounts ServiceAccount n sa
- v1 services Service nsa svc
admissionregistration.k8s.io v1 validatingadmissionpolicies ValidatingAdmissionPolicy s
admissionregistration.k8s.io v1 validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding -
apiextensions.k8s.io v1 customresourcedefinitions CustomResourceDefinition s crd crds
apps v1 deployments Deployment nsa deploy
apps v1 statefulsets StatefulSet nsa sts
authentication.k8s.io v1 selfsubjectreviews SelfSubjectReview v
authorization.k8s.io v1 localsubjectaccessreviews LocalSubjectAccessReview nv
authorization.k8s.io v1 selfsubjectaccessreviews SelfSubjectAccessReview v
authorization.k8s.io v1 selfsubjectrulesreviews SelfSubjectRulesReview v
authorization.k8s.io v1 subjectaccessreviews SubjectAccessReview v
autoscaling v2 horizontalpodautoscalers HorizontalPodAutoscaler ns hpa
batch v1 jobs Job nsa
coordination.k8s.io v1 leases Lease n
networking.k8s.io v1 ingresses Ingress ns ing
networking.k8s.io v1 networkpolicies NetworkPolicy n netpol
policy v1 poddisruptionbudgets PodDisruptionBudget ns pdb
rbac.authorization.k8s.io v1 clusterrolebindings ClusterRoleBinding -
rbac.authorization.k8s.io v1 clusterroles ClusterRole -
rbac.authorization.k8s.io v1 rolebindings RoleBinding n
rbac.authorization.k8s.io v1 roles Role n
";

/// Lists whose elements are told apart by keys, in whatever built-in kind they stand; the rest is taken as it is.
const LISTS: &str = include_str!("builtin/lists.yaml");

/// Every built-in resource.
pub fn resources() -> Result<Vec<Arc<ApiResource>>, String> {
    let schema = Arc::new(schema()?);
    let rows = ROWS.lines().filter(|row| !row.is_empty());
    rows.map(|row| {
        let resource = resource(row, &schema).ok_or_else(|| format!("not a resource: {row}"))?;
        Ok(Arc::new(resource))
    })
    .collect()
}

fn schema() -> Result<SchemaNode, String> {
    let lists: Value = serde_saphyr::from_str(LISTS).map_err(|error| error.to_string())?;
    SchemaNode::from_json(&lists)
}

/// The schema of `metadata`, for definitions.
pub fn object_meta() -> Result<Arc<SchemaNode>, String> {
    let schema = schema()?;
    let metadata = schema.properties.get("metadata");
    metadata.cloned().ok_or_else(|| "no metadata".into())
}

fn resource(row: &str, schema: &Arc<SchemaNode>) -> Option<ApiResource> {
    let mut words = row.split_whitespace();
    let [group, version, plural, kind, flags] = std::array::from_fn(|_| words.next());
    let (group, plural, kind, flags) = (group?, plural?, kind?, flags?);
    let group = if group == "-" { "" } else { group };
    let categories = if flags.contains('a') {
        vec!["all".to_owned()]
    } else {
        Vec::new()
    };
    Some(ApiResource {
        id: GroupResource::new(group, plural),
        version: version?.to_owned(),
        kind: kind.to_owned(),
        list_kind: format!("{kind}List"),
        singular: kind.to_lowercase(),
        short_names: words.map(str::to_owned).collect(),
        categories,
        namespaced: flags.contains('n'),
        status: flags.contains('s'),
        custom: false,
        storage: true,
        virtual_create: flags.contains('v'),
        schema: schema.clone(),
        columns: Arc::new(builtin_columns(plural)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_resource() {
        assert_eq!(resources().unwrap().len(), ROWS.trim().lines().count());
    }
}
