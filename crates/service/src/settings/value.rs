//! Values of settings that can be used. What goes into the tenant's repository must hold no secret.

use domain::{destination, name};

use super::SettingError;

type Checked = Result<String, SettingError>;

/// An `http` or `https` URL without user information, query or fragment.
pub(super) fn web_url(name: &'static str, value: String) -> Checked {
    let value = value.trim().to_owned();
    let authority = match value.split_once("://") {
        Some(("http" | "https", rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        _ => return Err(unusable(name, "must be an absolute http or https URL")),
    };
    if authority.contains('@') {
        return Err(unusable(
            name,
            "must not have user information before the host",
        ));
    }
    if value.contains(['?', '#']) {
        return Err(unusable(name, "must not have a query or fragment"));
    }
    match destination::origin(&value) {
        Some(_) => Ok(value),
        None => Err(unusable(name, "has no valid host and port")),
    }
}

/// The tokens of callers and of the service go to these addresses.
pub(super) fn encrypted(name: &'static str, url: &str) -> Result<(), SettingError> {
    let is_local =
        |url| destination::origin(url).is_some_and(|(host, _)| destination::is_loopback(&host));
    match url.starts_with("http://") && !is_local(url) {
        true => Err(unusable(
            name,
            "must be https outside of this machine: tokens go there; insecure_upstreams=true permits http",
        )),
        false => Ok(()),
    }
}

/// GitLab's own address, to which the API's path is added.
pub(super) fn gitlab_url(value: String) -> Checked {
    const NAME: &str = "gitlab_url";
    let value = web_url(NAME, value)?;
    match value.trim_end_matches('/').ends_with("/api/v4") {
        true => Err(unusable(
            NAME,
            "must be GitLab's own address, without /api/v4",
        )),
        false => Ok(value),
    }
}

pub(super) fn optional_url(name: &'static str, value: Option<String>) -> Checked {
    value.map_or(Ok(String::new()), |value| web_url(name, value))
}

/// A URL as Git takes it. The user of SSH is no secret, a password is.
pub(super) fn repository_url(value: String) -> Checked {
    const NAME: &str = "repository_url";
    let value = value.trim().to_owned();
    let scheme = value
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("http" | "https")) {
        return web_url(NAME, value);
    }
    let rest = value
        .split_once("://")
        .map_or(value.as_str(), |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((user, _)) if user.contains(':') => Err(unusable(NAME, "must not have a password")),
        _ => Ok(value),
    }
}

/// A DNS-1123 label.
pub(super) fn label(name: &'static str, value: String) -> Checked {
    match name::is_dns_label(&value) {
        true => Ok(value),
        false => Err(unusable(
            name,
            "must be lower-case letters, digits and inner hyphens, at most 63",
        )),
    }
}

/// A project by its path or number.
pub(super) fn project(value: String) -> Checked {
    match value.contains("://") {
        true => Err(unusable(
            "gitlab_project",
            "must be the project's path, such as group/project, or its number, not a URL",
        )),
        false => Ok(value),
    }
}

/// A bearer token. Files of tokens end with a line break.
pub(super) fn token(value: String) -> Checked {
    let value = value.trim().to_owned();
    match value.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(value),
        false => Err(unusable(
            "kubernetes_token",
            "must be one word of ASCII characters",
        )),
    }
}

fn unusable(name: &'static str, problem: &str) -> SettingError {
    SettingError {
        name,
        problem: problem.to_owned(),
    }
}
