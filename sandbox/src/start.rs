//! Starting everything in order.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use sandbox_host::{ComponentCompiler, ComponentHost};
use service::settings::{Settings, check_console};

use crate::build_progress::{BuildProgress, ProgressForm};
use crate::options::{SandboxOptions, workspace};
use crate::origin::Origin;
use crate::ready::{OAuthClient, ReadyReport};
use crate::request_log;
use crate::services::LocalServices;

/// Longer than a watch lasts with the default of `watch_timeout_seconds`, and than a save may take with all
/// its repetitions.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(360);

/// A running sandbox.
pub struct RunningSandbox {
    /// GitLab and Kubernetes.
    pub services: LocalServices,
    /// The functions; absent with `--services-only`.
    pub host: Option<ComponentHost>,
    /// Addresses, tokens and paths for the user.
    pub ready: ReadyReport,
}

impl RunningSandbox {
    /// Builds the components, starts services and host, and waits until they answer.
    ///
    /// # Errors
    /// A sentence that says what is missing or taken.
    pub async fn start(options: &SandboxOptions) -> anyhow::Result<Self> {
        // Before the build: the most likely reasons not to start at all.
        check_settings(options)?;
        if !options.services_only {
            check_free(options.listen)?;
            if options.builds() {
                build(options)?;
            }
        }
        let services = LocalServices::start(options).await?;
        let mut ready = ready(options, &services)?;
        let host = if options.services_only {
            None
        } else {
            Some(host(options, &ready).await?)
        };
        ready.api = host.as_ref().map(|host| host.url().to_owned());
        let manifest = sandbox_host::SpinManifest::load(&options.manifest())?;
        let console = host
            .as_ref()
            .filter(|_| manifest.component.contains_key("console"));
        ready.console = console.map(|host| format!("{}/", host.url()));
        if let Some(path) = &options.ready_file {
            ready.write(path)?;
        }
        Ok(Self {
            services,
            host,
            ready,
        })
    }

    /// Stops everything, the functions first.
    pub async fn shutdown(self) {
        if let Some(host) = self.host {
            host.shutdown().await;
        }
        self.services.shutdown().await;
    }
}

/// Variables that the console reads besides the functions' settings.
const CONSOLE_VARIABLES: [&str; 2] = ["console_key", "gitlab_oauth_client_id"];

fn check_free(listen: SocketAddr) -> anyhow::Result<()> {
    std::net::TcpListener::bind(listen)
        .map(drop)
        .with_context(|| format!("can't listen on {listen}; choose another address with --listen"))
}

/// Says before anything is built what the functions would answer to every request. Addresses of local services are
/// not known yet; any will do.
fn check_settings(options: &SandboxOptions) -> anyhow::Result<()> {
    let url = |given: &Option<String>| given.clone().unwrap_or_else(|| "http://localhost:1".into());
    let token = options.kubernetes_token.as_deref().unwrap_or("local");
    let (gitlab, kubernetes) = (url(&options.gitlab_url), url(&options.kubernetes_url));
    let variables = options.variables(&gitlab, &kubernetes, token);
    check_console(&variables)
        .and_then(|()| Settings::from_variables(variables)?.check_rendering())
        .context("the settings can't be used")
}

fn build(options: &SandboxOptions) -> anyhow::Result<()> {
    let manifest = sandbox_host::SpinManifest::load(&options.manifest())?;
    let stderr = std::io::stderr();
    let form = ProgressForm::of(options, stderr.is_terminal());
    let mut progress = BuildProgress::begin(form, stderr);
    let built = sandbox_host::build::components(workspace(), &manifest, &mut |message| {
        progress.show(message);
    });
    progress.end(built.as_ref().ok().map(Vec::len));
    built.map(drop).map_err(Into::into)
}

async fn host(options: &SandboxOptions, ready: &ReadyReport) -> anyhow::Result<ComponentHost> {
    let manifest = sandbox_host::SpinManifest::load(&options.manifest())?;
    let mut variables = ready.variables.clone();
    // An application of the functions alone has no console; what somebody names has to be there.
    variables.retain(|name, _| {
        let is_consoles = CONSOLE_VARIABLES.contains(&name.as_str());
        let is_given = options.variables.iter().any(|(given, _)| given == name);
        !is_consoles || is_given || manifest.variables.contains_key(name)
    });
    ComponentHost::start(sandbox_host::HostOptions {
        compiler: ComponentCompiler::cached(Origin::of_program().compiled(&options.data())),
        variables,
        ca_files: options.ca_file.clone(),
        request_timeout: REQUEST_TIMEOUT,
        log: request_log::sink(options, &manifest),
        ..sandbox_host::HostOptions::new(options.manifest(), options.listen)
    })
    .await
}

fn ready(options: &SandboxOptions, services: &LocalServices) -> anyhow::Result<ReadyReport> {
    let gitlab = match (&services.gitlab, &options.gitlab_url) {
        (Some(gitlab), _) => gitlab.url().to_owned(),
        (None, url) => url.clone().unwrap_or_default(),
    };
    let (kubernetes, token) = match (&services.kubernetes, &options.kubernetes_token) {
        (Some(kubernetes), _) => (kubernetes.url().to_owned(), kubernetes.token().to_owned()),
        (None, token) => (
            options.kubernetes_url.clone().unwrap_or_default(),
            token.clone().unwrap_or_default(),
        ),
    };
    let tokens = services.gitlab.iter().flat_map(|gitlab| {
        let tokens = gitlab.tokens().by_name();
        tokens.map(|(name, token)| (name, token.to_owned()))
    });
    let oauth = services.gitlab.as_ref().map(|gitlab| OAuthClient {
        client_id: sandbox_gitlab::CLIENT_ID,
        authorize_url: format!("{}/oauth/authorize", gitlab.url()),
        token_url: format!("{}/oauth/token", gitlab.url()),
    });
    let mut variables = options.variables(&gitlab, &kubernetes, &token);
    // Sessions of an earlier start end with it.
    variables
        .entry("console_key".to_owned())
        .or_insert_with(random_key);
    Ok(ReadyReport {
        api: None,
        console: None,
        oauth,
        variables,
        gitlab,
        kubernetes,
        kubernetes_token: token,
        repository: services
            .gitlab
            .as_ref()
            .map(|gitlab| gitlab.repository().display().to_string()),
        tokens: tokens.collect(),
        kubeconfig: services
            .kubernetes
            .as_ref()
            .map(|kubernetes| kubernetes.kubeconfig().display().to_string()),
    })
}

/// A key for the console's sessions that nobody knows.
fn random_key() -> String {
    let half = || uuid::Uuid::new_v4().simple().to_string();
    half() + &half()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn told(variables: &[&str]) -> String {
        let given = variables.iter().flat_map(|it| ["--variable", *it]);
        let options = SandboxOptions::parse_from(["sandbox"].into_iter().chain(given));
        let checked = check_settings(&options);
        checked
            .err()
            .map(|it| format!("{it:#}"))
            .unwrap_or_default()
    }

    #[test]
    fn a_setting_that_no_function_can_use_is_named_before_anything_starts() {
        assert_eq!(told(&[]), "");
        for given in [
            "tenant=Tenant 1",
            "gitlab_project=https://gitlab.example.com/a/b",
            "job_image=kubectl:latest",
            "catalog=a: b",
            "ca_bundle=/etc/ssl/ca.crt",
            "console_key=short",
            "console_url=https://clusters.example.com/console",
        ] {
            let name = given
                .split_once('=')
                .map(|(name, _)| name)
                .unwrap_or_default();
            let told = told(&[given]);
            let expected = format!("the settings can't be used: variable {name} ");
            assert!(told.starts_with(&expected), "{told}");
        }
        let mended = told(&["tenant=Tenant 1", "tenant=tenant2"]);
        assert_eq!(mended, "");
    }
}
