//! The commands, one file each.

pub(crate) mod add;
pub(crate) mod apply;
pub(crate) mod completion;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod follow;
pub(crate) mod get;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod status;
pub(crate) mod wait;

use crate::args::{Arguments, Command};
use crate::failure::CommandError;
use crate::terminal::Terminal;

/// Carries out a command and returns the exit code.
///
/// # Errors
/// Every failure that is to be printed.
pub(crate) async fn run(arguments: Arguments, terminal: &Terminal) -> Result<u8, CommandError> {
    let global = &arguments.global;
    match arguments.command {
        Command::Add(command) => add::run(global, command, terminal).await,
        Command::Apply(command) => apply::run(global, command, terminal).await,
        Command::Diff(command) => diff::run(global, command, terminal).await,
        Command::Get(command) => get::run(global, command, terminal).await,
        Command::Status(command) => status::run(global, command, terminal).await,
        Command::Wait(command) => wait::run(global, command, terminal).await,
        Command::Delete(command) => delete::run(global, command, terminal).await,
        Command::Init(command) => init::run(&command, terminal),
        Command::Doctor(command) => doctor::run(global, command, terminal).await,
        Command::Completion(command) => completion::run(&command, terminal),
        Command::Man(command) => man::run(&command, terminal),
    }
}
