//! `completion`: for shells.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::completion::VARIABLE;
use crate::exit;
use crate::failure::CommandError;
use crate::terminal::Terminal;

/// Arguments of `completion`.
#[derive(Args)]
pub(crate) struct CompletionArguments {
    /// The shell
    pub(crate) shell: Shell,
}

/// Name of the program, which the script looks for on the path.
const PROGRAM: &str = "nautes-clusters";

/// Prints the script that asks this program for candidates: commands, arguments, names of clusters and contexts.
///
/// # Errors
/// The script can't be written.
pub(crate) fn run(
    arguments: &CompletionArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let unknown =
        || CommandError::usage(format!("there are no completions for {}", arguments.shell));
    let shells = Shells::builtins();
    let shell = shells.completer(&arguments.shell.to_string());
    let shell = shell.ok_or_else(unknown)?;
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .map_err(|_| unknown())?;
    terminal.print(String::from_utf8_lossy(&script).trim_start());
    Ok(exit::DONE)
}
