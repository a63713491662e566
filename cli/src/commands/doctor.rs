//! `doctor`: checks what can be in the way.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use url::Url;

use crate::args::{GlobalArguments, OutputArguments, OutputFormat};
use crate::cluster::ClusterClient;
use crate::doctor::cluster::Purpose;
use crate::doctor::gitlab::TenantRepository;
use crate::doctor::rights::ServiceAccount;
use crate::doctor::{self, Check, CheckResult, Checks};
use crate::failure::CommandError;
use crate::progress::Spinner;
use crate::settings::{Settings, token};
use crate::terminal::Terminal;
use crate::{completion, exit, kubeconfig, output, service, session};

/// Arguments of `doctor`.
#[derive(Args)]
pub(crate) struct DoctorArguments {
    /// A context of your kubeconfig whose cluster is to be registered
    #[arg(long, value_name = "NAME", add = completion::contexts())]
    pub(crate) context: Option<String>,
    /// The cluster is to carry virtual ones
    #[arg(long)]
    pub(crate) host: bool,
    /// URL of that cluster's API server for the management cluster, as for `add`
    #[arg(long, value_name = "URL", requires = "context")]
    pub(crate) api_server: Option<Url>,
    /// The tenant's repository in GitLab (with --gitlab): the role and the branch are checked
    #[arg(long, value_name = "PATH")]
    pub(crate) gitlab_project: Option<String>,
    /// Branch of that repository [default: its default branch]
    #[arg(long, value_name = "NAME", requires = "gitlab_project")]
    pub(crate) gitlab_branch: Option<String>,
    /// A context of your kubeconfig for the management cluster
    #[arg(long, value_name = "NAME", add = completion::contexts())]
    pub(crate) management_context: Option<String>,
    /// Argo CD's namespace in the management cluster
    #[arg(long, value_name = "NAME", default_value = "argocd")]
    pub(crate) argocd_namespace: String,
    /// Namespace of the Cluster resources in the management cluster
    #[arg(long, value_name = "NAME", default_value = "nautes")]
    pub(crate) nautes_namespace: String,
    /// The service's account in the management cluster, whose rights are checked
    #[arg(
        long,
        value_name = "NAMESPACE/NAME",
        default_value = "nautes/nautes-clusters"
    )]
    pub(crate) service_account: String,
    /// A kubeconfig file instead of those that kubectl reads (KUBECONFIG)
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Checks everything that is named; fails if one check does.
///
/// # Errors
/// A setting or argument can't be used.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: DoctorArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let mut checks = check_service(global, &arguments, terminal).await?;
    if let Some(name) = &arguments.management_context {
        checks.extend(check_management(&arguments, name, terminal).await?);
    }
    if let Some(name) = &arguments.context {
        checks.extend(check_cluster(&arguments, name, terminal).await);
    }
    let failed = checks
        .iter()
        .any(|check| check.result == CheckResult::Failure);
    match arguments.output.output {
        OutputFormat::Text => terminal.print(&doctor::draw(&checks, terminal.result_width())),
        format => terminal.print(&output::document(&json!({"checks": checks}), format)),
    }
    Ok(if failed { exit::FAILED } else { exit::DONE })
}

/// The service and GitLab. Without a server this is left out, where a context is named.
async fn check_service(
    global: &GlobalArguments,
    arguments: &DoctorArguments,
    terminal: &Terminal,
) -> Result<Vec<Check>, CommandError> {
    let has_other_work = arguments.context.is_some() || arguments.management_context.is_some();
    let settings = match Settings::read(global) {
        Ok(settings) => settings,
        Err(error) if has_other_work => {
            terminal.warn(&error.to_string());
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let token = token::find(&settings);
    let client = session::client(&settings, token.as_ref().ok().cloned(), terminal)?;
    let spinner = Spinner::start(terminal, "checking the service");
    let mut checks = doctor::service::check(&client, token.is_ok()).await.made;
    drop(spinner);
    match (token, &settings.gitlab) {
        (Err(error), _) => {
            let mut missing = Checks::of("gitlab");
            missing.failure("there is no token", error.to_string());
            checks.extend(missing.made);
        }
        (Ok(token), Some(gitlab)) => {
            let spinner = Spinner::start(terminal, "checking GitLab");
            let http = service::http_client(&settings)?;
            let project = arguments.gitlab_project.as_deref();
            let repository = project.map(|project| TenantRepository {
                project,
                branch: arguments.gitlab_branch.as_deref(),
            });
            let made = doctor::gitlab::check(&http, gitlab, &token, repository.as_ref()).await;
            checks.extend(made.made);
            drop(spinner);
        }
        (Ok(_), None) => {
            terminal.say("name your GitLab with --gitlab to have the token's scope and end checked, and with --gitlab-project your role");
        }
    }
    Ok(checks)
}

async fn check_management(
    arguments: &DoctorArguments,
    name: &str,
    terminal: &Terminal,
) -> Result<Vec<Check>, CommandError> {
    let (namespace, account) = arguments.service_account.split_once('/').ok_or_else(|| {
        CommandError::usage(
            "--service-account is a namespace and a name, such as nautes/nautes-clusters",
        )
    })?;
    let service = ServiceAccount {
        namespace,
        name: account,
        argocd_namespace: &arguments.argocd_namespace,
        nautes_namespace: &arguments.nautes_namespace,
    };
    let (_, cluster) = match connect(arguments, name, "management cluster").await {
        Ok(connected) => connected,
        Err(checks) => return Ok(checks),
    };
    let spinner = Spinner::start(terminal, "checking the management cluster");
    let checks = doctor::management::check(&cluster, &service).await;
    drop(spinner);
    Ok(checks.made)
}

async fn check_cluster(arguments: &DoctorArguments, name: &str, terminal: &Terminal) -> Vec<Check> {
    let (context, cluster) = match connect(arguments, name, "cluster").await {
        Ok(connected) => connected,
        Err(checks) => return checks,
    };
    let spinner = Spinner::start(terminal, format!("checking the cluster of {name}"));
    let purpose = Purpose {
        is_host: arguments.host,
        api_server: arguments.api_server.as_ref(),
    };
    let checks = doctor::cluster::check(&context, &cluster, &purpose).await;
    drop(spinner);
    checks.made
}

type Connected = (kubeconfig::SelectedContext, ClusterClient);

/// Way out for a kubeconfig that can't be used.
const MEND: &str = "mend the kubeconfig, or name another one with --kubeconfig, and run this again";

/// Connects to a context's cluster, or finds why nobody can: that is a check like others, which keeps those that were made.
async fn connect(
    arguments: &DoctorArguments,
    name: &str,
    area: &'static str,
) -> Result<Connected, Vec<Check>> {
    let selected = async {
        let merged = kubeconfig::read(arguments.kubeconfig.as_deref())?;
        let context = kubeconfig::select(&merged, Some(name))?;
        let cluster = ClusterClient::connect(&context).await?;
        Ok((context, cluster))
    };
    selected.await.map_err(|error| {
        let mut checks = Checks::of(area);
        match error {
            CommandError::Kubernetes(failure) => {
                let hint = match failure.way_out.as_str() {
                    "" => "log in as you do for kubectl, and run this again",
                    way_out => way_out,
                };
                checks.failure(failure.why, hint);
            }
            error => checks.failure(error.to_string(), MEND),
        }
        checks.made
    })
}
