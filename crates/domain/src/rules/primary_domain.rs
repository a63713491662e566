//! `primary_domain`

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::{ClusterType, domain, name, names};

pub(super) fn dns_name(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.primary_domain;
    match &field.value {
        Some(domain) if name::is_dns_name(domain) => draft.primary_domain = Some(domain.clone()),
        Some(domain) => {
            let message = format!(
                "`primary_domain` must be a DNS name in lower case, not {}",
                quoted(domain)
            );
            findings.refuse(
                &field.at,
                message,
                "send a name such as 8.217.50.114.nip.io",
            );
        }
        None if field.broken => {}
        None => draft.primary_domain = draft.api_server.as_deref().map(domain::default_for),
    }
    if draft.cluster_type == Some(ClusterType::Physical) {
        refuse_long_login(context, draft, findings);
    }
}

/// The login of a physical cluster is an Ingress, whose host name Kubernetes would refuse after the commit.
fn refuse_long_login(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let prefix = names::login_host(context.name, "");
    let most = name::MAX_DNS_NAME.saturating_sub(prefix.len());
    // A bad name of the cluster is reported as such.
    let is_named = name::is_cluster_name(context.name);
    let is_long = |domain: &mut String| is_named && domain.len() > most;
    if draft.primary_domain.take_if(is_long).is_some() {
        findings.refuse(
            &context.request.primary_domain.at,
            format!("`primary_domain` is too long for the host name of the login, `{prefix}` and the domain"),
            format!("send a domain of at most {most} characters"),
        );
    }
}
