//! `sync`: has installed what the repository says, without a file and without a commit.

use std::time::Duration;

use clap::Args;

use super::apply::{Applied, applied, finish};
use super::follow::Deadline;
use crate::args::{GlobalArguments, OutputArguments, parse_name, parse_wait};
use crate::failure::CommandError;
use crate::progress::Spinner;
use crate::report::FailureEntry;
use crate::terminal::Terminal;
use crate::{completion, interrupt, report, session};

/// Arguments of `sync`.
#[derive(Args)]
pub(crate) struct SyncArguments {
    /// Names of clusters whose credentials are stored: after a first merge, `apply` brings these
    #[arg(required = true, value_parser = parse_name, add = completion::clusters())]
    pub(crate) names: Vec<String>,
    /// Wait until every cluster is ready
    #[arg(long)]
    pub(crate) wait: bool,
    /// Longest wait of --wait, such as 90s or 1h30m
    #[arg(long, default_value = "30m", value_parser = parse_wait)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Has one cluster after the other installed, prints a table, and fails if one failed.
///
/// # Errors
/// Nothing was sent: a setting can't be used.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: SyncArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let service = session::connect(global, terminal)?;
    let format = arguments.output.output;
    interrupt::note(format!(
        "what was announced is carried out by the service nevertheless; `nautes-clusters get {}` shows it",
        arguments.names.join(" ")
    ));
    let mut synced = Vec::new();
    for name in &arguments.names {
        let spinner = Spinner::start(terminal, format!("announcing {name}"));
        let answer = service.sync(name).await;
        drop(spinner);
        synced.push(match answer {
            Ok(answer) => {
                for warning in &answer.warnings {
                    terminal.warn_of_service(&format!("{name}: {warning}"));
                }
                Applied {
                    answer: Some(answer),
                    ..applied(name, "synced")
                }
            }
            Err(error) => {
                let failure = FailureEntry::of_service(&error);
                report::print_entry_service_error(error, None, terminal);
                Applied {
                    failure: Some(failure),
                    ..applied(name, "failed")
                }
            }
        });
    }
    let deadline = arguments.wait.then(|| Deadline::after(arguments.timeout));
    Ok(finish(&service, synced, deadline, format, terminal).await)
}
