//! The name of a cluster, in the path and in the body.

use super::{Context, Draft};
use crate::applications::Owner;
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::name::{MAX_CLUSTER_NAME, MAX_HOST_NAME, MAX_VIRTUAL_NAME, is_cluster_name};
use crate::{ClusterType, Usage, resource};

const FIELD: &str = "/cluster_name";

pub(super) fn label(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let is_virtual = draft.cluster_type == Some(ClusterType::Virtual);
    let (kind, most) = match (is_virtual, draft.usage) {
        (true, _) => ("a virtual cluster", MAX_VIRTUAL_NAME),
        (false, Some(Usage::Host)) => ("a host", MAX_HOST_NAME),
        _ => ("a cluster", MAX_CLUSTER_NAME),
    };
    // A registered cluster keeps its name: it can't be renamed, only removed.
    let most = context.current.map_or(most, |_| MAX_CLUSTER_NAME);
    if !is_cluster_name(context.name) || context.name.len() > most {
        findings.refuse(
            FIELD,
            format!("{} can't be the name of {kind}", quoted(context.name)),
            format!("use lower-case letters, digits and inner hyphens, at most {most}"),
        );
    } else if is_virtual && context.current.is_none() && begins_with_digit(context.name) {
        findings.refuse(
            FIELD,
            format!("{} can't be the name of {kind}", quoted(context.name)),
            "begin with a letter: its Service has the same name, and a Service's begins with one before Kubernetes 1.36",
        );
    }
}

fn begins_with_digit(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_digit())
}

/// Names that would give two things one name.
pub(super) fn reserved(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let name = context.name;
    let root_application = format!("{}-management", context.tenant);
    let holder = if name == "kustomization" {
        Some(format!(
            "the list of all clusters, {}",
            resource::path(name)
        ))
    } else if name == "in-cluster" {
        Some("Argo CD's own cluster".to_owned())
    } else if name == context.tenant {
        Some("the tenant".to_owned())
    } else if name == root_application {
        Some("the tenant's root Application".to_owned())
    } else {
        namespace_on_host(name, draft)
    };
    if let Some(holder) = holder {
        let message = format!("a cluster can't be named `{name}`: that is the name of {holder}");
        findings.refuse(FIELD, message, "choose another name");
    }
}

/// A virtual cluster lives in a namespace of its name on its host.
fn namespace_on_host(name: &str, draft: &Draft) -> Option<String> {
    if draft.cluster_type != Some(ClusterType::Virtual) {
        return None;
    }
    let components = draft.host.iter().flat_map(|host| host.components.values());
    let of_component = components.into_iter().any(|it| it.namespace == name);
    // Namespaces with the prefix kube- are Kubernetes' own.
    let of_kubernetes = name == "default" || name.starts_with("kube-");
    (of_component || of_kubernetes).then(|| "a namespace of its host".to_owned())
}

/// Two clusters whose names begin alike may have an Application of the same name.
pub(super) fn applications(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let (Some(cluster_type), Some(usage)) = (draft.cluster_type, draft.usage) else {
        return;
    };
    let owner = Owner::new(context.name, cluster_type, usage, &draft.components);
    let own = owner.applications();
    for other in context.neighbourhood.others(context.name) {
        let theirs = Owner::from(other).applications();
        if let Some(shared) = own.intersection(&theirs).next() {
            let message = format!(
                "cluster `{}` and this one would both have the Argo CD Application `{shared}`",
                other.name
            );
            findings.refuse(FIELD, message, "choose another name");
        }
    }
}

pub(super) fn same_as_in_path(context: &Context<'_>, _: &mut Draft, findings: &mut Findings) {
    let field = &context.request.name;
    let head = context.request.manifest.as_ref();
    let given = match &field.value {
        Some(name) => Some((field.at.as_str(), name)),
        None => head.and_then(|head| Some(("/metadata/name", head.name.as_ref()?))),
    };
    if let Some((at, name)) = given
        && name != context.name
    {
        findings.refuse(
            at,
            format!(
                "the body names cluster {}, the path {}",
                quoted(name),
                quoted(context.name)
            ),
            "send the same name in both, or in the path only",
        );
    }
}

pub(super) fn manifest_kind(context: &Context<'_>, _: &mut Draft, findings: &mut Findings) {
    let head = context.request.manifest.as_ref();
    if let Some(kind) = head.and_then(|head| head.kind.as_deref())
        && kind != "Cluster"
    {
        let message = format!(
            "the manifest's `kind` must be `Cluster`, not {}",
            quoted(kind)
        );
        findings.refuse("/kind", message, "send a manifest with `kind: Cluster`");
    }
}
