//! The command line's arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    add, apply, completion, delete, diff, doctor, get, init, man, proposals, status, sync, wait,
};

/// Headings in green, names in cyan, as cargo has them.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::BrightGreen.on_default().bold())
    .usage(AnsiColor::BrightGreen.on_default().bold())
    .literal(AnsiColor::BrightCyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Registers Kubernetes clusters for a tenant, shows how far they are, and removes them
#[derive(Parser)]
#[command(name = "nautes-clusters", bin_name = "nautes-clusters", version, styles = STYLES, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
The GitLab token is read from NAUTES_TOKEN, GIT_TOKEN or --token-file, otherwise `git credential fill` is asked for the \
one that git uses for your GitLab.

Examples:
  nautes-clusters add my-context                   register the cluster of a kubeconfig context
  nautes-clusters apply -f clusters/ --wait        in CI: exit code 0 once everything is ready
  nautes-clusters get -w                           all clusters, as they change
  nautes-clusters delete my-cluster --wait         remove one, until nothing is left";

/// Arguments of every command.
#[derive(Args, Clone)]
pub(crate) struct GlobalArguments {
    /// URL of the service [env: NAUTES_SERVER, API_SERVER]
    #[arg(long, global = true, value_name = "URL", help_heading = "Service")]
    pub(crate) server: Option<String>,
    /// The settings' context to use instead of the current one
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "NAUTES_CONTEXT",
        help_heading = "Service",
        add = crate::completion::service_contexts()
    )]
    pub(crate) service_context: Option<String>,
    /// The settings [default: ~/.config/nautes-clusters/config.toml]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "NAUTES_CONFIG",
        help_heading = "Service"
    )]
    pub(crate) config: Option<PathBuf>,
    /// A file with the GitLab token and nothing else
    #[arg(long, global = true, value_name = "FILE", help_heading = "Service")]
    pub(crate) token_file: Option<PathBuf>,
    /// Refused: every process of a machine can read the arguments of the others
    #[arg(long, global = true, hide = true)]
    pub(crate) token: Option<String>,
    /// URL of GitLab, to ask `git credential fill` for its token, and `doctor` for its state
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "NAUTES_GITLAB",
        help_heading = "Service"
    )]
    pub(crate) gitlab: Option<String>,
    /// PEM certificates to trust besides those of the system (SSL_CERT_FILE replaces these)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Service")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Take any certificate for the service's: whoever is in between can read the token
    #[arg(long, global = true, help_heading = "Service")]
    pub(crate) insecure_skip_tls_verify: bool,
    /// No progress and no messages but warnings and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register the cluster of a kubeconfig context
    Add(add::AddArguments),
    /// Save the clusters of files: requests of the API and `kind: Cluster` manifests
    Apply(apply::ApplyArguments),
    /// Show what `apply` would change: exit code 0 for nothing, 1 for differences
    Diff(diff::DiffArguments),
    /// List clusters
    Get(get::GetArguments),
    /// Show a cluster's components and what they wait for
    Status(status::StatusArguments),
    /// Wait until clusters are ready, or gone
    Wait(wait::WaitArguments),
    /// List merge requests for clusters, and what comes next for each
    Proposals(proposals::ProposalsArguments),
    /// Install what is in the repository: what was merged, or what somebody changed by hand
    Sync(sync::SyncArguments),
    /// Remove clusters
    #[command(visible_alias = "remove")]
    Delete(delete::DeleteArguments),
    /// Print a commented manifest to begin with
    Init(init::InitArguments),
    /// Check the service, GitLab, the management cluster, and a cluster that is to be registered
    Doctor(doctor::DoctorArguments),
    /// Print the completions of a shell
    Completion(completion::CompletionArguments),
    /// Print the manual page
    Man(man::ManArguments),
}

impl Command {
    /// Format of failures: JSON where the results are JSON.
    pub(crate) fn format(&self) -> OutputFormat {
        match self {
            Self::Add(arguments) => arguments.output.output,
            Self::Apply(arguments) => arguments.output.output,
            Self::Diff(arguments) => arguments.output.output,
            Self::Get(arguments) => arguments.output.into(),
            Self::Status(arguments) => arguments.output.output,
            Self::Wait(arguments) => arguments.output.output,
            Self::Proposals(arguments) => arguments.output.output,
            Self::Sync(arguments) => arguments.output.output,
            Self::Delete(arguments) => arguments.output.output,
            Self::Doctor(arguments) => arguments.output.output,
            Self::Init(_) | Self::Completion(_) | Self::Man(_) => OutputFormat::Text,
        }
    }
}

/// The argument `-o`.
#[derive(Args, Clone, Copy)]
pub(crate) struct OutputArguments {
    /// Format of the result
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_default_value = true
    )]
    pub(crate) output: OutputFormat,
}

/// Formats of a result.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For programs, readable
    Yaml,
}

/// The argument `--dry-run`, as kubectl has it.
#[derive(Args, Clone, Copy)]
pub(crate) struct DryRunArguments {
    /// Show what would change, and change nothing; kubectl's values `client` and `server` say the same
    #[arg(
        long,
        value_name = "WHERE",
        num_args = 0..=1,
        require_equals = true,
        default_value = "none",
        default_missing_value = "server",
        hide_default_value = true,
        hide_possible_values = true
    )]
    dry_run: DryRun,
}

/// kubectl's values of `--dry-run`. The service alone knows what would change, so it is asked for `client`, too.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum DryRun {
    None,
    Client,
    Server,
}

impl DryRunArguments {
    /// Tells whether nothing is to be changed.
    pub(crate) fn is_dry(self) -> bool {
        self.dry_run != DryRun::None
    }
}

/// Reads the name of a cluster, as far as it can be a part of a path: the service says what else is wrong with it.
///
/// # Errors
/// Words for what is no part of a path.
pub(crate) fn parse_name(text: &str) -> Result<String, String> {
    let is_part = |char: char| !char.is_whitespace() && !char.is_control() && char != '/';
    match text {
        "" => Err("a name is empty: is a variable unset?".to_owned()),
        "." | ".." => Err("no cluster is called so".to_owned()),
        name if name.chars().all(is_part) => Ok(name.to_owned()),
        _ => Err("a name has neither blanks nor slashes".to_owned()),
    }
}

/// Reads how long somebody waits.
///
/// # Errors
/// Words for what is no duration.
pub(crate) fn parse_wait(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "say it as 90s, 10m or 1h30m".to_owned())
}

/// Where the requests come from.
#[derive(Args, Clone)]
pub(crate) struct FileArguments {
    /// Files or folders with requests or `kind: Cluster` manifests; `-` reads the standard input
    #[arg(
        short,
        long = "filename",
        value_name = "FILE",
        required = true,
        num_args = 1..
    )]
    pub(crate) filename: Vec<PathBuf>,
    /// Folders below the folders, too
    #[arg(short = 'R', long)]
    pub(crate) recursive: bool,
    /// Name of the cluster, where the file has one document and does not say it
    #[arg(long, value_parser = parse_name)]
    pub(crate) name: Option<String>,
    /// A kubeconfig file for the cluster; file paths in it are replaced by what the files hold
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// A context of --kubeconfig, or of the files that kubectl reads (KUBECONFIG)
    #[arg(long, value_name = "NAME", add = crate::completion::contexts())]
    pub(crate) context: Option<String>,
    /// The kubeconfigs do not matter
    #[arg(skip)]
    pub(crate) names_only: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_well_formed() {
        super::Arguments::command().debug_assert();
    }

    #[test]
    fn a_name_stays_in_its_path() {
        for refused in ["", ".", "..", "a/b", "a b", "a\u{1b}"] {
            assert!(super::parse_name(refused).is_err(), "{refused}");
        }
        assert_eq!(super::parse_name("Wrong_One").unwrap(), "Wrong_One");
    }
}
