//! Warnings for the caller although no rule is broken.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::{Category, WorkerType, domain};

/// Warns about what will not work, and about what is left out.
pub(super) fn give(context: &Context<'_>, draft: &Draft, findings: &mut Findings) {
    foreign_domain(context, draft, findings);
    no_vault(context, draft, findings);
}

/// The host's OAuth2 proxy logs people in below the host's domain, and browsers keep its cookie there.
fn foreign_domain(context: &Context<'_>, draft: &Draft, findings: &mut Findings) {
    let Some(own) = &draft.primary_domain else {
        return;
    };
    let mut dashboards = Vec::new();
    let (host, host_domain) = match &draft.host {
        Some(host) => {
            if draft.worker_type == Some(WorkerType::Pipeline) {
                dashboards.push((context.name, own));
            }
            (host.name.as_str(), &host.primary_domain)
        }
        None => {
            let clusters = context.neighbourhood.virtual_clusters(context.name);
            let pipelines =
                clusters.filter(|cluster| cluster.worker_type == Some(WorkerType::Pipeline));
            dashboards
                .extend(pipelines.map(|cluster| (cluster.name.as_str(), &cluster.primary_domain)));
            (context.name, own)
        }
    };
    for (cluster, domain) in dashboards {
        if domain != host_domain && !domain::is_below(domain, host_domain) {
            findings.warn(format!(
                "nobody can log in to the pipeline dashboard of `{cluster}`: its `primary_domain` {} is neither {} nor below it, and the \
                 login is on host `{host}`",
                quoted(domain),
                quoted(host_domain),
            ));
        }
    }
}

fn no_vault(context: &Context<'_>, draft: &Draft, findings: &mut Findings) {
    let injector = draft.components.get(&Category::SecretManagement);
    if !context.has_vault && injector.is_some_and(|component| component.name == "vault") {
        findings.warn(
            "`vault` is not installed: the operator has set no `vault_url` for its injector to ask",
        );
    }
}
