//! Arguments of `add`, and of the command that takes back what it has made.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::args::{DryRunArguments, OutputArguments, parse_name, parse_wait};
use crate::service::Delivery;
use crate::wording::shell_word;
use crate::{completion, kubeconfig};

/// Arguments of `add`.
#[derive(Args)]
pub(crate) struct AddArguments {
    /// A context of your kubeconfig; without one the contexts are listed
    #[arg(add = completion::contexts())]
    pub(crate) context: Option<String>,
    /// Name of the cluster [default: made of the context's name]
    #[arg(long, value_parser = parse_name)]
    pub(crate) name: Option<String>,
    /// Purpose of the cluster
    #[arg(long, default_value = "worker")]
    pub(crate) usage: ClusterUsage,
    /// The runtime of a worker
    #[arg(long, value_name = "RUNTIME")]
    pub(crate) worker_type: Option<WorkerRuntime>,
    /// URL of the API server, where the management cluster reaches it under another one than you do
    #[arg(long, value_name = "URL")]
    pub(crate) api_server: Option<String>,
    /// The domain below which the components' host names lie
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) primary_domain: Option<String>,
    /// A kubeconfig file instead of those that kubectl reads (KUBECONFIG)
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Make a service account although the context's own login could be passed on
    #[arg(long)]
    pub(crate) service_account: bool,
    /// Show every line that would change
    #[arg(long)]
    pub(crate) full_diff: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Do not wait until the cluster is ready
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Longest wait, such as 90s or 1h30m
    #[arg(long, default_value = "30m", value_parser = parse_wait)]
    pub(crate) timeout: Duration,
    /// Way of the change to the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
    /// Take over what others made for this cluster in the management cluster
    #[arg(long)]
    pub(crate) adopt: bool,
    #[command(flatten)]
    pub(crate) dry_run: DryRunArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Purposes of a physical cluster.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClusterUsage {
    /// Runs the workloads of products
    Worker,
    /// Carries virtual clusters
    Host,
}

/// Runtimes of a worker.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WorkerRuntime {
    /// Applications are deployed to it
    Deployment,
    /// Pipelines run in it
    Pipeline,
}

impl AddArguments {
    /// The command that takes the cluster and its service account away, for a sentence.
    pub(super) fn removal_of(&self, name: &str) -> String {
        let access = kubeconfig::arguments(self.context.as_deref(), self.kubeconfig.as_deref());
        let name = shell_word(name);
        format!("`nautes-clusters delete {name} --remove-access{access}`")
    }
}
