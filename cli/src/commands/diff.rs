//! `diff`: what `apply` would change.

use api::{Problem, SaveClusterResponse};
use clap::Args;
use serde_json::json;

use crate::args::{FileArguments, GlobalArguments, OutputArguments, OutputFormat};
use crate::documents::{self, ClusterDocument};
use crate::failure::CommandError;
use crate::output::{self, changes};
use crate::progress::Spinner;
use crate::report::FailureEntry;
use crate::service::{ChangeOptions, Delivery, ServiceError};
use crate::terminal::Terminal;
use crate::{exit, report, session};

/// Arguments of `diff`.
#[derive(Args)]
pub(crate) struct DiffArguments {
    #[command(flatten)]
    pub(crate) files: FileArguments,
    /// Way of the change to the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
    /// Take over what others made for the clusters in the management cluster
    #[arg(long)]
    pub(crate) adopt: bool,
    /// The files' names alone
    #[arg(long)]
    pub(crate) summary: bool,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Prints the differences of all files: exit code 0 for none, 1 for some, 2 for trouble.
///
/// # Errors
/// Nothing can be compared.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: DiffArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let format = arguments.output.output;
    let documents = documents::read(&arguments.files)?;
    let service = session::connect(global, terminal)?;
    let options = ChangeOptions {
        dry_run: true,
        delivery: arguments.delivery,
        adopt: arguments.adopt,
        ..ChangeOptions::default()
    };
    let (mut differs, mut trouble) = (false, false);
    let mut answers = Vec::new();
    for document in &documents {
        let spinner = Spinner::start(terminal, format!("comparing {}", document.name));
        let answer = service.save(&document.name, &document.body, options).await;
        drop(spinner);
        match answer {
            Ok(answer) => {
                differs |= answer
                    .changes
                    .as_ref()
                    .is_some_and(|changes| !changes.is_empty());
                show(&document.name, &answer, &arguments, terminal);
                answers.push(json!({"name": document.name, "answer": answer}));
            }
            Err(error) if waits_for_host(&error, document, &documents) => {
                differs = true;
                answers.push(json!({"name": document.name, "waits_for": document.host()}));
                terminal.say(&format!(
                    "{}: new, in a host that is new as well: it can be compared when the host is saved",
                    document.name
                ));
            }
            Err(error) => {
                trouble = true;
                let mut entry = json!(FailureEntry::of_service(&error));
                entry["name"] = json!(document.name);
                answers.push(entry);
                let error = error.with_hints(OutputFormat::Text, documents::argument_of);
                report::print_entry_service_error(error, Some(document), terminal);
            }
        }
    }
    if format != OutputFormat::Text {
        terminal.print(&output::document(&json!({"clusters": answers}), format));
    }
    Ok(match (trouble, differs) {
        (true, _) => exit::TROUBLE,
        (false, true) => exit::FAILED,
        (false, false) => exit::DONE,
    })
}

/// Tells whether nothing is wrong with a virtual cluster but that its host, which the files have, is not saved yet.
fn waits_for_host(
    error: &ServiceError,
    document: &ClusterDocument,
    documents: &[ClusterDocument],
) -> bool {
    let is_of_host = |problem: &Problem| {
        let mut fields = problem
            .violations
            .iter()
            .map(|violation| violation.field.as_str());
        // A manifest spells it /spec/hostCluster.
        let is_host = |field: &str| {
            let name = field.rsplit('/').next().unwrap_or_default();
            documents::is_same_field(name, "host_cluster")
        };
        !problem.violations.is_empty() && fields.all(is_host)
    };
    let comes_along = document
        .host()
        .is_some_and(|host| documents.iter().any(|other| other.name == host));
    comes_along && error.problem().is_some_and(is_of_host)
}

/// Shows the differences of one cluster: the lines as the result, the count as a message.
fn show(name: &str, answer: &SaveClusterResponse, arguments: &DiffArguments, terminal: &Terminal) {
    for warning in &answer.warnings {
        terminal.warn_of_service(&format!("{name}: {warning}"));
    }
    if arguments.output.output != OutputFormat::Text {
        return;
    }
    let files = answer.changes.as_deref().unwrap_or_default();
    if !files.is_empty() {
        let shown = match arguments.summary {
            true => changes::listed(files, &[]),
            false => changes::coloured(answer.diff.as_deref().unwrap_or_default()),
        };
        terminal.print(&(shown + &changes::listed(&[], &answer.installs)));
    }
    terminal.say(&format!(
        "{name}: {}",
        changes::difference(files, &answer.installs)
    ));
}
