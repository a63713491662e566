//! What the caller should know although no rule is broken.

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::{Category, WorkerType, domain};

/// Warns about what will not work, and about what is left out.
pub(super) fn give(context: &Context<'_>, draft: &Draft, findings: &mut Findings) {
    foreign_domain(draft, findings);
    no_vault(context, draft, findings);
}

/// The host's OAuth2 proxy logs people in below the host's domain, and browsers keep its cookie there.
fn foreign_domain(draft: &Draft, findings: &mut Findings) {
    let (Some(host), Some(own)) = (&draft.host, &draft.primary_domain) else {
        return;
    };
    let theirs = &host.primary_domain;
    let has_dashboard = draft.worker_type == Some(WorkerType::Pipeline);
    if has_dashboard && own != theirs && !domain::is_below(own, theirs) {
        findings.warn(format!(
            "nobody can log in to the pipeline dashboard: `primary_domain` {} is not, and is not below, `{theirs}` of \
             host `{}`, where the login is",
            quoted(own),
            host.name
        ));
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
