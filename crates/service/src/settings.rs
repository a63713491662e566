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

/// What an operator configures. The Kubernetes token is secret and shows in no `Debug`.
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
    /// What rendering needs. `repository_url` is empty where GitLab's own answer is to be used.
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

    /// What rendering needs, completed by what GitLab tells of the project.
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
mod tests {
    use super::*;

    fn complete() -> BTreeMap<String, String> {
        [
            "gitlab_url",
            "gitlab_project",
            "kubernetes_url",
            "kubernetes_token",
            "tenant",
        ]
        .into_iter()
        .map(|name| {
            let value = match name {
                "gitlab_url" | "kubernetes_url" => "https://example.com",
                "gitlab_project" => "group/project",
                _ => "some-value",
            };
            (name.to_owned(), value.to_owned())
        })
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
        assert_eq!(settings.gitlab_branch, None);
        assert_eq!(settings.delivery, Delivery::Commit);
        assert_eq!(settings.upstream_timeout, Duration::from_secs(15));
        assert_eq!(settings.watch_timeout, Duration::from_secs(300));
        assert_eq!(settings.rendering.argocd_namespace, "argocd");
        assert_eq!(settings.rendering.git_url, "https://example.com");
        assert_eq!(settings.rendering.catalog, None);
    }

    #[test]
    fn a_path_prefix_goes_behind_its_url() {
        let mut values = complete();
        values.insert("gitlab_url".into(), "https://example.com/".into());
        values.insert("gitlab_path_prefix".into(), "/git/lab/".into());
        let settings = Settings::from_variables(values).unwrap();
        assert_eq!(settings.gitlab_url, "https://example.com/git/lab");
    }

    #[test]
    fn unusable_values_are_refused_without_repeating_them() {
        for (name, value) in [
            ("tenant", "default"),
            ("tenant", &"t".repeat(53)),
            ("gitlab_project", "git@gitlab.example.com:a/canary.git"),
            ("gitlab_project", "a/canary.git"),
            ("gitlab_project", "canary"),
            ("gitlab_project", "a%2Fcanary"),
            ("gitlab_project", "a/can ary"),
            ("gitlab_branch", "refs/heads/canary"),
            ("gitlab_branch", "can ary"),
            ("gitlab_branch", "canary~1"),
            ("gitlab_path_prefix", "https://gitlab.example.com/canary"),
            ("gitlab_path_prefix", "canary/api/v4"),
            ("kubernetes_path_prefix", "/canary?a"),
            ("kubernetes_token", "${CANARY}"),
            ("kubernetes_token", "$CANARY"),
            ("kubernetes_token", "\"canary\""),
            ("kubernetes_token", "<canary>"),
            ("repository_url", "gitlab.example.com/canary"),
            ("repository_url", "git://gitlab.example.com/canary.git"),
            ("repository_url", "file:///canary.git"),
            ("upstream_timeout_seconds", "soon"),
            ("upstream_timeout_seconds", "1000"),
            ("delivery", "pull-request"),
            ("watch_timeout_seconds", "4000"),
            ("tenant", "Tenant 1"),
            ("insecure_upstreams", "yes"),
            ("gitlab_url", "http://gitlab.example.com"),
            ("kubernetes_url", "http://192.0.2.1:8080"),
            ("kubernetes_url", "http://localhost.example.com"),
            ("argocd_namespace", "a.b"),
            ("gitlab_project", "https://gitlab.example.com/a/b"),
            ("gitlab_url", "https://u:canary@gitlab.example.com"),
            ("gitlab_url", "gitlab.example.com"),
            ("gitlab_url", "https://gitlab.example.com/api/v4/"),
            ("kubernetes_url", "https://canary@kubernetes.example.com"),
            ("kubernetes_token", "can ary"),
            ("git_url", "https://gitlab.example.com?private_token=canary"),
            ("vault_url", "https://vault.example.com/#canary"),
            (
                "oidc_issuer_url",
                "https://oauth2:canary@issuer.example.com",
            ),
            (
                "repository_url",
                "https://oauth2:canary@gitlab.example.com/a.git",
            ),
            ("repository_url", "https://canary@gitlab.example.com/a.git"),
            ("repository_url", "HTTPS://canary@gitlab.example.com/a.git"),
            ("api_server_allowed", "https://u:canary@h"),
            ("proxy_url_allowed", "10.0.0.0/8, canary@h"),
            (
                "repository_url",
                "ssh://git:canary@gitlab.example.com/a.git",
            ),
            ("repository_url", "git:canary@gitlab.example.com:a.git"),
        ] {
            let mut values = complete();
            values.insert(name.into(), value.into());
            let error = Settings::from_variables(values).unwrap_err();
            assert_eq!(error.name, name);
            assert!(!error.to_string().contains(value));
        }
    }

    #[test]
    fn tokens_go_unencrypted_only_within_the_machine_or_where_the_operator_says_so() {
        for url in [
            "http://localhost:3000",
            "http://gitlab.localhost",
            "http://127.1.2.3",
            "http://[::1]:80",
        ] {
            let mut values = complete();
            values.insert("gitlab_url".into(), url.into());
            values.insert("kubernetes_url".into(), url.into());
            assert!(Settings::from_variables(values).is_ok(), "{url}");
        }
        let mut values = complete();
        values.insert("gitlab_url".into(), "http://gitlab.example.com".into());
        let error = Settings::from_variables(values.clone()).unwrap_err();
        assert!(
            error.to_string().contains("insecure_upstreams=true"),
            "{error}"
        );
        values.insert("insecure_upstreams".into(), "true".into());
        assert!(Settings::from_variables(values).is_ok());
    }

    #[test]
    fn values_from_files_end_with_a_line_break() {
        let plain = Settings::from_variables(complete()).unwrap();
        let with_breaks = complete()
            .into_iter()
            .map(|(name, value)| (name, format!("{value}\n")));
        let read = Settings::from_variables(with_breaks.collect()).unwrap();
        assert_eq!(read.gitlab_project, plain.gitlab_project);
        assert_eq!(read.kubernetes_token, plain.kubernetes_token);
        assert_eq!(read.rendering, plain.rendering);
    }

    #[test]
    fn names_of_projects_branches_and_folders() {
        for (name, value) in [
            ("gitlab_project", "42"),
            ("gitlab_project", "/group/sub.group/a-b_c+d/"),
            ("gitlab_branch", "release/1.0"),
            ("gitlab_branch", "größer"),
            ("gitlab_path_prefix", "/git/lab/"),
            ("kubernetes_path_prefix", "/k8s/clusters/c-m-1"),
            ("kubernetes_token", "kubeconfig-u-x:a_b.c-d~e+f/g="),
        ] {
            let mut values = complete();
            values.insert(name.into(), value.into());
            assert_eq!(Settings::from_variables(values).err(), None, "{value}");
        }
    }

    #[test]
    fn addresses_of_repositories() {
        for value in [
            "https://gitlab.example.com/a/b.git",
            "ssh://git@gitlab.example.com:22/a/b.git",
            "git@gitlab.example.com:a/b.git",
        ] {
            let mut values = complete();
            values.insert("repository_url".into(), value.into());
            let settings = Settings::from_variables(values).unwrap();
            assert_eq!(settings.rendering.repository_url, value);
        }
    }

    #[test]
    fn the_token_shows_in_no_debug_output() {
        let settings = Settings::from_variables(complete()).unwrap();
        assert!(!format!("{settings:?}").contains("some-value"));
    }
}
