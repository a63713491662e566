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
pub(crate) mod proposals;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod wait;

use api::{Commit, MergeRequest};

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
        Command::Proposals(command) => proposals::run(global, command, terminal).await,
        Command::Status(command) => status::run(global, command, terminal).await,
        Command::Wait(command) => wait::run(global, command, terminal).await,
        Command::Sync(command) => sync::run(global, command, terminal).await,
        Command::Delete(command) => delete::run(global, command, terminal).await,
        Command::Init(command) => init::run(&command, terminal),
        Command::Doctor(command) => doctor::run(global, command, terminal).await,
        Command::Completion(command) => completion::run(&command, terminal),
        Command::Man(command) => man::run(&command, terminal),
    }
}

/// Tells somebody the next step for a merge request that is open.
fn next_step(request: Option<&MergeRequest>) -> Option<String> {
    let request = request.filter(|request| request.state == "opened")?;
    Some(format!(
        "merge {}, then run the same command again",
        request.web_url
    ))
}

/// Where a change is: in a merge request that is open, or in a commit.
fn place(commit: Option<&Commit>, request: Option<&MergeRequest>) -> String {
    let request = request.filter(|request| request.state == "opened");
    match (request, commit) {
        (Some(request), _) => format!("!{} {}", request.iid, request.web_url),
        (None, Some(commit)) => commit.id.chars().take(8).collect(),
        (None, None) => "-".to_owned(),
    }
}
