//! `delete`: removes clusters, virtual ones before their hosts.

use std::path::PathBuf;
use std::time::Duration;

use api::{Cluster, DeleteClusterResponse, Problem, Reason};
use clap::Args;
use serde_json::json;

use super::follow::{self, Deadline};
use super::{next_step, place};
use crate::args::{GlobalArguments, OutputArguments, OutputFormat};
use crate::cluster::ClusterClient;
use crate::failure::CommandError;
use crate::output::{self, changes, table};
use crate::progress::{ProgressView, Spinner};
use crate::service::{ChangeOptions, Delivery, ServiceClient, ServiceError};
use crate::terminal::Terminal;
use crate::{access, documents, exit, interrupt, kubeconfig, question, report, session};

/// Arguments of `delete`.
#[derive(Args)]
pub(crate) struct DeleteArguments {
    /// Names of clusters
    #[arg(required_unless_present = "filename", conflicts_with = "filename")]
    pub(crate) names: Vec<String>,
    /// Files or folders with the clusters, as for `apply`
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(crate) filename: Vec<PathBuf>,
    /// Folders below the folders, too
    #[arg(short = 'R', long)]
    pub(crate) recursive: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Wait until nothing is left
    #[arg(long)]
    pub(crate) wait: bool,
    /// Longest wait, such as 90s or 1h30m
    #[arg(long, default_value = "30m", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
    /// For a cluster that does not answer any more: what runs on it stays there
    #[arg(long)]
    pub(crate) force: bool,
    /// Remove the service account that `add` made on the cluster, when nothing is left; waits
    #[arg(long)]
    pub(crate) remove_access: bool,
    /// The kubeconfig's context for --remove-access [default: the one with the cluster's API server]
    #[arg(long, value_name = "NAME", requires = "remove_access")]
    pub(crate) context: Option<String>,
    /// A kubeconfig file instead of those that kubectl reads (KUBECONFIG)
    #[arg(long, value_name = "FILE", requires = "remove_access")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Way of the change to the branch
    #[arg(long, value_name = "WAY")]
    pub(crate) delivery: Option<Delivery>,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Cluster that is to go.
struct Doomed {
    name: String,
    /// `None`: its removal is under way already.
    cluster: Option<Cluster>,
    preview: DeleteClusterResponse,
}

impl Doomed {
    fn is_host(&self) -> bool {
        self.cluster
            .as_ref()
            .is_some_and(|cluster| cluster.usage == "host")
    }

    fn is_virtual(&self) -> bool {
        self.cluster
            .as_ref()
            .is_some_and(|cluster| !cluster.host_cluster.is_empty())
    }
}

/// Shows what goes, asks, and removes it.
///
/// # Errors
/// A cluster is not there, somebody says no, or a service refuses.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: DeleteArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let names = match arguments.filename.as_slice() {
        [] => arguments.names.clone(),
        files => documents::read_names(files, arguments.recursive)?,
    };
    if arguments.context.is_some() && names.len() > 1 {
        return Err(CommandError::usage(
            "--context is for one cluster, and there are several",
        ));
    }
    let service = session::connect(global, terminal)?;
    let removal = Removal {
        names: &names,
        service: &service,
        arguments: &arguments,
        terminal,
    };
    let mut doomed = Vec::new();
    for name in &names {
        doomed.push(removal.preview(name.clone()).await?);
    }
    // A host can't go before what runs on it.
    doomed.sort_by_key(|doomed| (doomed.is_host(), !doomed.is_virtual()));
    // The access has to be found before anything is removed: afterwards nobody knows the server.
    let mut clients = Vec::new();
    for doomed in &doomed {
        clients.push(removal.access_of(doomed).await?);
    }
    removal.confirm(&doomed).await?;
    removal.all(&doomed, &clients).await
}

type Row<'a> = (&'a str, &'static str, Option<DeleteClusterResponse>);

fn print(rows: &[Row<'_>], format: OutputFormat, terminal: &Terminal) {
    if format == OutputFormat::Text {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|(name, result, answer)| {
                let commit = answer.as_ref().and_then(|answer| answer.commit.as_ref());
                let request = answer
                    .as_ref()
                    .and_then(|answer| answer.merge_request.as_ref());
                vec![
                    (*name).to_owned(),
                    (*result).to_owned(),
                    place(commit, request),
                ]
            })
            .collect();
        terminal.print(&table::plain(&["NAME", "RESULT", "COMMIT"], &rows, None));
        return;
    }
    let clusters: Vec<_> = rows
        .iter()
        .map(|(name, result, answer)| json!({"name": name, "result": result, "answer": answer}))
        .collect();
    terminal.print(&output::document(&json!({"clusters": clusters}), format));
}

fn word(answer: &DeleteClusterResponse, arguments: &DeleteArguments) -> &'static str {
    match is_left(answer) {
        _ if is_proposed(answer) => "proposed",
        true if !(arguments.wait || arguments.remove_access) => "removing",
        _ => "removed",
    }
}

/// Tells whether a merge request has to be merged first.
fn is_proposed(answer: &DeleteClusterResponse) -> bool {
    answer
        .merge_request
        .as_ref()
        .is_some_and(|request| request.state == "opened")
}

/// Tells whether something is still being uninstalled.
fn is_left(answer: &DeleteClusterResponse) -> bool {
    answer
        .uninstalling
        .as_ref()
        .is_some_and(|left| !left.is_empty())
}

struct Removal<'a> {
    /// All that are to go.
    names: &'a [String],
    service: &'a ServiceClient,
    arguments: &'a DeleteArguments,
    terminal: &'a Terminal,
}

impl Removal<'_> {
    fn options(&self, dry_run: bool) -> ChangeOptions {
        ChangeOptions {
            dry_run,
            delivery: self.arguments.delivery,
            force: self.arguments.force,
            ..ChangeOptions::default()
        }
    }

    async fn preview(&self, name: String) -> Result<Doomed, CommandError> {
        let spinner = Spinner::start(self.terminal, format!("asking what goes with {name}"));
        let preview = match self.service.delete(&name, self.options(true)).await {
            // A host is refused while something runs in it. Where all of that goes as well, it goes before.
            Err(ServiceError::Problem(problem)) if self.goes_along(&problem) => {
                DeleteClusterResponse::default()
            }
            preview => preview?,
        };
        let cluster = match self.service.get(&name).await {
            Ok(cluster) => Some(cluster),
            Err(ServiceError::Problem(problem)) if problem.status == 404 => None,
            Err(error) => return Err(error.into()),
        };
        drop(spinner);
        Ok(Doomed {
            name,
            cluster,
            preview,
        })
    }

    /// Tells whether everything that depends on a cluster is to go, too.
    fn goes_along(&self, problem: &Problem) -> bool {
        let dependants = problem.dependants.as_deref().unwrap_or_default();
        // `Cluster inner`, or a product with its kind.
        let goes = |dependant: &String| {
            let name = dependant.strip_prefix("Cluster ").unwrap_or(dependant);
            self.names.iter().any(|other| other == name)
        };
        problem.reason == Reason::ClusterInUse && dependants.iter().all(goes)
    }

    /// The connection by which the service account will be removed.
    async fn access_of(&self, doomed: &Doomed) -> Result<Option<ClusterClient>, CommandError> {
        if !self.arguments.remove_access {
            return Ok(None);
        }
        let merged = kubeconfig::read(self.arguments.kubeconfig.as_deref())?;
        let server = doomed
            .cluster
            .as_ref()
            .map_or("", |cluster| cluster.api_server.as_str());
        let context = match &self.arguments.context {
            Some(context) => Some(context.clone()),
            None => kubeconfig::context_of_server(&merged, server),
        };
        let context = context.ok_or_else(|| {
            CommandError::usage(format!(
                "the kubeconfig has no context for {server}: name one with --context; nothing was changed"
            ))
        })?;
        let context = kubeconfig::select(&merged, Some(&context))?;
        let client = ClusterClient::connect(&context).await?;
        // Before anything goes: it would be too late to find out afterwards.
        client.get("/version").await?;
        Ok(Some(client))
    }

    /// Shows what goes, and asks: for the name where a host goes.
    async fn confirm(&self, doomed: &[Doomed]) -> Result<(), CommandError> {
        for doomed in doomed {
            let files = doomed.preview.changes.as_deref().unwrap_or_default();
            self.terminal
                .say(changes::listed(files, &doomed.preview.installs).trim_end());
            let summary = changes::summary(files, &doomed.preview.installs);
            self.terminal.say(&format!("{}: {summary}", doomed.name));
        }
        if self.arguments.yes {
            return Ok(());
        }
        for host in doomed.iter().filter(|doomed| doomed.is_host()) {
            let question = format!("{} is a host. Type its name to remove it", host.name);
            question::confirm_by_name(self.terminal, question, &host.name).await?;
        }
        let others: Vec<&str> = doomed
            .iter()
            .filter(|doomed| !doomed.is_host())
            .map(|doomed| doomed.name.as_str())
            .collect();
        match others.is_empty() {
            true => Ok(()),
            false => {
                question::confirm(self.terminal, format!("Remove {}?", others.join(", "))).await
            }
        }
    }

    /// Removes one after the other and prints a table; a failure does not keep the others back.
    async fn all(
        &self,
        doomed: &[Doomed],
        clients: &[Option<ClusterClient>],
    ) -> Result<u8, CommandError> {
        let format = self.arguments.output.output;
        let mut rows = Vec::new();
        let mut failed = false;
        for (doomed, client) in doomed.iter().zip(clients) {
            match self.remove(doomed, client.as_ref()).await {
                Ok(answer) => {
                    rows.push((
                        doomed.name.as_str(),
                        word(&answer, self.arguments),
                        Some(answer),
                    ));
                }
                Err(error @ CommandError::Timeout(_)) => return Err(error),
                Err(error) => {
                    failed = true;
                    report::print_failure(&error, None, format, self.terminal);
                    rows.push((doomed.name.as_str(), "failed", None));
                }
            }
        }
        print(&rows, format, self.terminal);
        Ok(if failed { exit::FAILED } else { exit::DONE })
    }

    async fn remove(
        &self,
        doomed: &Doomed,
        access: Option<&ClusterClient>,
    ) -> Result<DeleteClusterResponse, CommandError> {
        let name = doomed.name.as_str();
        interrupt::note(format!(
            "the service carries the removal out nevertheless; `nautes-clusters delete {name} --wait` follows it"
        ));
        let spinner = Spinner::start(self.terminal, format!("removing {name}"));
        let answer = self.service.delete(name, self.options(false)).await;
        drop(spinner);
        let answer = answer?;
        for warning in &answer.warnings {
            self.terminal.warn(&format!("{name}: {warning}"));
        }
        self.terminal.say(&answer.message);
        match next_step(answer.merge_request.as_ref()) {
            Some(step) => self.terminal.say(&step),
            None => self.follow(doomed, &answer, access).await?,
        }
        Ok(answer)
    }

    /// Waits until nothing is left, where that is asked for, and then removes the service account.
    async fn follow(
        &self,
        doomed: &Doomed,
        answer: &DeleteClusterResponse,
        access: Option<&ClusterClient>,
    ) -> Result<(), CommandError> {
        let name = doomed.name.as_str();
        // Nothing can be uninstalled from a virtual cluster whose host is gone.
        let host = doomed.cluster.as_ref().map(|cluster| &cluster.host_cluster);
        let before_host = host.is_some_and(|host| self.names.contains(host));
        let left = answer.uninstalling.clone().unwrap_or_default();
        if self.arguments.wait || access.is_some() || before_host {
            let view = ProgressView::new(*self.terminal, 1);
            let deadline = Deadline::after(self.arguments.timeout);
            let options = self.options(false);
            follow::until_uninstalled(self.service, name, options, left, deadline, &view).await?;
        }
        if let Some(client) = access {
            let removed = access::remove(client).await?;
            self.terminal.say(&match removed {
                0 => format!("{name}: there was no service account of `add`"),
                _ => format!("{name}: {} was removed", access::description()),
            });
        }
        Ok(())
    }
}
