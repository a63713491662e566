//! Names that follow from a cluster's name: none too long for its kind of object, none that another cluster has.

use std::collections::BTreeMap;

use super::{Context, Draft};
use crate::findings::Findings;
use crate::names::{self, DerivedName, NameKind};
use crate::{Cluster, ClusterType, name};

const FIELD: &str = "/cluster_name";

/// Only a cluster that is new can be called something else.
pub(super) fn fit(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let Some(mut cluster) = outline(context, draft).filter(|_| context.current.is_none()) else {
        return;
    };
    if cluster.cluster_type == ClusterType::Virtual && cluster.host_cluster.is_none() {
        // The host is wrong, and told as such; its name is no part of those that may be too long.
        cluster.host_cluster = Some("h".to_owned());
    }
    let derived = names::derived(&cluster, context.catalog);
    let mut wrong = derived.iter().filter(|name| !name.is_valid());
    if let Some(first) = wrong.clone().next() {
        // Advice that mends the first of them alone would lead to the next refusal.
        let needs_letter = wrong.clone().any(|name| surplus(name) == 0);
        let surplus = wrong.by_ref().map(surplus).max().unwrap_or_default();
        let hint = hint(context.name, surplus, needs_letter);
        findings.refuse(FIELD, invalid(context.name, first), hint);
    }
}

/// Two clusters whose names begin alike may have a name in common. Where the other one is not registered yet, or not
/// known here, a new cluster leaves it its names.
pub(super) fn differ(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let Some(cluster) = outline(context, draft) else {
        return;
    };
    for other in context.neighbourhood.others(context.name) {
        let shared = names::shared(&cluster, other, context.catalog);
        if let Some(shared) = shared.filter(|shared| !is_own_namespace(context, shared)) {
            let message = format!(
                "cluster `{}` and this one would both have the {} `{}`",
                other.name,
                shared.kind.word(),
                shared.name
            );
            findings.refuse(FIELD, message, "choose another name");
            return;
        }
    }
    let tail = names::overlapping_tail(&cluster, context.catalog);
    if let Some((other, application)) = tail.filter(|_| context.current.is_none()) {
        let message = format!(
            "a cluster `{other}` would have the Argo CD Application `{application}` as well as this one"
        );
        findings.refuse(FIELD, message, "choose another name");
    }
}

/// A virtual cluster lives in a namespace of its name: [`super::name::reserved`] tells what else has that.
fn is_own_namespace(context: &Context<'_>, shared: &DerivedName) -> bool {
    shared.kind == NameKind::Namespace && shared.name == context.name
}

/// The cluster as far as its names depend on it; none as long as its kind is not known, or its name is none.
fn outline(context: &Context<'_>, draft: &Draft) -> Option<Cluster> {
    if !name::is_cluster_name(context.name) {
        return None;
    }
    Some(Cluster {
        name: context.name.to_owned(),
        api_server: String::new(),
        cluster_kind: String::new(),
        cluster_type: draft.cluster_type?,
        usage: draft.usage?,
        worker_type: draft.worker_type,
        host_cluster: draft.host.as_ref().map(|host| host.name.clone()),
        primary_domain: String::new(),
        https_node_port: None,
        credentials: None,
        components: draft.components.clone(),
        reserved_namespaces_allowed_products: BTreeMap::new(),
        product_allowed_cluster_resources: BTreeMap::new(),
    })
}

fn invalid(cluster: &str, name: &DerivedName) -> String {
    let (word, derived) = (name.kind.word(), &name.name);
    let limit = name.kind.limit();
    if derived.len() > limit {
        format!(
            "the name `{cluster}` is too long: its {word} `{derived}` would have more than {limit} characters"
        )
    } else {
        format!(
            "the name `{cluster}` must begin with a letter: its {word} `{derived}` does not work otherwise"
        )
    }
}

/// Characters of a derived name above its limit.
fn surplus(name: &DerivedName) -> usize {
    name.name.len().saturating_sub(name.kind.limit())
}

fn hint(cluster: &str, surplus: usize, needs_letter: bool) -> String {
    let most = cluster.len().saturating_sub(surplus);
    let letter = "that begins with a letter";
    match (surplus, needs_letter) {
        (0, _) => format!("choose a name {letter}"),
        (_, true) => format!("choose a name of at most {most} characters {letter}"),
        (_, false) => format!("choose a name of at most {most} characters"),
    }
}
