//! Starting everything in order.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use sandbox_host::{Compiler, Host};
use service::settings::Settings;

use crate::options::{Options, workspace};
use crate::ready::Ready;
use crate::services::Services;

/// Longer than a watch lasts with the default of `watch_timeout_seconds`, and than a save may take with all
/// its repetitions.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(360);

/// A running sandbox.
pub struct Sandbox {
    /// GitLab and Kubernetes.
    pub services: Services,
    /// The functions; absent with `--services-only`.
    pub host: Option<Host>,
    /// What a user needs to know.
    pub ready: Ready,
}

impl Sandbox {
    /// Builds the components, starts services and host, and waits until they answer.
    ///
    /// # Errors
    /// A sentence that says what is missing or taken.
    pub async fn start(options: &Options) -> anyhow::Result<Self> {
        if !options.services_only {
            // Before the build: the most likely reason not to start at all.
            check_free(options.listen)?;
            if !options.no_build {
                build(options)?;
            }
        }
        let services = Services::start(options).await?;
        let mut ready = ready(options, &services)?;
        let host = if options.services_only {
            None
        } else {
            Some(host(options, &ready).await?)
        };
        ready.api = host.as_ref().map(|host| host.url().to_owned());
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

fn check_free(listen: SocketAddr) -> anyhow::Result<()> {
    std::net::TcpListener::bind(listen)
        .map(drop)
        .with_context(|| format!("can't listen on {listen}; choose another address with --listen"))
}

fn build(options: &Options) -> anyhow::Result<()> {
    let manifest = sandbox_host::Manifest::load(&options.manifest())?;
    eprintln!(
        "building the components: about two minutes on two cores the first time, then a second"
    );
    let built =
        sandbox_host::build::components(workspace(), &manifest, &mut |line| eprintln!("{line}"));
    built.map(drop).map_err(Into::into)
}

async fn host(options: &Options, ready: &Ready) -> anyhow::Result<Host> {
    // What the functions would answer to every request, said before the first one.
    Settings::from_variables(ready.variables.clone())?;
    Host::start(sandbox_host::Options {
        compiler: Compiler::cached(workspace().join("target/compiled")),
        variables: ready.variables.clone(),
        ca_files: options.ca_file.clone(),
        request_timeout: REQUEST_TIMEOUT,
        ..sandbox_host::Options::new(options.manifest(), options.listen)
    })
    .await
}

fn ready(options: &Options, services: &Services) -> anyhow::Result<Ready> {
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
        let tokens = gitlab.tokens();
        [
            ("maintainer", tokens.maintainer.clone()),
            ("developer", tokens.developer.clone()),
            ("guest", tokens.guest.clone()),
            ("stranger", tokens.stranger.clone()),
        ]
    });
    Ok(Ready {
        api: None,
        variables: options.variables(&gitlab, &kubernetes, &token),
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
            .map(|it| it.kubeconfig().display().to_string()),
    })
}
