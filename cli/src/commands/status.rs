//! `status`: one cluster as a tree.

use api::{Cluster, WatchEvent};
use clap::Args;
use time::OffsetDateTime;

use crate::args::{GlobalArguments, OutputArguments, OutputFormat};
use crate::failure::CommandError;
use crate::output::{self, tree};
use crate::progress::Spinner;
use crate::service::{ServiceClient, ServiceError};
use crate::terminal::Terminal;
use crate::{exit, interrupt, session};

/// Arguments of `status`.
#[derive(Args)]
pub(crate) struct StatusArguments {
    /// Name of the cluster
    pub(crate) name: String,
    /// Go on until the cluster is ready or has failed
    #[arg(short, long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Prints the tree, again and again with `--watch`.
///
/// # Errors
/// There is no such cluster, or the service refuses.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: StatusArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let service = session::connect(global, terminal)?;
    let (name, format) = (&arguments.name, arguments.output.output);
    if !arguments.watch {
        let spinner = Spinner::start(terminal, format!("reading {name}"));
        let cluster = service.get(name).await;
        drop(spinner);
        print(&cluster?, format, terminal);
        return Ok(exit::DONE);
    }
    watch(&service, name, format, terminal).await
}

async fn watch(
    service: &ServiceClient,
    name: &str,
    format: OutputFormat,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    interrupt::note("nothing was changed by watching");
    let mut stream = service.watch(name).await?;
    let mut shown: Option<Cluster> = None;
    loop {
        match stream.next(name).await? {
            WatchEvent::Cluster(cluster) => {
                if shown.as_ref() != Some(&*cluster) {
                    redraw(&cluster, shown.as_ref(), format, terminal);
                }
                shown = Some(*cluster);
            }
            WatchEvent::Status(status) => {
                let mut cluster = shown.clone().unwrap_or_default();
                cluster.status = Some(status);
                redraw(&cluster, shown.as_ref(), format, terminal);
                shown = Some(cluster);
            }
            WatchEvent::Error(problem) => return Err(ServiceError::Problem(problem).into()),
            WatchEvent::End(end) => {
                terminal.say(&end.message);
                return Ok(exit::DONE);
            }
            WatchEvent::Other(..) => {}
        }
    }
}

fn print(cluster: &Cluster, format: OutputFormat, terminal: &Terminal) {
    terminal.print(&text(cluster, format, terminal));
}

fn text(cluster: &Cluster, format: OutputFormat, terminal: &Terminal) -> String {
    match format {
        OutputFormat::Text => {
            tree::draw(cluster, OffsetDateTime::now_utc(), terminal.result_width())
        }
        format => output::document(cluster, format),
    }
}

/// Replaces the tree on a terminal; elsewhere the new one follows.
fn redraw(cluster: &Cluster, before: Option<&Cluster>, format: OutputFormat, terminal: &Terminal) {
    if let Some(before) = before.filter(|_| terminal.shows_results && format == OutputFormat::Text)
    {
        let lines = text(before, format, terminal).lines().count();
        console::Term::stdout().clear_last_lines(lines).ok();
    }
    print(cluster, format, terminal);
}
