//! The command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::origin::Origin;

/// Runs nautes-clusters on this machine: the functions, a local GitLab and a local Kubernetes API.
#[derive(Debug, Parser)]
#[command(version)]
pub struct SandboxOptions {
    /// Address of the HTTP API; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Where repository, objects and tokens are kept between runs [default: target/sandbox, of a release
    /// ~/.local/share/nautes-clusters/sandbox]
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Path of the tenant configuration repository
    #[arg(long, default_value = "nautes/management")]
    pub gitlab_project: String,
    /// Branch of the tenant configuration repository
    #[arg(long, default_value = "main")]
    pub gitlab_branch: String,
    /// Use this GitLab instead of the local one; installs then can't follow its repository
    #[arg(long, conflicts_with = "services_only")]
    pub gitlab_url: Option<String>,
    /// Use this Kubernetes API server instead of the local one (needs --kubernetes-token)
    #[arg(long, requires = "kubernetes_token", conflicts_with = "services_only")]
    pub kubernetes_url: Option<String>,
    /// Bearer token for --kubernetes-url; better given by the environment, where other users can't see it
    #[arg(long, env = "NAUTES_KUBERNETES_TOKEN", hide_env_values = true)]
    pub kubernetes_token: Option<String>,
    /// PEM certificates to trust besides the public ones, for --gitlab-url and --kubernetes-url
    #[arg(long)]
    pub ca_file: Vec<PathBuf>,
    /// Name of the tenant
    #[arg(long, default_value = "tenant1")]
    pub tenant: String,
    /// Any other variable of spin.toml
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub variables: Vec<(String, String)>,
    /// Start GitLab and Kubernetes alone, for use with `spin up`
    #[arg(long)]
    pub services_only: bool,
    /// Write URLs, tokens and paths to this file (JSON) when everything answers
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
    /// The application to run [default: spin.toml of this workspace, or of the release]
    #[arg(long)]
    pub manifest: Option<PathBuf>,
    /// Use the components as they are, without building them
    #[arg(long)]
    pub no_build: bool,
    /// Let this Application of Argo CD's stand-in end up Degraded, to see how that looks
    #[arg(long, value_name = "NAME=MESSAGE", value_parser = name_and_value)]
    pub degraded: Vec<(String, String)>,
    /// Let this Application stay Progressing, and not finish when it is deleted
    #[arg(long, value_name = "NAME")]
    pub stuck: Vec<String>,
    /// Form of what is written for every request
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub log: LogForm,
    /// Write nothing but where everything is, and warnings
    #[arg(long, conflicts_with = "log")]
    pub quiet: bool,
    /// A command to run beside it, such as `bash`, with the command line's server and token set; its end is the sandbox's
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "services_only")]
    pub command: Vec<String>,
}

/// Form of what is written for every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogForm {
    /// One line for people: method, name, status, time
    #[default]
    Lines,
    /// Every line of the functions as it is: JSON
    Json,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// The folder this program was built in; `Origin` tells whether it is what the program runs.
#[must_use]
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

impl SandboxOptions {
    /// Where data are kept.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.data
            .clone()
            .unwrap_or_else(|| Origin::of_program().data())
    }

    /// Tells whether requests are left out: a command has the terminal for itself.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet || (!self.command.is_empty() && self.log == LogForm::Lines)
    }

    /// The manifest to run.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.manifest
            .clone()
            .unwrap_or_else(|| Origin::of_program().manifest())
    }

    /// Tells whether the components are built first: those of a release are there.
    #[must_use]
    pub fn builds(&self) -> bool {
        !self.no_build && matches!(Origin::of_program(), Origin::Workspace(_))
    }

    /// The client that is registered with the local GitLab; another GitLab has none by itself.
    fn oauth_client_id(&self) -> &str {
        match self.gitlab_url {
            None => sandbox_gitlab::CLIENT_ID,
            Some(_) => "",
        }
    }

    /// Application variables for these services. Those of `--variable` win.
    #[must_use]
    pub fn variables(
        &self,
        gitlab: &str,
        kubernetes: &str,
        token: &str,
    ) -> BTreeMap<String, String> {
        [
            ("gitlab_url", gitlab),
            ("gitlab_project", &self.gitlab_project),
            ("gitlab_branch", &self.gitlab_branch),
            ("kubernetes_url", kubernetes),
            ("kubernetes_token", token),
            ("tenant", &self.tenant),
            ("gitlab_oauth_client_id", self.oauth_client_id()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .chain(self.variables.clone())
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        SandboxOptions::command().debug_assert();
    }

    #[test]
    fn a_command_has_the_terminal_for_itself() {
        let options =
            SandboxOptions::parse_from(["sandbox", "--no-build", "--", "bash", "-c", "true"]);
        assert_eq!(options.command, ["bash", "-c", "true"]);
        assert!(options.is_quiet());
        let json = SandboxOptions::parse_from(["sandbox", "--log", "json", "--", "bash"]);
        assert!(!json.is_quiet());
        assert!(!SandboxOptions::parse_from(["sandbox"]).is_quiet());
    }

    #[test]
    fn variables_of_the_command_line_win() {
        let options = SandboxOptions::parse_from([
            "sandbox",
            "--variable",
            "tenant=t2",
            "--variable",
            "vault_url=https://v=1",
        ]);
        let variables = options.variables("http://g", "http://k", "x");
        assert_eq!(variables["tenant"], "t2");
        assert_eq!(variables["vault_url"], "https://v=1");
        assert_eq!(variables["gitlab_url"], "http://g");
    }

    #[test]
    fn a_real_kubernetes_needs_a_token() {
        let arguments = ["sandbox", "--kubernetes-url", "https://k"];
        if std::env::var_os("NAUTES_KUBERNETES_TOKEN").is_none() {
            assert!(SandboxOptions::try_parse_from(arguments).is_err());
        }
    }
}
