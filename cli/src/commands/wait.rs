//! `wait`: until a cluster is ready, or gone.

use std::cell::RefCell;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::follow::{self, Deadline};
use crate::args::{GlobalArguments, OutputArguments, OutputFormat, parse_wait};
use crate::failure::CommandError;
use crate::progress::ProgressView;
use crate::terminal::Terminal;
use crate::{exit, interrupt, output, session};

/// Arguments of `wait`.
#[derive(Args)]
pub(crate) struct WaitArguments {
    /// Name of the cluster
    pub(crate) name: String,
    /// State to wait for
    #[arg(long = "for", value_name = "STATE", default_value = "ready")]
    pub(crate) state: AwaitedState,
    /// Longest wait, such as 90s or 1h30m; exit code 124 afterwards
    #[arg(long, default_value = "10m", value_parser = parse_wait)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// States that can be waited for.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AwaitedState {
    /// Everything is installed as the last commit says
    Ready,
    /// Nothing is left of the cluster
    Removed,
}

/// Waits.
///
/// # Errors
/// A component failed (exit code 1), the time is up (124), or the service refuses.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: WaitArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let service = session::connect(global, terminal)?;
    let deadline = Deadline::after(arguments.timeout);
    let view = RefCell::new(ProgressView::new(*terminal, 1));
    let name = arguments.name.as_str();
    let status = match arguments.state {
        AwaitedState::Ready => {
            follow::note_installs(&[name]);
            let outcome = follow::until_ready(&service, name, deadline, &view).await?;
            Some(outcome.into_ready(name)?)
        }
        AwaitedState::Removed => {
            interrupt::note(format!("the removal of {name} goes on if it was asked for"));
            follow::until_removed(&service, name, deadline, &view).await?;
            None
        }
    };
    drop(view);
    match (arguments.output.output, status) {
        (OutputFormat::Text, Some(_)) => terminal.print(&format!("{name} is ready")),
        (OutputFormat::Text, None) => terminal.print(&format!("{name} is gone")),
        (format, status) => {
            terminal.print(&output::document(
                &json!({"name": name, "status": status}),
                format,
            ));
        }
    }
    Ok(exit::DONE)
}
