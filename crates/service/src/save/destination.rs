//! Where a save would send credentials: the operator's rules, which the components do not know.

use domain::destination::{self, DestinationError, DestinationPolicy};
use domain::{Checked, Rejection, Violation};
use serde_json::Value;

/// Refuses a cluster whose API server or proxy must not get credentials. A resource file that was pushed by
/// hand comes here as well, so this stands before every write of a cluster Secret.
pub(crate) fn refuse_destination(
    policy: &DestinationPolicy,
    checked: &Checked,
) -> Result<(), Rejection> {
    let server = &checked.cluster.api_server;
    let mut violations: Vec<Violation> = server_violation(policy, server).into_iter().collect();
    let proxy = checked.credentials.as_ref();
    let proxy = proxy.and_then(|credentials| credentials.proxy_url.as_deref());
    if let Some(Err(error)) = proxy.map(|url| policy.check_proxy(url)) {
        // The URL of a proxy may hold a password.
        violations.push(violation(
            "/kubeconfig",
            "the kubeconfig's `proxy-url`",
            error,
        ));
    }
    match violations.is_empty() {
        true => Ok(()),
        false => Err(Rejection::ValidationFailed(violations)),
    }
}

/// Refuses to keep credentials that go by a proxy which must not be used: they may be older than the operator's rules, or
/// of another hand.
pub(crate) fn refuse_stored(
    policy: &DestinationPolicy,
    secret: Option<&Value>,
) -> Result<(), Rejection> {
    let Some(url) = secret.and_then(argocd::objects::stored_proxy) else {
        return Ok(());
    };
    let subject = "the `proxy-url` of the stored kubeconfig";
    policy.check_proxy(&url).map_err(|error| {
        let hint = "send a kubeconfig without that proxy".to_owned();
        let mut violation = violation("/kubeconfig", subject, error);
        violation.hint = Some(hint);
        Rejection::ValidationFailed(vec![violation])
    })
}

/// Adds what the operator's rules say to the rules that are broken already: all are reported at once.
pub(crate) fn with_destination(
    policy: &DestinationPolicy,
    api_server: Option<&str>,
    rejection: Rejection,
) -> Rejection {
    let Rejection::ValidationFailed(mut violations) = rejection else {
        return rejection;
    };
    let is_server = |violation: &Violation| {
        let field = violation.field.rsplit('/').next().unwrap_or_default();
        ["api_server", "apiServer"].contains(&field)
    };
    if !violations.iter().any(is_server) {
        violations.extend(api_server.and_then(|url| server_violation(policy, url)));
    }
    Rejection::ValidationFailed(violations)
}

fn server_violation(policy: &DestinationPolicy, url: &str) -> Option<Violation> {
    let error = policy.check_api_server(url).err()?;
    let subject = format!("`api_server` {}", domain::quoted(url));
    Some(violation("/api_server", &subject, error))
}

fn violation(field: &str, subject: &str, error: DestinationError) -> Violation {
    Violation {
        field: field.to_owned(),
        message: format!("{subject} {error}"),
        hint: Some(destination::hint(error).to_owned()),
    }
}
