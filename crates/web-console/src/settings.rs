//! Settings of the console that an operator configures.

use std::collections::BTreeMap;

use service::settings::{SettingError, check_console};
use sha2::{Digest as _, Sha256};

/// Every variable that the console asks for, by the names that `spin.toml` declares.
pub const VARIABLES: [&str; 10] = [
    "argocd_url",
    "catalog",
    "console_key",
    "console_url",
    "gitlab_branch",
    "gitlab_oauth_client_id",
    "gitlab_oauth_client_secret",
    "gitlab_path_prefix",
    "gitlab_project",
    "gitlab_url",
];

/// The console's settings. Not `Debug`: the key and the client's secret are secret.
#[derive(Clone, Default)]
pub struct ConsoleSettings {
    /// Base URL of GitLab, with its path prefix, without a slash at the end.
    pub gitlab_url: String,
    /// Path of the tenant configuration repository.
    pub gitlab_project: String,
    /// The branch that counts; `HEAD` for the project's default branch.
    pub gitlab_branch: String,
    /// Id of the application in GitLab that people log in with; without it a token has to be pasted.
    pub oauth_client_id: Option<String>,
    /// Secret of that application, where it is a confidential one.
    pub oauth_client_secret: Option<String>,
    /// Key that sessions are sealed with: SHA-256 of `console_key`. Without it nobody can log in.
    pub key: Option<[u8; 32]>,
    /// The console's own origin; without it, it is taken from the request's host.
    pub console_url: Option<String>,
    /// Where Argo CD's own pages are, without a slash at the end.
    pub argocd_url: Option<String>,
    /// A catalog that replaces the built-in one.
    pub catalog: Option<String>,
}

impl ConsoleSettings {
    /// Takes the variables as a host gives them; an empty value counts as absent.
    ///
    /// # Errors
    /// The first variable that is unusable.
    pub fn from_variables(mut values: BTreeMap<String, String>) -> Result<Self, SettingError> {
        check_console(&values)?;
        let mut take = |name: &str| {
            let value = values.remove(name)?;
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let trimmed = |url: String| url.trim_end_matches('/').to_owned();
        let mut gitlab_url = take("gitlab_url").map(trimmed).unwrap_or_default();
        if let Some(prefix) = take("gitlab_path_prefix") {
            gitlab_url = format!("{gitlab_url}/{}", prefix.trim_matches('/'));
        }
        let key = take("console_key");
        Ok(Self {
            gitlab_url,
            gitlab_project: take("gitlab_project").unwrap_or_default(),
            gitlab_branch: take("gitlab_branch").unwrap_or_else(|| "HEAD".to_owned()),
            oauth_client_id: take("gitlab_oauth_client_id"),
            oauth_client_secret: take("gitlab_oauth_client_secret"),
            key: key.map(|key| Sha256::digest(key.as_bytes()).into()),
            console_url: take("console_url").map(trimmed),
            argocd_url: take("argocd_url").map(trimmed),
            catalog: take("catalog"),
        })
    }

    /// A page of the repository in GitLab, such as `-/merge_requests`.
    #[must_use]
    pub fn project_page(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.gitlab_url, self.gitlab_project)
    }

    /// The commits of a cluster's resource file in GitLab.
    #[must_use]
    pub fn commits_of(&self, cluster: &str) -> String {
        let path = domain::resource::path(cluster);
        self.project_page(&format!("-/commits/{}/{path}", self.gitlab_branch))
    }

    /// The cluster's Applications in Argo CD.
    #[must_use]
    pub fn applications_of(&self, cluster: &str) -> Option<String> {
        let url = self.argocd_url.as_ref()?;
        Some(format!("{url}/applications?search={cluster}-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ConsoleSettings, SettingError> {
        let pairs = pairs.iter();
        ConsoleSettings::from_variables(
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    fn settings(pairs: &[(&str, &str)]) -> ConsoleSettings {
        read(pairs).unwrap()
    }

    #[test]
    fn a_key_is_long_or_absent() {
        let error = read(&[("console_key", "short")]).err().unwrap();
        assert_eq!(error.name, "console_key");
        assert!(settings(&[("console_key", " ")]).key.is_none());
        assert!(settings(&[("console_key", &"x".repeat(32))]).key.is_some());
    }

    #[test]
    fn addresses_in_gitlab_have_its_prefix() {
        let settings = settings(&[
            ("gitlab_url", "https://g.example/"),
            ("gitlab_path_prefix", "/gitlab/"),
            ("gitlab_project", "nautes/management"),
        ]);
        assert_eq!(
            settings.commits_of("a"),
            "https://g.example/gitlab/nautes/management/-/commits/HEAD/nautes/overlays/production/clusters/a.yaml"
        );
        assert_eq!(settings.applications_of("a"), None);
    }
}
