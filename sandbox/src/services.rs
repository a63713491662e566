//! The local GitLab and the local Kubernetes API.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sandbox_argocd::{ApplicationBehaviour, ArgoCd};
use sandbox_gitlab::GitLab;
use sandbox_kubernetes::Kubernetes;

use crate::options::SandboxOptions;
use crate::ports::{SandboxPorts, local};

/// Time of an Application in each phase of Argo CD's stand-in: long enough to be seen.
const ARGO_STEP: Duration = Duration::from_secs(2);

/// The services that run in this process. Absent: a real one is used instead.
pub struct LocalServices {
    /// The local GitLab.
    pub gitlab: Option<GitLab>,
    /// The local Kubernetes API.
    pub kubernetes: Option<Kubernetes>,
}

impl LocalServices {
    /// Starts what the command line does not replace by a real one.
    ///
    /// # Errors
    /// Data that can't be read or written.
    pub async fn start(options: &SandboxOptions) -> anyhow::Result<Self> {
        let data = options.data();
        let mut ports = SandboxPorts::load(&data);
        let gitlab = match options.gitlab_url {
            None => Some(gitlab(options, &data, ports.gitlab).await?),
            Some(_) => None,
        };
        let repository = gitlab.as_ref().map(|gitlab| gitlab.repository().to_owned());
        let kubernetes = match options.kubernetes_url {
            None => Some(kubernetes(options, &data, ports, repository.as_deref()).await?),
            Some(_) => None,
        };
        if let Some(gitlab) = &gitlab {
            ports.gitlab = port(gitlab.url());
        }
        if let Some(kubernetes) = &kubernetes {
            ports.kubernetes = port(kubernetes.url());
            ports.kubernetes_tls = port(kubernetes.url_tls());
        }
        ports.save(&data)?;
        Ok(Self { gitlab, kubernetes })
    }

    /// Stops them; what they hold is kept on disk.
    pub async fn shutdown(self) {
        if let Some(gitlab) = self.gitlab {
            gitlab.shutdown().await;
        }
        if let Some(kubernetes) = self.kubernetes {
            kubernetes.shutdown().await;
        }
    }
}

async fn gitlab(options: &SandboxOptions, data: &Path, port: u16) -> anyhow::Result<GitLab> {
    let options = sandbox_gitlab::GitLabOptions {
        listen: local(port),
        project: options.gitlab_project.clone(),
        default_branch: options.gitlab_branch.clone(),
        ..sandbox_gitlab::GitLabOptions::new(data.join("gitlab"))
    };
    GitLab::start(options)
        .await
        .context("can't start the local GitLab")
}

async fn kubernetes(
    wanted: &SandboxOptions,
    data: &Path,
    ports: SandboxPorts,
    repository: Option<&Path>,
) -> anyhow::Result<Kubernetes> {
    let mut options = sandbox_kubernetes::KubernetesOptions {
        listen: local(ports.kubernetes),
        listen_tls: local(ports.kubernetes_tls),
        ..sandbox_kubernetes::KubernetesOptions::new(data.join("kubernetes"))
    };
    if let Some(repository) = repository {
        let argo = ArgoCd::new(repository, ARGO_STEP);
        for (application, message) in &wanted.degraded {
            argo.behave(application, ApplicationBehaviour::Degraded(message.clone()));
        }
        for application in &wanted.stuck {
            argo.behave(application, ApplicationBehaviour::Stuck);
        }
        options.controllers.push(Arc::new(argo));
    }
    Kubernetes::start(options)
        .await
        .context("can't start the local Kubernetes API")
}

/// The port of a URL that this process made; 0 where there is none.
fn port(url: &str) -> u16 {
    let authority = url.split("://").nth(1).unwrap_or_default();
    let authority = authority.split('/').next().unwrap_or_default();
    authority
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn ports_are_found_in_urls() {
        assert_eq!(super::port("http://127.0.0.1:3001"), 3001);
        assert_eq!(super::port("https://127.0.0.1:3001/gitlab"), 3001);
        assert_eq!(super::port("http://localhost"), 0);
    }
}
