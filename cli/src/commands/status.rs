//! `status`: one cluster as a tree.

use std::time::Duration;

use api::{Cluster, WatchEvent};
use clap::Args;
use time::OffsetDateTime;

use super::follow::{self, Outcome};
use crate::args::{GlobalArguments, OutputArguments, OutputFormat, parse_name};
use crate::failure::CommandError;
use crate::output::{self, tree};
use crate::progress::Spinner;
use crate::service::{ServiceClient, ServiceError};
use crate::terminal::Terminal;
use crate::{completion, exit, interrupt, session, wording};

/// The smallest step of an age.
const TICK: Duration = Duration::from_secs(1);

/// Arguments of `status`.
#[derive(Args)]
pub(crate) struct StatusArguments {
    /// Name of the cluster
    #[arg(value_parser = parse_name, add = completion::clusters())]
    pub(crate) name: String,
    /// Go on until the cluster is ready, or has failed: exit code 1
    #[arg(short, long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Prints the tree, again and again with `--watch`.
///
/// # Errors
/// There is no such cluster, the service refuses, or with `--watch` a component failed.
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
    let mut view = TreeView {
        terminal,
        format,
        text: String::new(),
    };
    let mut ticks = tokio::time::interval(TICK);
    loop {
        let event = {
            let mut next = std::pin::pin!(stream.next(name));
            loop {
                tokio::select! {
                    event = &mut next => break event?,
                    // Ages go on while nothing happens.
                    _ = ticks.tick(), if view.is_drawn() => {
                        shown.iter().for_each(|cluster| view.show(cluster));
                    }
                }
            }
        };
        match event {
            WatchEvent::Cluster(cluster) => {
                if shown.as_ref() != Some(&*cluster) {
                    view.show(&cluster);
                }
                shown = Some(*cluster);
            }
            WatchEvent::Status(status) => {
                let mut cluster = shown.clone().unwrap_or_default();
                cluster.status = Some(status);
                view.show(&cluster);
                shown = Some(cluster);
            }
            WatchEvent::Error(problem) => return Err(ServiceError::Problem(problem).into()),
            WatchEvent::End(end) => {
                let last = shown.and_then(|cluster| cluster.status);
                if let Some(failed @ Outcome::Degraded(_)) = follow::outcome_of(&end.reason, last) {
                    failed.into_ready(name)?;
                }
                terminal.say(&wording::of_command_line(&end.message));
                return Ok(exit::DONE);
            }
            WatchEvent::Other(..) => {}
        }
    }
}

fn print(cluster: &Cluster, format: OutputFormat, terminal: &Terminal) {
    let text = match format {
        OutputFormat::Text => drawn(cluster, terminal),
        format => output::document(cluster, format),
    };
    terminal.print(&text);
}

fn drawn(cluster: &Cluster, terminal: &Terminal) -> String {
    tree::draw(cluster, OffsetDateTime::now_utc(), terminal.result_width())
}

/// A tree that is replaced by the next one on a terminal; elsewhere the new one follows.
struct TreeView<'a> {
    terminal: &'a Terminal,
    format: OutputFormat,
    /// The lines that stand there now.
    text: String,
}

impl TreeView<'_> {
    /// Tells whether somebody sees a tree that can be replaced.
    fn is_drawn(&self) -> bool {
        self.terminal.shows_results
            && self.terminal.is_interactive
            && self.format == OutputFormat::Text
    }

    fn show(&mut self, cluster: &Cluster) {
        if !self.is_drawn() {
            let text = match self.format {
                OutputFormat::Text => drawn(cluster, self.terminal),
                format => output::document_of_stream(cluster, format),
            };
            return self.terminal.print(&text);
        }
        let (now, width) = (OffsetDateTime::now_utc(), self.terminal.result_width());
        // Lines above the window's edge can't be replaced any more.
        let height = console::Term::stdout().size_checked().map(|(rows, _)| rows);
        let height = height.map_or(usize::MAX, |rows| usize::from(rows).saturating_sub(1));
        let text = tree::draw_within(cluster, now, width, height);
        if text == self.text {
            return;
        }
        let lines = self.text.lines().count();
        console::Term::stdout().clear_last_lines(lines).ok();
        self.terminal.print(&text);
        self.text = text;
    }
}
