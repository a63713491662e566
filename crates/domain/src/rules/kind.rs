//! `cluster_kind`, `cluster_type`, `usage` and `worker_type`: which of the five kinds a cluster is.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::fields::Field;
use crate::findings::Findings;
use crate::{ClusterType, Usage, WorkerType};

/// The only `cluster_kind` there is.
pub(crate) const KUBERNETES: &str = "kubernetes";

pub(super) fn cluster_kind(context: &Context<'_>, _: &mut Draft, findings: &mut Findings) {
    let field = &context.request.cluster_kind;
    if let Some(kind) = &field.value
        && kind != KUBERNETES
    {
        let message = format!("`cluster_kind` must be `kubernetes`, not {}", quoted(kind));
        findings.refuse(
            &field.at,
            message,
            "send `kubernetes`, or leave the field out",
        );
    }
}

pub(super) fn cluster_type(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.cluster_type;
    draft.cluster_type = required(
        field,
        "cluster_type",
        PHYSICAL_OR_VIRTUAL,
        ClusterType::parse,
        findings,
    );
    let is_host = context.request.usage.value.as_deref() == Some(Usage::Host.as_str());
    if is_host && draft.cluster_type == Some(ClusterType::Virtual) {
        findings.refuse(
            &field.at,
            "a host cluster must be physical: `cluster_type` can't be `virtual` where `usage` is `host`",
            "send `physical`, or `worker` as `usage`",
        );
    }
}

pub(super) fn usage(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.usage;
    draft.usage = required(field, "usage", HOST_OR_WORKER, Usage::parse, findings);
}

pub(super) fn worker_type(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.worker_type;
    if draft.usage == Some(Usage::Host) {
        if field.value.is_some() {
            let message = "`worker_type` is for workers: a host cluster has none";
            findings.refuse(&field.at, message, "leave the field out");
        }
        return;
    }
    match &field.value {
        Some(word) => {
            draft.worker_type = one_of(
                field,
                word,
                "worker_type",
                PIPELINE_OR_DEPLOYMENT,
                WorkerType::parse,
                findings,
            )
        }
        None if draft.usage == Some(Usage::Worker) && !field.broken => {
            draft.worker_type = Some(WorkerType::Deployment);
            findings.warn("`worker_type` is missing: the cluster becomes a `deployment` runtime");
        }
        None => {}
    }
}

const PHYSICAL_OR_VIRTUAL: &str = "`physical` or `virtual`";
const HOST_OR_WORKER: &str = "`host` or `worker`";
const PIPELINE_OR_DEPLOYMENT: &str = "`pipeline` or `deployment`";

fn required<T>(
    field: &Field<String>,
    name: &str,
    words: &str,
    parse: fn(&str) -> Option<T>,
    findings: &mut Findings,
) -> Option<T> {
    if let Some(word) = &field.value {
        return one_of(field, word, name, words, parse, findings);
    }
    if field.is_absent() {
        let message = format!("`{name}` is required");
        findings.refuse_missing(&field.at, message, format!("send {words}"));
    }
    None
}

fn one_of<T>(
    field: &Field<String>,
    word: &str,
    name: &str,
    words: &str,
    parse: fn(&str) -> Option<T>,
    findings: &mut Findings,
) -> Option<T> {
    let parsed = parse(word);
    if parsed.is_none() {
        let message = format!("`{name}` must be {words}, not {}", quoted(word));
        findings.refuse(&field.at, message, format!("send {words}"));
    }
    parsed
}
