//! `apply`: saves the clusters of files, hosts first, several at a time.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use api::SaveClusterResponse;
use clap::Args;
use futures::future;
use futures::stream::{self, StreamExt as _};
use serde::Serialize;

use super::diff::{self, DiffArguments};
use super::follow::{self, Deadline};
use super::{next_step, place};
use crate::args::{
    DryRunArguments, FileArguments, GlobalArguments, OutputArguments, OutputFormat, parse_wait,
};
use crate::documents::{self, ClusterDocument};
use crate::failure::CommandError;
use crate::output::{self, table};
use crate::progress::{ProgressView, Spinner};
use crate::report::FailureEntry;
use crate::service::{ChangeOptions, Delivery, ServiceClient};
use crate::terminal::Terminal;
use crate::{exit, interrupt, report, session};

/// Clusters at a time: their commits go to one branch, where more of them would only race.
const AT_A_TIME: usize = 4;

/// Arguments of `apply`.
#[derive(Args)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    pub(crate) files: FileArguments,
    /// Wait until every cluster is ready
    #[arg(long)]
    pub(crate) wait: bool,
    /// Longest wait of --wait, such as 90s or 1h30m
    #[arg(long, default_value = "30m", value_parser = parse_wait)]
    pub(crate) timeout: Duration,
    /// Way of the change to the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
    /// Take over what others made for the clusters in the management cluster
    #[arg(long)]
    pub(crate) adopt: bool,
    #[command(flatten)]
    pub(crate) dry_run: DryRunArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Result for one cluster.
#[derive(Serialize)]
pub(super) struct Applied {
    pub(super) name: String,
    /// `saved`, `unchanged`, `proposed`, `ready`, `failed` or `skipped`.
    pub(super) result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<SaveClusterResponse>,
    #[serde(flatten)]
    pub(super) failure: Option<FailureEntry>,
}

/// Saves everything, prints a table, and fails if one failed.
///
/// # Errors
/// Nothing was sent: a file or setting can't be used.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: ApplyArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    if arguments.dry_run.is_dry() {
        return dry_run(global, arguments, terminal).await;
    }
    let documents = documents::read(&arguments.files)?;
    documents::warn_of_logins(&documents, terminal);
    let service = session::connect(global, terminal)?;
    let (virtual_ones, physical): (Vec<_>, Vec<_>) =
        documents.into_iter().partition(ClusterDocument::is_virtual);
    let apply = Apply {
        service: &service,
        arguments: &arguments,
        terminal,
    };
    // A virtual cluster's host has to be registered before it.
    let mut applied = apply.all(physical, &BTreeSet::new()).await;
    let failed = applied.iter().filter(|applied| applied.failure.is_some());
    let failed = failed.map(|applied| applied.name.clone()).collect();
    applied.extend(apply.all(virtual_ones, &failed).await);
    let format = arguments.output.output;
    let deadline = arguments.wait.then(|| Deadline::after(arguments.timeout));
    Ok(finish(&service, applied, deadline, format, terminal).await)
}

/// Shows what would change, as `diff` does, and takes a difference for no failure.
async fn dry_run(
    global: &GlobalArguments,
    arguments: ApplyArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let arguments = DiffArguments {
        files: arguments.files,
        delivery: arguments.delivery,
        adopt: arguments.adopt,
        summary: false,
        output: arguments.output,
    };
    Ok(match diff::run(global, arguments, terminal).await? {
        exit::TROUBLE => exit::FAILED,
        _ => exit::DONE,
    })
}

/// Waits for the clusters until the deadline, where there is one, prints the table, and returns the exit code.
pub(super) async fn finish(
    service: &ServiceClient,
    mut applied: Vec<Applied>,
    deadline: Option<Deadline>,
    format: OutputFormat,
    terminal: &Terminal,
) -> u8 {
    let mut timed_out = false;
    if let Some(deadline) = deadline {
        timed_out = wait(service, &mut applied, deadline, terminal).await;
    }
    print(&applied, format, terminal);
    for applied in &applied {
        let request = applied
            .answer
            .as_ref()
            .and_then(|answer| answer.merge_request.as_ref());
        if let Some(step) = next_step(request) {
            terminal.say(&format!("{}: {step}", applied.name));
        }
    }
    match applied.iter().any(|applied| applied.failure.is_some()) {
        _ if timed_out => exit::TIMEOUT,
        true => exit::FAILED,
        false => exit::DONE,
    }
}

struct Apply<'a> {
    service: &'a ServiceClient,
    arguments: &'a ApplyArguments,
    terminal: &'a Terminal,
}

impl Apply<'_> {
    /// Saves clusters that do not depend on each other; those whose host failed are left out.
    async fn all(
        &self,
        documents: Vec<ClusterDocument>,
        failed: &BTreeSet<String>,
    ) -> Vec<Applied> {
        let names: Vec<&str> = documents
            .iter()
            .map(|document| document.name.as_str())
            .collect();
        if documents.is_empty() {
            return Vec::new();
        }
        interrupt::note(format!(
            "what was sent for {0} is carried out by the service nevertheless; `nautes-clusters get {1}` shows it",
            names.join(", "),
            names.join(" ")
        ));
        let spinner = Spinner::start(self.terminal, format!("saving {}", names.join(", ")));
        let saved = stream::iter(documents)
            .map(|document| async move {
                match document.host().filter(|host| failed.contains(*host)) {
                    Some(host) => Applied {
                        failure: Some(FailureEntry::of_words(format!(
                            "its host {host} was not saved"
                        ))),
                        ..applied(&document.name, "skipped")
                    },
                    None => self.save(&document).await,
                }
            })
            .buffered(AT_A_TIME)
            .collect()
            .await;
        drop(spinner);
        saved
    }

    async fn save(&self, document: &ClusterDocument) -> Applied {
        let options = ChangeOptions {
            delivery: self.arguments.delivery,
            adopt: self.arguments.adopt,
            ..ChangeOptions::default()
        };
        match self
            .service
            .save(&document.name, &document.body, options)
            .await
        {
            Ok(answer) => {
                for warning in &answer.warnings {
                    self.terminal
                        .warn_of_service(&format!("{}: {warning}", document.name));
                }
                Applied {
                    result: result_of(&answer),
                    answer: Some(answer),
                    ..applied(&document.name, "")
                }
            }
            Err(error) => {
                let failure = FailureEntry::of_service(&error);
                let error = error.with_hints(OutputFormat::Text, documents::argument_of);
                report::print_entry_service_error(error, Some(document), self.terminal);
                Applied {
                    failure: Some(failure),
                    ..applied(&document.name, "failed")
                }
            }
        }
    }
}

/// Waits for all that were saved, at the same time: one that is stuck keeps no news of the others back. Tells whether the
/// time was up.
async fn wait(
    service: &ServiceClient,
    applied: &mut [Applied],
    deadline: Deadline,
    terminal: &Terminal,
) -> bool {
    let waiting: Vec<&mut Applied> = applied
        .iter_mut()
        .filter(|applied| applied.failure.is_none() && applied.result != "proposed")
        .collect();
    let names: Vec<&str> = waiting
        .iter()
        .map(|applied| applied.name.as_str())
        .collect();
    follow::note_installs(&names);
    let view = RefCell::new(ProgressView::new(*terminal, waiting.len()));
    let watches = waiting.into_iter().enumerate();
    let watches = watches.map(async |(index, applied)| {
        let outcome = match index < follow::WATCHES {
            true => follow::until_ready(service, &applied.name, deadline, &view).await,
            false => follow::until_seen_ready(service, &applied.name, deadline, &view).await,
        };
        match outcome.and_then(|outcome| outcome.into_ready(&applied.name)) {
            Ok(_) => {
                applied.result = "ready";
                false
            }
            Err(error) => {
                let is_late = matches!(error, CommandError::Timeout(_));
                // A time-out is no failure: the install goes on after the command has ended.
                applied.result = if is_late { "timeout" } else { "failed" };
                applied.failure = Some(FailureEntry::of_command(&error));
                report::print_entry_failure(&error, None, terminal);
                is_late
            }
        }
    });
    future::join_all(watches).await.contains(&true)
}

pub(super) fn applied(name: &str, result: &'static str) -> Applied {
    Applied {
        name: name.to_owned(),
        result,
        answer: None,
        failure: None,
    }
}

fn result_of(answer: &SaveClusterResponse) -> &'static str {
    let is_open = answer
        .merge_request
        .as_ref()
        .is_some_and(|request| request.state == "opened");
    match answer.commit {
        _ if is_open => "proposed",
        Some(_) => "saved",
        None => "unchanged",
    }
}

fn print(applied: &[Applied], format: OutputFormat, terminal: &Terminal) {
    if format != OutputFormat::Text {
        terminal.print(&output::document(
            &serde_json::json!({"clusters": applied}),
            format,
        ));
        return;
    }
    let width = terminal.shows_results.then_some(terminal.width);
    terminal.print(&draw(applied, width));
}

fn draw(applied: &[Applied], width: Option<usize>) -> String {
    let rows: Vec<Vec<String>> = applied.iter().map(row).collect();
    table::with_addresses(&["NAME", "RESULT", "FILES", "COMMIT"], &rows, width)
}

fn row(applied: &Applied) -> Vec<String> {
    let answer = applied.answer.as_ref();
    let commit = answer.and_then(|answer| answer.commit.as_ref());
    let request = answer.and_then(|answer| answer.merge_request.as_ref());
    let files = commit.map_or_else(|| "-".to_owned(), |commit| commit.files_changed.to_string());
    vec![
        applied.name.clone(),
        applied.result.to_owned(),
        files,
        place(commit, request),
    ]
}

#[cfg(test)]
mod tests {
    use api::{Commit, MergeRequest};

    use super::*;

    #[test]
    fn every_result_has_its_word() {
        let answer = |commit, merge_request| SaveClusterResponse {
            commit,
            merge_request,
            ..SaveClusterResponse::default()
        };
        let commit = Commit {
            id: "69eb1bf5c0ffee".to_owned(),
            files_changed: 29,
            ..Commit::default()
        };
        let request = MergeRequest {
            iid: 7,
            web_url: "https://gitlab.example.com/-/merge_requests/7".to_owned(),
            state: "opened".to_owned(),
            ..MergeRequest::default()
        };
        let answers = [
            ("saved", answer(Some(commit), None)),
            ("unchanged", answer(None, None)),
            ("proposed", answer(None, Some(request))),
        ];
        let mut all: Vec<Applied> = Vec::new();
        for (name, answer) in answers {
            assert_eq!(result_of(&answer), name);
            all.push(Applied {
                answer: Some(answer),
                ..applied(name, name)
            });
        }
        all.push(applied("its-host-failed", "skipped"));
        insta::assert_snapshot!(draw(&all, None), @r"
        NAME             RESULT     FILES  COMMIT
        saved            saved      29     69eb1bf5
        unchanged        unchanged  -      -
        proposed         proposed   -      !7 https://gitlab.example.com/-/merge_requests/7
        its-host-failed  skipped    -      -
        ");
        let commits = draw(&all[..2], Some(32));
        assert!(!commits.contains("FILES"), "{commits}");
        insta::assert_snapshot!(draw(&all, Some(40)), @r"
        NAME             RESULT     FILES
        saved            saved      29
          69eb1bf5
        unchanged        unchanged  -
        proposed         proposed   -
          !7 https://gitlab.example.com/-/merge_requests/7
        its-host-failed  skipped    -
        ");
    }
}
