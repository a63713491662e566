//! `components_list`, and the fields of older versions that stand for a part of it.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::catalog::Entry;
use crate::findings::Findings;
use crate::request::RequestedComponent;
use crate::{Category, ClusterType, Component, Usage, WorkerType, categories, domain, name};

mod additions;

pub(crate) use additions::is_text;

pub(super) fn catalog(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let kind = kind(draft);
    let wanted = match kind {
        Some(kind) => wanted(context, kind),
        // Whatever kind it is to be, what is given has to be right.
        None => context.request.components.keys().copied().collect(),
    };
    report_dropped(context, &wanted, kind, findings);
    for category in wanted {
        if let Some(component) = component(context, category, draft, findings) {
            draft.components.insert(category, component);
        }
    }
}

type Kind = (ClusterType, Usage, Option<WorkerType>);

fn kind(draft: &Draft) -> Option<Kind> {
    let usage = draft.usage?;
    if usage == Usage::Worker && draft.worker_type.is_none() {
        return None;
    }
    Some((draft.cluster_type?, usage, draft.worker_type))
}

const VIRTUAL_PIPELINE: Kind = (
    ClusterType::Virtual,
    Usage::Worker,
    Some(WorkerType::Pipeline),
);

fn wanted(context: &Context<'_>, kind: Kind) -> Vec<Category> {
    let mut wanted = categories(kind.0, kind.1, kind.2).to_vec();
    if kind == VIRTUAL_PIPELINE && context.request.mentions(Category::Gateway) {
        wanted.push(Category::Gateway);
    }
    wanted
}

fn report_dropped(
    context: &Context<'_>,
    wanted: &[Category],
    kind: Option<Kind>,
    findings: &mut Findings,
) {
    if kind == Some(VIRTUAL_PIPELINE) && wanted.contains(&Category::Gateway) {
        findings.warn("`gateway` is kept, but not installed: the gateway of the host serves a virtual cluster");
    }
    for category in context.request.components.keys() {
        let key = category.snake_case();
        if !category.is_requestable() {
            findings.warn(format!(
                "`{key}` in `components_list` is ignored: this component can't be chosen"
            ));
        } else if !wanted.contains(category) {
            findings.warn(format!(
                "`{key}` in `components_list` is dropped: a cluster of this kind has none"
            ));
        }
    }
    for legacy in &context.request.legacy {
        if kind.is_some() && legacy.value.value.is_some() && !wanted.contains(&legacy.category) {
            findings.warn(format!(
                "`{}` is ignored: a cluster of this kind has no `{}`",
                legacy.field,
                legacy.category.snake_case()
            ));
        }
    }
}

fn component(
    context: &Context<'_>,
    category: Category,
    draft: &Draft,
    findings: &mut Findings,
) -> Option<Component> {
    let requested = context.request.components.get(&category);
    let requested = requested.filter(|_| category.is_requestable());
    let entry = entry(context, category, requested, findings)?;
    Some(Component {
        name: entry.name.clone(),
        namespace: namespace(entry, requested, findings)?,
        additions: additions::read(context, category, entry, draft, findings),
    })
}

/// The catalog's entry of the requested name, or the category's default.
fn entry<'a>(
    context: &Context<'a>,
    category: Category,
    requested: Option<&RequestedComponent>,
    findings: &mut Findings,
) -> Option<&'a Entry> {
    let catalog = context.catalog;
    let field = requested.map(|component| &component.name);
    if let Some(name) = field.and_then(|field| field.value.as_ref()) {
        let entry = catalog
            .entry(name)
            .filter(|entry| entry.category == category);
        if entry.is_none() {
            let known = catalog.names(category).join(", ");
            findings.refuse(
                field.map_or("", |field| &field.at),
                format!(
                    "the catalog has no `{}` named {}",
                    category.snake_case(),
                    quoted(name)
                ),
                format!("choose from: {known}"),
            );
        }
        return entry;
    }
    let default = catalog.default_for(category);
    if default.is_none() {
        findings.refuse(
            &context.request.place_of_component(category),
            format!(
                "the catalog has no component for `{}`",
                category.snake_case()
            ),
            "have the operator add one to the catalog",
        );
    }
    default
}

fn namespace(
    entry: &Entry,
    requested: Option<&RequestedComponent>,
    findings: &mut Findings,
) -> Option<String> {
    let Some(field) = requested.map(|component| &component.namespace) else {
        return Some(entry.namespace.clone());
    };
    let Some(namespace) = &field.value else {
        return (!field.broken).then(|| entry.namespace.clone());
    };
    if !name::is_dns_label(namespace) {
        findings.refuse(
            &field.at,
            format!("{} can't be the name of a namespace", quoted(namespace)),
            "use lower-case letters, digits and inner hyphens, at most 63",
        );
        return None;
    }
    // The command line's own examples for v0.3 have another one.
    if entry.fixed_namespace && *namespace != entry.namespace {
        findings.warn(format!(
            "namespace {} of `{}` in `components_list` is ignored: it works in `{}` only",
            quoted(namespace),
            entry.name,
            entry.namespace
        ));
        return Some(entry.namespace.clone());
    }
    Some(namespace.clone())
}

/// The log-in cookie of the pipelines' dashboard is for the primary domain.
pub(super) fn pipeline_host(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let pipeline = draft.components.get(&Category::Pipeline);
    let host = pipeline.and_then(|component| component.additions.get("host"));
    let given = context.request.given(Category::Pipeline, "host");
    if let (Some(host), Some(domain), Some(at)) = (host, &draft.primary_domain, given)
        && !domain::is_below(host, domain)
    {
        findings.refuse(
            at,
            format!(
                "host name {} is not below the primary domain `{domain}`",
                quoted(host)
            ),
            format!("send a name such as tekton.{}.{domain}", context.name),
        );
    }
}
