//! The application's variables, by the names that `spin.toml` declares.

use std::collections::BTreeMap;
use std::time::Duration;

use argocd::objects::KUBECONFIG_IMAGE;
pub use domain::SettingError;
use domain::destination::{self, DestinationPolicy, HostList};

use crate::delivery::Delivery;
use crate::repository::ProjectAccess;

mod console;
mod value;

pub use console::check_console;

/// Every variable a function may ask for. A host gives each function only those its manifest entry lists.
pub const VARIABLES: [&str; 24] = [
    "gitlab_url",
    "gitlab_path_prefix",
    "gitlab_project",
    "gitlab_branch",
    "delivery",
    "kubernetes_url",
    "kubernetes_path_prefix",
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
    "upstream_timeout_seconds",
    "watch_timeout_seconds",
    "git_url",
    "api_server_allowed",
    "proxy_url_allowed",
    "job_image",
    "insecure_upstreams",
];

/// `upstream_timeout_seconds` where it is not set.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);

/// `watch_timeout_seconds` where it is not set.
const DEFAULT_WATCH: Duration = Duration::from_secs(300);

/// Settings that an operator configures. The Kubernetes token is secret and shows in no `Debug`.
#[derive(Clone)]
pub struct Settings {
    /// Base URL of GitLab, with its path prefix if it has one, without `/api/v4`.
    pub gitlab_url: String,
    /// Path or numeric id of the tenant configuration repository.
    pub gitlab_project: String,
    /// The branch that counts; `None` for the project's default branch, whichever that is.
    pub gitlab_branch: Option<String>,
    /// How changes come to that branch, where a request does not say.
    pub delivery: Delivery,
    /// URL of the management cluster's API server.
    pub kubernetes_url: String,
    /// Bearer token for it.
    pub kubernetes_token: String,
    /// Time limit for one request to GitLab or Kubernetes.
    pub upstream_timeout: Duration,
    /// How long one watch may last.
    pub watch_timeout: Duration,
    /// Where credentials may be sent.
    pub destinations: DestinationPolicy,
    /// Image of the Job that fetches a virtual cluster's kubeconfig, by digest.
    pub job_image: String,
    /// Settings of rendering. `repository_url` is empty where GitLab's own answer is to be used.
    pub rendering: domain::Settings,
}

impl Settings {
    /// Takes the variables as a host gives them; an empty value counts as absent. What is read from a file may end with a
    /// line break.
    ///
    /// # Errors
    /// The first variable that is missing or unusable.
    pub fn from_variables(mut values: BTreeMap<String, String>) -> Result<Self, SettingError> {
        let mut text = |name: &str| values.remove(name).filter(|text| !text.trim().is_empty());
        let (ca_bundle, catalog) = (text("ca_bundle").unwrap_or_default(), text("catalog"));
        let mut take = |name: &str| text(name).map(|value| value.trim().to_owned());
        let mut required = |name: &'static str| {
            take(name).ok_or_else(|| SettingError {
                name,
                problem: "is not set".into(),
            })
        };
        let mut gitlab_url = required("gitlab_url")?;
        let gitlab_project = required("gitlab_project")?;
        let mut kubernetes_url = required("kubernetes_url")?;
        let kubernetes_token = required("kubernetes_token")?;
        let tenant = required("tenant")?;
        let is_insecure = flag("insecure_upstreams", &mut take)?;
        let upstream_timeout =
            seconds("upstream_timeout_seconds", &mut take, DEFAULT_TIMEOUT, 300)?;
        let watch_timeout = seconds("watch_timeout_seconds", &mut take, DEFAULT_WATCH, 3_600)?;
        let api_servers = hosts("api_server_allowed", &mut take)?;
        let proxies = hosts("proxy_url_allowed", &mut take)?;
        let delivery = delivery(take("delivery"))?;
        let job_image = job_image(take("job_image"))?;
        let mut or = |name: &str, default: &str| take(name).unwrap_or_else(|| default.to_owned());
        let gitlab_branch = or("gitlab_branch", "");
        let prefixes = [
            or("gitlab_path_prefix", ""),
            or("kubernetes_path_prefix", ""),
        ];
        let mut rendering = domain::Settings {
            tenant,
            repository_url: or("repository_url", ""),
            target_revision: "HEAD".to_owned(),
            argocd_namespace: or("argocd_namespace", "argocd"),
            nautes_namespace: or("nautes_namespace", "nautes"),
            git_url: or("git_url", ""),
            oidc_issuer_url: or("oidc_issuer_url", ""),
            oidc_client_id: or("oidc_client_id", "nautes"),
            vault_url: or("vault_url", ""),
            ca_bundle,
            catalog,
        };
        value::check(&[
            ("gitlab_url", &gitlab_url, value::gitlab_url),
            ("gitlab_project", &gitlab_project, value::project),
            ("gitlab_branch", &gitlab_branch, value::branch),
            ("gitlab_path_prefix", &prefixes[0], value::path_prefix),
            ("kubernetes_url", &kubernetes_url, value::web_url),
            ("kubernetes_path_prefix", &prefixes[1], value::path_prefix),
            ("kubernetes_token", &kubernetes_token, value::token),
            ("tenant", &rendering.tenant, value::tenant),
            (
                "argocd_namespace",
                &rendering.argocd_namespace,
                value::label,
            ),
            (
                "nautes_namespace",
                &rendering.nautes_namespace,
                value::label,
            ),
            (
                "repository_url",
                &rendering.repository_url,
                value::repository_url,
            ),
            ("git_url", &rendering.git_url, value::optional_url),
            (
                "oidc_issuer_url",
                &rendering.oidc_issuer_url,
                value::optional_url,
            ),
            ("oidc_client_id", &rendering.oidc_client_id, value::client),
            ("vault_url", &rendering.vault_url, value::optional_url),
        ])?;
        if !is_insecure {
            value::check(&[
                ("gitlab_url", &gitlab_url, value::encrypted),
                ("kubernetes_url", &kubernetes_url, value::encrypted),
            ])?;
        }
        let [gitlab_prefix, kubernetes_prefix] = &prefixes;
        add_path(&mut gitlab_url, gitlab_prefix);
        add_path(&mut kubernetes_url, kubernetes_prefix);
        if rendering.git_url.is_empty() {
            rendering.git_url.clone_from(&gitlab_url);
        }
        Ok(Self {
            destinations: DestinationPolicy {
                management_cluster: destination::origin(&kubernetes_url),
                api_servers,
                proxies,
            },
            gitlab_url,
            gitlab_project,
            gitlab_branch: Some(gitlab_branch).filter(|name| !name.is_empty()),
            delivery,
            job_image,
            kubernetes_url,
            kubernetes_token,
            upstream_timeout,
            watch_timeout,
            rendering,
        })
    }

    /// Judges certificates and catalog as well, which a function leaves to `validate`.
    ///
    /// # Errors
    /// The first variable that is unusable.
    pub fn check_rendering(&self) -> Result<(), SettingError> {
        domain::check_settings(&self.rendering)
    }

    /// Completes the settings of rendering with GitLab's answer about the project.
    #[must_use]
    pub fn for_project(&self, opened: &ProjectAccess) -> domain::Settings {
        let mut settings = self.rendering.clone();
        if settings.repository_url.is_empty() {
            let (base, path) = (&self.gitlab_url, &opened.project.path_with_namespace);
            settings.repository_url = format!("{}/{path}.git", base.trim_end_matches('/'));
        }
        let default = opened.project.default_branch.as_deref();
        let named = self.gitlab_branch.as_deref();
        if let (Some(default), Some(named)) = (default, named)
            && default != named
        {
            named.clone_into(&mut settings.target_revision);
        }
        settings
    }
}

fn add_path(url: &mut String, path: &str) {
    if !path.is_empty() {
        *url = format!("{}/{}", url.trim_end_matches('/'), path.trim_matches('/'));
    }
}

/// An image by its content: a tag can be moved to another one.
fn job_image(value: Option<String>) -> Result<String, SettingError> {
    let image = value.unwrap_or_else(|| KUBECONFIG_IMAGE.to_owned());
    let digest = image.split_once("@sha256:").map(|(_, digest)| digest);
    match digest {
        Some(digest) if digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit()) => {
            Ok(image)
        }
        _ => Err(SettingError {
            name: "job_image",
            problem: "must name an image by its digest, such as registry/name@sha256:…".into(),
        }),
    }
}

fn delivery(value: Option<String>) -> Result<Delivery, SettingError> {
    value.map_or(Ok(Delivery::default()), |value| {
        Delivery::parse(&value).ok_or_else(|| SettingError {
            name: "delivery",
            problem: "must be commit or merge-request".into(),
        })
    })
}

fn hosts(
    name: &'static str,
    take: &mut impl FnMut(&str) -> Option<String>,
) -> Result<HostList, SettingError> {
    HostList::parse(&take(name).unwrap_or_default()).map_err(|error| SettingError {
        name,
        problem: error.to_string(),
    })
}

fn flag(
    name: &'static str,
    take: &mut impl FnMut(&str) -> Option<String>,
) -> Result<bool, SettingError> {
    match take(name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(SettingError {
            name,
            problem: "must be true or false".into(),
        }),
    }
}

fn seconds(
    name: &'static str,
    take: &mut impl FnMut(&str) -> Option<String>,
    default: Duration,
    most: u64,
) -> Result<Duration, SettingError> {
    let Some(value) = take(name) else {
        return Ok(default);
    };
    match value.parse::<u64>() {
        Ok(seconds) if (1..=most).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(SettingError {
            name,
            problem: format!("must be a number of seconds from 1 to {most}"),
        }),
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("gitlab_url", &self.gitlab_url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
