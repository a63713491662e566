//! Arguments of `delete`, and of the command that goes on with it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::args::{DryRunArguments, OutputArguments, parse_name, parse_wait};
use crate::service::Delivery;
use crate::{completion, kubeconfig};

/// Arguments of `delete`.
#[derive(Args)]
pub(crate) struct DeleteArguments {
    /// Names of clusters
    #[arg(
        required_unless_present = "filename",
        conflicts_with = "filename",
        value_parser = parse_name,
        add = completion::clusters()
    )]
    pub(crate) names: Vec<String>,
    /// Files or folders with the clusters, as for `apply`
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(crate) filename: Vec<PathBuf>,
    /// Folders below the folders, too
    #[arg(short = 'R', long)]
    pub(crate) recursive: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Wait until nothing is left
    #[arg(long)]
    pub(crate) wait: bool,
    /// Longest wait, such as 90s or 1h30m
    #[arg(long, default_value = "30m", value_parser = parse_wait)]
    pub(crate) timeout: Duration,
    /// For a cluster that does not answer any more: what runs on it stays there
    #[arg(long)]
    pub(crate) force: bool,
    /// Remove the service account that `add` made on the cluster, when nothing is left; waits
    #[arg(long)]
    pub(crate) remove_access: bool,
    /// The kubeconfig's context for --remove-access [default: the one with the cluster's API server]
    #[arg(long, value_name = "NAME", requires = "remove_access", add = completion::contexts())]
    pub(crate) context: Option<String>,
    /// A kubeconfig file instead of those that kubectl reads (KUBECONFIG)
    #[arg(long, value_name = "FILE", requires = "remove_access")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Way of the change to the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
    /// Take clusters that are not registered for removed
    #[arg(long)]
    pub(crate) ignore_not_found: bool,
    #[command(flatten)]
    pub(crate) dry_run: DryRunArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

impl DeleteArguments {
    /// Arguments of the command that goes on with this removal, each behind a blank.
    pub(super) fn for_the_rest(&self) -> String {
        let mut rest = String::new();
        match self.remove_access {
            true => rest.push_str(" --remove-access"),
            false => rest.push_str(" --wait --ignore-not-found"),
        }
        let (context, file) = (self.context.as_deref(), self.kubeconfig.as_deref());
        rest.push_str(&kubeconfig::arguments(context, file));
        if self.force {
            rest.push_str(" --force");
        }
        if let Some(delivery) = self.delivery {
            rest.extend([" --delivery ", delivery.word()]);
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct DeleteCommand {
        #[command(flatten)]
        arguments: DeleteArguments,
    }

    #[test]
    fn who_goes_on_with_a_removal_goes_on_with_all_of_it() {
        for (given, rest) in [
            ("delete w1", " --wait --ignore-not-found"),
            (
                "delete w1 --force --delivery merge-request",
                " --wait --ignore-not-found --force --delivery merge-request",
            ),
            (
                "delete w1 --remove-access --context lab --kubeconfig a.yaml",
                " --remove-access --context lab --kubeconfig a.yaml",
            ),
        ] {
            let command = DeleteCommand::parse_from(given.split(' '));
            assert_eq!(command.arguments.for_the_rest(), rest);
        }
    }
}
