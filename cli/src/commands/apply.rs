//! `apply`: saves the clusters of files, hosts first, several at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use api::SaveClusterResponse;
use clap::Args;
use futures::stream::{self, StreamExt as _};
use serde::Serialize;

use super::follow::{self, Deadline};
use crate::args::{FileArguments, GlobalArguments, OutputArguments, OutputFormat};
use crate::documents::{self, ClusterDocument};
use crate::failure::CommandError;
use crate::output::{self, table};
use crate::progress::{ProgressView, Spinner};
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
    #[arg(long, default_value = "30m", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
    /// Way of the change to the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Result for one cluster.
#[derive(Serialize)]
struct Applied {
    name: String,
    /// `saved`, `unchanged`, `proposed`, `ready`, `failed` or `skipped`.
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<SaveClusterResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
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
    let documents = documents::read(&arguments.files)?;
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
    let failed = applied.iter().filter(|applied| applied.error.is_some());
    let failed = failed.map(|applied| applied.name.clone()).collect();
    applied.extend(apply.all(virtual_ones, &failed).await);
    let mut timed_out = false;
    if arguments.wait {
        timed_out = apply.wait(&mut applied).await;
    }
    print(&applied, arguments.output.output, terminal);
    Ok(
        match applied.iter().any(|applied| applied.error.is_some()) {
            _ if timed_out => exit::TIMEOUT,
            true => exit::FAILED,
            false => exit::DONE,
        },
    )
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
        let shown = &spinner;
        let saved = stream::iter(documents)
            .map(|document| async move {
                match document.host().filter(|host| failed.contains(*host)) {
                    Some(host) => Applied {
                        error: Some(format!("its host {host} was not saved")),
                        ..applied(&document.name, "skipped")
                    },
                    None => self.save(&document, shown).await,
                }
            })
            .buffered(AT_A_TIME)
            .collect()
            .await;
        drop(spinner);
        saved
    }

    async fn save(&self, document: &ClusterDocument, spinner: &Spinner) -> Applied {
        let options = ChangeOptions {
            delivery: self.arguments.delivery,
            ..ChangeOptions::default()
        };
        match self
            .service
            .save(&document.name, &document.body, options)
            .await
        {
            Ok(answer) => {
                spinner.suspend(|| {
                    for warning in &answer.warnings {
                        self.terminal.warn(&format!("{}: {warning}", document.name));
                    }
                });
                Applied {
                    result: result_of(&answer),
                    answer: Some(answer),
                    ..applied(&document.name, "")
                }
            }
            Err(error) => {
                let message = error.to_string();
                let format = self.arguments.output.output;
                spinner.suspend(|| {
                    report::print_service_error(error, Some(document), format, self.terminal);
                });
                Applied {
                    error: Some(message),
                    ..applied(&document.name, "failed")
                }
            }
        }
    }

    /// Waits for all that were saved, at once; tells whether the time was up.
    async fn wait(&self, applied: &mut [Applied]) -> bool {
        let waiting: Vec<&mut Applied> = applied
            .iter_mut()
            .filter(|applied| applied.error.is_none() && applied.result != "proposed")
            .collect();
        let deadline = Deadline::after(self.arguments.timeout);
        let clusters = waiting.len();
        let mut timed_out = false;
        // One view each, one after the other: lines of several clusters at once are hard to read, and the deadline is
        // the same for all.
        for applied in waiting {
            let mut view = ProgressView::new(*self.terminal, clusters);
            let name = applied.name.clone();
            let outcome = follow::until_ready(self.service, &name, deadline, &mut view).await;
            match outcome.and_then(|outcome| outcome.into_ready(&name)) {
                Ok(_) => applied.result = "ready",
                Err(error) => {
                    timed_out |= matches!(error, CommandError::Timeout(_));
                    applied.result = "failed";
                    applied.error = Some(error.to_string());
                    report::print_failure(
                        &error,
                        None,
                        self.arguments.output.output,
                        self.terminal,
                    );
                }
            }
        }
        timed_out
    }
}

fn applied(name: &str, result: &'static str) -> Applied {
    Applied {
        name: name.to_owned(),
        result,
        answer: None,
        error: None,
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
    let rows: Vec<Vec<String>> = applied.iter().map(row).collect();
    let width = terminal.shows_results.then_some(terminal.width);
    terminal.print(&table::plain(
        &["NAME", "RESULT", "FILES", "COMMIT"],
        &rows,
        width,
    ));
}

fn row(applied: &Applied) -> Vec<String> {
    let answer = applied.answer.as_ref();
    let commit = answer.and_then(|answer| answer.commit.as_ref());
    let request = answer.and_then(|answer| answer.merge_request.as_ref());
    let files = commit.map_or_else(|| "-".to_owned(), |commit| commit.files_changed.to_string());
    let place = match (request, commit) {
        (Some(request), _) if applied.result == "proposed" => {
            format!("!{} {}", request.iid, request.web_url)
        }
        (_, Some(commit)) => commit.id.chars().take(8).collect(),
        _ => "-".to_owned(),
    };
    vec![
        applied.name.clone(),
        applied.result.to_owned(),
        files,
        place,
    ]
}
