//! Values of settings that can be used. What goes into the tenant's repository must hold no secret.

use domain::{destination, name, names};

use super::SettingError;

/// Check of a value: returns the reason why it can't be used, or `None`. Never repeats the value.
pub(super) type Rule = fn(&str) -> Option<&'static str>;

/// The first variable with a value that can't be used.
pub(super) fn check(given: &[(&'static str, &str, Rule)]) -> Result<(), SettingError> {
    let mut wrong = given
        .iter()
        .filter_map(|(name, value, rule)| Some(unusable(name, rule(value)?)));
    wrong.next().map_or(Ok(()), Err)
}

pub(super) fn unusable(name: &'static str, problem: &str) -> SettingError {
    SettingError {
        name,
        problem: problem.to_owned(),
    }
}

/// An `http` or `https` URL without user information, query or fragment.
pub(super) fn web_url(value: &str) -> Option<&'static str> {
    let authority = match value.split_once("://") {
        Some(("http" | "https", rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        _ => return Some("must be an absolute http or https URL"),
    };
    if authority.contains('@') {
        Some("must not have user information before the host")
    } else if value.contains(['?', '#']) {
        Some("must not have a query or fragment")
    } else if destination::origin(value).is_none() {
        Some("has no valid host and port")
    } else {
        None
    }
}

/// The tokens of callers and of the service go to these addresses.
pub(super) fn encrypted(url: &str) -> Option<&'static str> {
    let is_local =
        || destination::origin(url).is_some_and(|(host, _)| destination::is_loopback(&host));
    (url.starts_with("http://") && !is_local()).then_some(
        "must be https outside of this machine: tokens go there; insecure_upstreams=true permits http",
    )
}

/// GitLab's own address, to which the API's path is added.
pub(super) fn gitlab_url(value: &str) -> Option<&'static str> {
    let has_path = value.trim_end_matches('/').ends_with("/api/v4");
    let problem = || has_path.then_some("must be GitLab's own address, without /api/v4");
    web_url(value).or_else(problem)
}

pub(super) fn optional_url(value: &str) -> Option<&'static str> {
    match value {
        "" => None,
        value => web_url(value),
    }
}

/// A URL as Git and Argo CD take it; empty for GitLab's own. The user of SSH is no secret, a password is.
pub(super) fn repository_url(value: &str) -> Option<&'static str> {
    let rest = match value.split_once("://") {
        Some((scheme, _))
            if scheme.len() >= 4 && scheme.to_ascii_lowercase().starts_with("http") =>
        {
            return web_url(value);
        }
        Some(("ssh", rest)) => rest,
        None if value.is_empty() || value.contains(':') => value,
        _ => return Some("must be an https or ssh URL, or such as git@host:group/project.git"),
    };
    // All that stands before the last `@`, also where somebody has typed a slash too few or too many.
    let user = rest.rsplit_once('@').map(|(user, _)| user);
    let has_password = user.is_some_and(|user| user.contains(':'));
    has_password.then_some("must not have a password")
}

/// A DNS-1123 label.
pub(super) fn label(value: &str) -> Option<&'static str> {
    const LABEL: &str = "must be lower-case letters, digits and inner hyphens, at most 63";
    (!name::is_dns_label(value)).then_some(LABEL)
}

/// The name of Argo CD's project for the tenant, from which other names are made. `default` is everybody's in Argo CD, and a
/// save would make it the tenant's.
pub(super) fn tenant(value: &str) -> Option<&'static str> {
    let is_taken = value == "default" || value.len() > names::MAX_TENANT;
    let problem = || {
        is_taken.then_some(
            "must have 52 characters at the most, and not be the name of Argo CD's own project",
        )
    };
    label(value).or_else(problem)
}

/// A project by its path or number. No path is without a group.
pub(super) fn project(value: &str) -> Option<&'static str> {
    let path = value.trim_matches('/');
    let is_number = !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_digit());
    let has_group = path.contains('/') && !path.ends_with(".git");
    let is_usable = (is_number || has_group) && is_plain_path(path);
    (!is_usable)
        .then_some("must be the project's path, such as group/project, or its number, not a URL")
}

/// A path below which a service lives.
pub(super) fn path_prefix(value: &str) -> Option<&'static str> {
    let is_usable = is_plain_path(value) && !value.trim_end_matches('/').ends_with("api/v4");
    (!is_usable).then_some("must be a path such as /gitlab, without /api/v4")
}

fn is_plain_path(path: &str) -> bool {
    path.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-./+~".contains(&byte))
}

/// A branch by its name, as `git check-ref-format` has it in the main.
pub(super) fn branch(value: &str) -> Option<&'static str> {
    let is_refused = |byte: u8| byte <= b' ' || b"~^:?*[\\".contains(&byte);
    let is_usable = !value.starts_with("refs/") && !value.bytes().any(is_refused);
    (!is_usable).then_some("must be the branch's name alone, such as main")
}

/// The name of an OAuth 2.0 client, or its secret; empty for none.
pub(super) fn client(value: &str) -> Option<&'static str> {
    let between = |start: &str, end: &str| value.starts_with(start) && value.ends_with(end);
    let is_placeholder = between("<", ">") || between("${", "}") || between("{{", "}}");
    let is_usable = !is_placeholder && !value.contains(char::is_control);
    (!is_usable).then_some(
        "must be the value itself, on one line: it is a placeholder, or has control characters",
    )
}

/// A bearer token, as it goes into a header.
pub(super) fn token(value: &str) -> Option<&'static str> {
    let is_refused = |byte: u8| !byte.is_ascii_graphic() || b"\"'`<>{}".contains(&byte);
    let is_usable = !value.starts_with('$') && !value.bytes().any(is_refused);
    (!is_usable).then_some("must be the token alone: one word, no placeholder, no quotes")
}
