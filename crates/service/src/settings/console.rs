//! Settings of the console alone.

use std::collections::BTreeMap;

use super::SettingError;
use super::value::{check, client, encrypted, optional_url, unusable};

/// A key of fewer characters can be guessed.
const MIN_KEY: usize = 32;

/// Judges the console's settings; one that is not set is no error.
///
/// # Errors
/// The first variable that is unusable.
pub fn check_console(values: &BTreeMap<String, String>) -> Result<(), SettingError> {
    let get = |name: &str| {
        let value = values.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    };
    if get("console_key").is_some_and(|key| key.len() < MIN_KEY) {
        return Err(unusable(
            "console_key",
            "must have 32 characters or more: sessions are sealed with it",
        ));
    }
    let text = |name| get(name).unwrap_or_default();
    let rules: [(_, super::value::Rule); 4] = [
        ("console_url", optional_own_url),
        ("argocd_url", optional_url),
        ("gitlab_oauth_client_id", client),
        ("gitlab_oauth_client_secret", client),
    ];
    check(&rules.map(|(name, rule)| (name, text(name), rule)))?;
    // Forms are compared with it, as browsers tell where they come from.
    let path = |url: &str| url.trim_end_matches('/').splitn(4, '/').nth(3).map(drop);
    match get("console_url").and_then(path) {
        Some(()) => Err(unusable("console_url", "must be an origin, without a path")),
        None => Ok(()),
    }
}

/// People's tokens and sessions go there.
fn optional_own_url(value: &str) -> Option<&'static str> {
    let problem = || {
        let is_open = encrypted(value).is_some();
        is_open.then_some("must be https outside of this machine: sessions go there")
    };
    optional_url(value).or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> Result<(), SettingError> {
        check_console(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn unusable_ones_are_named_without_repeating_them() {
        for (name, value) in [
            ("console_key", "canary"),
            ("console_key", &" ".repeat(40).replacen(' ', "canary", 1)),
            ("console_url", "clusters.example.com"),
            ("console_url", "https://clusters.example.com/console"),
            ("console_url", "https://u:canary@clusters.example.com"),
            ("console_url", "http://clusters.example.com"),
            ("argocd_url", "javascript:canary()"),
            ("gitlab_oauth_client_id", "${CANARY}"),
            ("gitlab_oauth_client_secret", "<canary>"),
        ] {
            let error = check(name, value).unwrap_err();
            assert_eq!(error.name, name, "{value}");
            assert!(!error.to_string().contains(value), "{error}");
        }
    }

    #[test]
    fn the_others_are_taken() {
        assert_eq!(check_console(&BTreeMap::new()), Ok(()));
        for (name, value) in [
            ("console_key", &*"k".repeat(32)),
            ("console_key", " "),
            ("console_url", "https://clusters.example.com:8443/"),
            ("console_url", "http://localhost:3000"),
            ("argocd_url", "https://example.com/argo-cd/"),
        ] {
            assert_eq!(check(name, value), Ok(()), "{value}");
        }
    }
}
