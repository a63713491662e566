//! `wait`: until clusters are ready, or gone.

use std::cell::RefCell;
use std::time::Duration;

use api::{Phase, ProposedChange, Status};
use clap::{Args, ValueEnum};
use futures::future;
use serde::Serialize;
use serde_json::json;

use super::follow::{self, Deadline};
use super::proposals::Proposals;
use crate::args::{GlobalArguments, OutputArguments, OutputFormat, parse_name, parse_wait};
use crate::failure::CommandError;
use crate::progress::ProgressView;
use crate::report::FailureEntry;
use crate::service::ServiceClient;
use crate::terminal::Terminal;
use crate::{completion, exit, interrupt, output, report, session};

/// Longest time that is spent on proposals: most waits have none.
const LOOK_AT_PROPOSALS: Duration = Duration::from_secs(10);

/// Arguments of `wait`.
#[derive(Args)]
pub(crate) struct WaitArguments {
    /// Names of clusters
    #[arg(required = true, value_parser = parse_name, add = completion::clusters())]
    pub(crate) names: Vec<String>,
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

/// Waits, for all of them at the same time.
///
/// # Errors
/// Nothing can be asked: a setting is missing.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: WaitArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let service = session::connect(global, terminal)?;
    let names: Vec<&str> = arguments.names.iter().map(String::as_str).collect();
    match arguments.state {
        AwaitedState::Ready => follow::note_installs(&names),
        AwaitedState::Removed => interrupt::note(format!(
            "the removal of {} goes on if it was asked for",
            names.join(", ")
        )),
    }
    let waiting = Waiting {
        service: &service,
        arguments: &arguments,
        deadline: Deadline::after(arguments.timeout),
        view: RefCell::new(ProgressView::new(*terminal, names.len())),
    };
    let waits = names.iter().enumerate();
    let waits = waits.map(|(index, name)| waiting.wait(index, name, terminal));
    let ended = future::join_all(waits).await;
    drop(waiting);
    print(&ended, arguments.output.output, terminal);
    // Of several clusters a time-out is told before a failure: the others may be ready a moment later.
    Ok(ended
        .iter()
        .map(|ended| ended.code)
        .max()
        .unwrap_or(exit::DONE))
}

struct Waiting<'a> {
    service: &'a ServiceClient,
    arguments: &'a WaitArguments,
    deadline: Deadline,
    view: RefCell<ProgressView>,
}

/// The end of one wait.
#[derive(Serialize)]
struct Ended {
    name: String,
    /// Last status of a cluster that is ready.
    status: Option<Status>,
    #[serde(flatten)]
    failure: Option<FailureEntry>,
    #[serde(skip)]
    code: u8,
}

impl Waiting<'_> {
    async fn wait(&self, index: usize, name: &str, terminal: &Terminal) -> Ended {
        self.tell_next_step(name).await;
        let outcome = match self.arguments.state {
            AwaitedState::Ready => self.until_ready(index, name).await.map(Some),
            AwaitedState::Removed => {
                follow::until_removed(self.service, name, self.deadline, &self.view)
                    .await
                    .map(|()| None)
            }
        };
        let (status, error) = match outcome {
            Ok(status) => (status, None),
            Err(error) => {
                let error = self.with_next_step(name, error).await;
                report::print_entry_failure(&error, None, terminal);
                (None, Some(error))
            }
        };
        Ended {
            name: name.to_owned(),
            status,
            code: error.as_ref().map_or(exit::DONE, CommandError::exit_code),
            failure: error.as_ref().map(FailureEntry::of_command),
        }
    }

    /// Tells at once which step somebody has to take first: until then the wait is in vain.
    async fn tell_next_step(&self, name: &str) {
        if let Some(step) = self.next_step(name).await {
            self.view.borrow().say(&format!("{name}: {step}"));
            if self.arguments.names.len() == 1 {
                interrupt::note(format!("{name}: {step}"));
            }
        }
    }

    /// Replaces what a time-out says of work that goes on by what has to be done before any of it does.
    async fn with_next_step(&self, name: &str, error: CommandError) -> CommandError {
        match error {
            CommandError::Timeout(_) => {
                let state = match self.arguments.state {
                    AwaitedState::Ready => "ready",
                    AwaitedState::Removed => "gone",
                };
                let step = self.next_step(name).await;
                step.map_or(error, |step| {
                    self.deadline
                        .passed(&format!("{name} was not {state}"), &step)
                })
            }
            error => error,
        }
    }

    /// Step of a proposal that the awaited state needs; `None` also where that can't be found out soon.
    async fn next_step(&self, name: &str) -> Option<String> {
        let change = match self.arguments.state {
            AwaitedState::Ready => ProposedChange::Register,
            AwaitedState::Removed => ProposedChange::Remove,
        };
        let looked = async {
            let cluster = match self.service.get(name).await {
                Ok(cluster) => Some(cluster),
                Err(error) if error.is_not_found() => None,
                Err(_) => return None,
            };
            let status = cluster.as_ref().and_then(|cluster| cluster.status.as_ref());
            // A change of a cluster that is installed, or on its way, may wait for somebody without keeping anything up.
            if status.is_some_and(|status| status.phase != Phase::Registered)
                && change == ProposedChange::Register
            {
                return None;
            }
            let proposals = Proposals::read(self.service).await.of_change(&change);
            proposals.next_step(name, cluster.as_ref())
        };
        let longest = LOOK_AT_PROPOSALS.min(self.arguments.timeout);
        tokio::time::timeout(longest, looked).await.ok().flatten()
    }

    async fn until_ready(&self, index: usize, name: &str) -> Result<Status, CommandError> {
        let (service, deadline, view) = (self.service, self.deadline, &self.view);
        let outcome = match index < follow::WATCHES {
            true => follow::until_ready(service, name, deadline, view).await?,
            false => follow::until_seen_ready(service, name, deadline, view).await?,
        };
        outcome.into_ready(name)
    }
}

/// Prints what came true, and in a document what did not: of one cluster as it is, of several as a list.
fn print(ended: &[Ended], format: OutputFormat, terminal: &Terminal) {
    match (format, ended) {
        (OutputFormat::Text, _) => {
            for ended in ended.iter().filter(|ended| ended.failure.is_none()) {
                let state = if ended.status.is_some() {
                    "ready"
                } else {
                    "gone"
                };
                terminal.print(&format!("{} is {state}", ended.name));
            }
        }
        (format, [only]) => terminal.print(&output::document(only, format)),
        (format, all) => {
            terminal.print(&output::document(&json!({"clusters": all}), format));
        }
    }
}
