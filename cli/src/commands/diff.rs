//! `diff`: what `apply` would change.

use clap::Args;
use serde_json::json;

use crate::args::{FileArguments, GlobalArguments, OutputArguments, OutputFormat};
use crate::documents;
use crate::failure::CommandError;
use crate::output::{self, changes};
use crate::progress::Spinner;
use crate::service::{ChangeOptions, Delivery};
use crate::terminal::Terminal;
use crate::{exit, report, session};

/// Arguments of `diff`.
#[derive(Args)]
pub(crate) struct DiffArguments {
    #[command(flatten)]
    pub(crate) files: FileArguments,
    /// How the change would reach the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
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
        force: false,
    };
    let (mut differs, mut trouble) = (false, false);
    let mut answers = Vec::new();
    for document in &documents {
        let spinner = Spinner::start(terminal, format!("comparing {}", document.name));
        let answer = service.save(&document.name, &document.body, options).await;
        drop(spinner);
        match answer {
            Ok(answer) => {
                for warning in &answer.warnings {
                    terminal.warn(&format!("{}: {warning}", document.name));
                }
                let files = answer.changes.as_deref().unwrap_or_default();
                differs |= !files.is_empty();
                if format == OutputFormat::Text {
                    let listed = changes::listed(files, &answer.installs);
                    let diff = changes::coloured(answer.diff.as_deref().unwrap_or_default());
                    terminal.print(if arguments.summary { &listed } else { &diff });
                    let summary = changes::summary(files, &answer.installs);
                    terminal.say(&format!("{}: {summary}", document.name));
                }
                answers.push(json!({"name": document.name, "answer": answer}));
            }
            Err(error) => {
                trouble = true;
                report::print_service_error(error, Some(document), format, terminal);
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
