//! `primary_domain`

use super::{Context, Draft};
use crate::body::quote::quoted;
use crate::findings::Findings;
use crate::{domain, name};

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
}
