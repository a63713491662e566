//! The name of a cluster, in the path and in the body.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::name::{MAX_CLUSTER_NAME, is_cluster_name};
use crate::names::{self, NameKind};
use crate::{ClusterType, Usage, resource};

const FIELD: &str = "/cluster_name";

/// Of a host with the built-in catalog: [`super::derived_names::fit`] measures what follows from the name.
const MAX_HOST_NAME: usize = 38;
/// The same of a virtual cluster.
const MAX_VIRTUAL_NAME: usize = 39;

pub(super) fn label(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    if !is_cluster_name(context.name) {
        findings.refuse(
            FIELD,
            format!("{} can't be the name of a cluster", quoted(context.name)),
            hint(draft),
        );
    }
}

/// Hint at the names that a new cluster of this kind can have. A hint that only tells what all kinds have in common leads to the next
/// refusal.
fn hint(draft: &Draft) -> String {
    let is_virtual = draft.cluster_type == Some(ClusterType::Virtual);
    let most = match draft.usage {
        _ if is_virtual => MAX_VIRTUAL_NAME,
        Some(Usage::Host) => MAX_HOST_NAME,
        _ => MAX_CLUSTER_NAME,
    };
    let first = if is_virtual { ", a letter first" } else { "" };
    format!("use lower-case letters, digits and inner hyphens, at most {most}{first}")
}

/// Names that would give two things one name.
pub(super) fn reserved(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let name = context.name;
    let root_application = names::tenant_root(context.tenant);
    let holder = if name == "kustomization" {
        Some(format!(
            "the list of all clusters, {}",
            resource::path(name)
        ))
    } else if name == names::IN_CLUSTER_NAME {
        Some("Argo CD's own cluster".to_owned())
    } else if name == context.tenant {
        Some("the tenant".to_owned())
    } else if name == root_application {
        Some("the tenant's root Application".to_owned())
    } else {
        namespace_on_host(context, draft)
    };
    if let Some(holder) = holder {
        let message = format!("a cluster can't be named `{name}`: that is the name of {holder}");
        findings.refuse(FIELD, message, "choose another name");
    }
}

/// A virtual cluster lives in a namespace of its name on its host.
fn namespace_on_host(context: &Context<'_>, draft: &Draft) -> Option<String> {
    let name = context.name;
    if draft.cluster_type != Some(ClusterType::Virtual) {
        return None;
    }
    let hosts = draft.host.iter();
    let mut derived = hosts.flat_map(|host| names::derived(host, context.catalog));
    let of_component = derived.any(|other| other.kind == NameKind::Namespace && other.name == name);
    (of_component || (name == "default" || name.starts_with("kube-")))
        .then(|| "a namespace of its host".to_owned())
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
