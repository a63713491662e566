//! `completion`: for shells.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::args::Arguments;
use crate::exit;
use crate::failure::CommandError;
use crate::terminal::Terminal;

/// Arguments of `completion`.
#[derive(Args)]
pub(crate) struct CompletionArguments {
    /// The shell
    pub(crate) shell: Shell,
}

/// Prints the completions.
///
/// # Errors
/// The completions can't be written.
pub(crate) fn run(
    arguments: &CompletionArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(
        arguments.shell,
        &mut command,
        "nautes-clusters",
        &mut script,
    );
    terminal.print(&String::from_utf8_lossy(&script));
    Ok(exit::DONE)
}
