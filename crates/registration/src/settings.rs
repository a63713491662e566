//! The application's variables, by the names that `spin.toml` declares.

use std::collections::BTreeMap;
use std::time::Duration;

/// Every variable a function may ask for. A host gives each function only those its manifest entry lists.
pub const VARIABLES: [&str; 17] = [
    "gitlab_url",
    "gitlab_project",
    "gitlab_branch",
    "kubernetes_url",
    "kubernetes_token",
    "tenant",
    "repository_url",
    "argocd_namespace",
    "nautes_namespace",
    "oidc_issuer_url",
    "oidc_client_id",
    "vault_url",
    "ca_bundle",
    "catalog",
    "delivery",
    "upstream_timeout_seconds",
    "git_url",
];

/// What an operator configures. The Kubernetes token is secret and shows in no `Debug`.
#[derive(Clone)]
pub struct Settings {
    /// Base URL of GitLab, with its path prefix if it has one, without `/api/v4`.
    pub gitlab_url: String,
    /// Path or numeric id of the tenant configuration repository.
    pub gitlab_project: String,
    /// The branch to commit to.
    pub gitlab_branch: String,
    /// URL of the management cluster's API server.
    pub kubernetes_url: String,
    /// Bearer token for it.
    pub kubernetes_token: String,
    /// Whether commits go straight to the branch or through a merge request.
    pub delivery: Delivery,
    /// Time limit for one request to GitLab or Kubernetes.
    pub upstream_timeout: Duration,
    /// What rendering needs. `repository_url` is empty where GitLab's own answer is to be used.
    pub rendering: cluster::Settings,
}

/// How a change reaches the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// A commit on the branch.
    Push,
    /// A commit on a branch of its own and a merge request.
    MergeRequest,
}

/// A variable that is missing or has no usable value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("variable {name} {problem}")]
pub struct SettingError {
    /// Its name in `spin.toml`.
    pub name: &'static str,
    /// What is wrong with it. Never its value.
    pub problem: String,
}

impl Settings {
    /// Takes the variables as a host gives them; an empty value counts as absent.
    ///
    /// # Errors
    /// The first variable that is missing or unusable.
    pub fn from_variables(mut values: BTreeMap<String, String>) -> Result<Self, SettingError> {
        let mut take = |name: &str| values.remove(name).filter(|value| !value.trim().is_empty());
        let mut required = |name: &'static str| {
            take(name).ok_or_else(|| SettingError { name, problem: "is not set".into() })
        };
        let gitlab_url = required("gitlab_url")?;
        let gitlab_project = required("gitlab_project")?;
        let kubernetes_url = required("kubernetes_url")?;
        let kubernetes_token = required("kubernetes_token")?;
        let tenant = required("tenant")?;
        let timeout = seconds(take("upstream_timeout_seconds"))?;
        let delivery = delivery(take("delivery").as_deref())?;
        let or = |value: Option<String>, default: &str| value.unwrap_or_else(|| default.to_owned());
        let rendering = cluster::Settings {
            tenant,
            repository_url: take("repository_url").unwrap_or_default(),
            target_revision: "HEAD".to_owned(),
            argocd_namespace: or(take("argocd_namespace"), "argocd"),
            nautes_namespace: or(take("nautes_namespace"), "nautes"),
            git_url: or(take("git_url"), &gitlab_url),
            oidc_issuer_url: take("oidc_issuer_url").unwrap_or_default(),
            oidc_client_id: or(take("oidc_client_id"), "nautes"),
            vault_url: take("vault_url").unwrap_or_default(),
            ca_bundle: take("ca_bundle").unwrap_or_default(),
            catalog: take("catalog"),
        };
        Ok(Self {
            gitlab_url,
            gitlab_project,
            gitlab_branch: or(take("gitlab_branch"), "main"),
            kubernetes_url,
            kubernetes_token,
            delivery,
            upstream_timeout: timeout,
            rendering,
        })
    }
}

fn seconds(value: Option<String>) -> Result<Duration, SettingError> {
    let Some(value) = value else { return Ok(Duration::from_secs(15)) };
    match value.trim().parse::<u64>() {
        Ok(seconds @ 1..=300) => Ok(Duration::from_secs(seconds)),
        _ => Err(SettingError {
            name: "upstream_timeout_seconds",
            problem: "must be a number of seconds from 1 to 300".into(),
        }),
    }
}

fn delivery(value: Option<&str>) -> Result<Delivery, SettingError> {
    match value {
        None | Some("push") => Ok(Delivery::Push),
        Some("merge-request") => Ok(Delivery::MergeRequest),
        Some(_) => Err(SettingError {
            name: "delivery",
            problem: "must be push or merge-request".into(),
        }),
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("gitlab_url", &self.gitlab_url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> BTreeMap<String, String> {
        ["gitlab_url", "gitlab_project", "kubernetes_url", "kubernetes_token", "tenant"]
            .into_iter()
            .map(|name| (name.to_owned(), format!("the {name}")))
            .collect()
    }

    #[test]
    fn every_required_variable_is_named_when_it_is_missing_or_blank() {
        for name in complete().into_keys() {
            let mut values = complete();
            values.insert(name.clone(), " ".into());
            let error = Settings::from_variables(values).unwrap_err();
            assert_eq!(error.to_string(), format!("variable {name} is not set"));
        }
    }

    #[test]
    fn optional_variables_have_defaults() {
        let settings = Settings::from_variables(complete()).unwrap();
        assert_eq!(settings.gitlab_branch, "main");
        assert_eq!(settings.upstream_timeout, Duration::from_secs(15));
        assert_eq!(settings.rendering.argocd_namespace, "argocd");
        assert_eq!(settings.rendering.git_url, "the gitlab_url");
        assert_eq!(settings.rendering.catalog, None);
    }

    #[test]
    fn unusable_values_are_refused_without_repeating_them() {
        for (name, value) in [("upstream_timeout_seconds", "soon"), ("delivery", "pigeon")] {
            let mut values = complete();
            values.insert(name.into(), value.into());
            let error = Settings::from_variables(values).unwrap_err();
            assert_eq!(error.name, name);
            assert!(!error.to_string().contains(value));
        }
    }

    #[test]
    fn the_token_shows_in_no_debug_output() {
        let settings = Settings::from_variables(complete()).unwrap();
        assert!(!format!("{settings:?}").contains("kubernetes_token"));
    }
}
