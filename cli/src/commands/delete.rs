//! `delete`: removes clusters, virtual ones before their hosts.

mod arguments;
mod doomed;
mod rows;

use std::cell::RefCell;
use std::collections::BTreeSet;

use api::{DeleteClusterResponse, Problem, Reason};
use futures::stream::{self, StreamExt as _};
use serde_json::json;

pub(crate) use self::arguments::DeleteArguments;
use self::doomed::{Doomed, described};
use self::rows::Row;
use super::follow::{self, Deadline};
use super::next_step;
use crate::args::{GlobalArguments, OutputFormat};
use crate::cluster::ClusterClient;
use crate::failure::CommandError;
use crate::kubeconfig::SelectedContext;
use crate::output;
use crate::progress::{ProgressView, Spinner};
use crate::service::{ChangeOptions, ServiceClient, ServiceError};
use crate::terminal::Terminal;
use crate::{access, documents, kubeconfig, question, report, session};

/// Shows what goes, asks, and removes it.
///
/// # Errors
/// A cluster is not there, somebody says no, or a service refuses.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: DeleteArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let mut names = match arguments.filename.as_slice() {
        [] => arguments.names.clone(),
        files => documents::read_names(files, arguments.recursive)?,
    };
    // Who names a cluster twice means it once.
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
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
    let (mut doomed, mut rows) = (Vec::new(), Vec::new());
    for name in &names {
        match removal.preview(name.clone()).await {
            // The others go nevertheless, as kubectl has it.
            Err(CommandError::Service(error)) if error.is_not_found() => {
                rows.push(removal.missing(name, error));
            }
            preview => doomed.push(preview?),
        }
    }
    doomed.sort_by_key(Doomed::order);
    if arguments.dry_run.is_dry() {
        removal.show_dry_run(&doomed, &rows);
        return Ok(rows::exit_code(&rows));
    }
    let format = arguments.output.output;
    if doomed.is_empty() {
        // What is not registered has been told, and a table of nothing else would repeat it.
        if format != OutputFormat::Text {
            rows::print(&rows, format, terminal);
        }
        return Ok(rows::exit_code(&rows));
    }
    // The access has to be found before anything is removed: afterwards nobody knows the server.
    let mut clients = Vec::new();
    for doomed in &doomed {
        clients.push(removal.access_of(doomed).await?);
    }
    removal.confirm(&doomed).await?;
    rows.extend(removal.all(&doomed, &clients).await);
    rows::print(&rows, format, terminal);
    Ok(rows::exit_code(&rows))
}

/// Clusters at a time: their commits go to one branch, where more of them would only race.
const AT_A_TIME: usize = 4;

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

    /// Tells whether every cluster is followed until nothing is left of it.
    fn waits(&self) -> bool {
        self.arguments.wait || self.arguments.remove_access
    }

    async fn preview(&self, name: String) -> Result<Doomed, CommandError> {
        let spinner = Spinner::start(self.terminal, format!("asking what goes with {name}"));
        let mut goes_later = false;
        let preview = match self.service.delete(&name, self.options(true)).await {
            // A host is refused while something runs in it. Where all of that goes as well, it goes before.
            Err(ServiceError::Problem(problem)) if self.goes_along(&problem) => {
                goes_later = true;
                DeleteClusterResponse::default()
            }
            // Left behind by an `add` that was broken off.
            Err(error) if self.arguments.remove_access && error.is_not_found() => {
                return Ok(Doomed {
                    name,
                    cluster: None,
                    preview: None,
                    goes_later,
                });
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
            preview: Some(preview),
            goes_later,
        })
    }

    /// Tells that a cluster is not registered.
    fn missing<'n>(&self, name: &'n str, error: ServiceError) -> Row<'n> {
        if self.arguments.ignore_not_found {
            self.terminal.say(&format!("{name}: not registered"));
            return Row::absent(name);
        }
        let error = CommandError::Service(error);
        report::print_entry_failure(&error, None, self.terminal);
        Row::new(name, Err(error), self.waits())
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
            let why = match server {
                "" => format!(
                    "{} is not registered, so its API server is not known",
                    doomed.name
                ),
                server => format!("the kubeconfig has no context for {server}"),
            };
            CommandError::usage(format!(
                "{why}: name a context with --context; nothing was changed"
            ))
        })?;
        let context = kubeconfig::select(&merged, Some(&context))?;
        if doomed.preview.is_none() {
            self.require_unused(&context).await?;
        }
        connect_as_administrator(&context).await.map(Some)
    }

    /// Refuses to take the login away that a registered cluster needs: the name may be a slip.
    async fn require_unused(&self, context: &SelectedContext) -> Result<(), CommandError> {
        let registered = self.service.list(None).await?.items;
        let server = context.server().trim_end_matches('/');
        let user = registered
            .iter()
            .find(|cluster| cluster.api_server.trim_end_matches('/') == server);
        match user {
            None => Ok(()),
            Some(cluster) => Err(CommandError::usage(format!(
                "the cluster of context {} is registered as {}, which may need the service account; nothing was changed",
                context.name, cluster.name
            ))),
        }
    }

    /// Prints what would go, as a result. `missing` has been told already.
    fn show_dry_run(&self, doomed: &[Doomed], missing: &[Row<'_>]) {
        let format = self.arguments.output.output;
        if format != OutputFormat::Text {
            let clusters = doomed.iter().map(|doomed| {
                json!({"name": doomed.name, "answer": doomed.preview, "goes_later": doomed.goes_later})
            });
            let missing = missing.iter().map(|row| json!(row));
            let clusters: Vec<_> = missing.chain(clusters).collect();
            self.terminal
                .print(&output::document(&json!({"clusters": clusters}), format));
            return;
        }
        for doomed in doomed {
            let (shown, summary) = described(doomed);
            self.terminal.print(&shown);
            self.terminal.say(&summary);
        }
    }

    /// Shows what goes, and asks: for the name where a host goes.
    async fn confirm(&self, doomed: &[Doomed]) -> Result<(), CommandError> {
        for doomed in doomed {
            let (shown, summary) = described(doomed);
            let summary = self.terminal.wrapped(&summary);
            question::show(self.terminal, self.arguments.yes, &(shown + &summary));
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

    /// Removes them, those that do not depend on each other at the same time. What fails, or takes too long, does not keep
    /// the others back.
    async fn all<'d>(
        &self,
        doomed: &'d [Doomed],
        clients: &[Option<ClusterClient>],
    ) -> Vec<Row<'d>> {
        let names: Vec<&str> = doomed.iter().map(|doomed| doomed.name.as_str()).collect();
        let arguments = self.arguments.for_the_rest();
        follow::note_removals(&names, &arguments, self.arguments.remove_access);
        let view = RefCell::new(ProgressView::new(*self.terminal, doomed.len()));
        let all: Vec<_> = doomed.iter().zip(clients).collect();
        let mut rows = Vec::new();
        let mut hosts_in_use = BTreeSet::new();
        for group in all.chunk_by(|(one, _), (other, _)| one.order() == other.order()) {
            let removed = stream::iter(group)
                .map(|(doomed, client)| async {
                    match hosts_in_use.contains(doomed.name.as_str()) {
                        true => Err(CommandError::Failed(format!(
                            "{} was left alone: what runs in it is not gone",
                            doomed.name
                        ))),
                        false => self.remove(doomed, client.as_ref(), &view).await,
                    }
                })
                .buffered(AT_A_TIME);
            let removed: Vec<_> = removed.collect().await;
            for ((doomed, _), removed) in group.iter().zip(removed) {
                if let Err(error) = &removed {
                    report::print_entry_failure(error, None, self.terminal);
                    hosts_in_use.extend(doomed.host());
                }
                rows.push(Row::new(&doomed.name, removed, self.waits()));
            }
        }
        rows
    }

    async fn remove(
        &self,
        doomed: &Doomed,
        access: Option<&ClusterClient>,
        view: &RefCell<ProgressView>,
    ) -> Result<DeleteClusterResponse, CommandError> {
        let name = doomed.name.as_str();
        if doomed.preview.is_none() {
            self.remove_access(name, access, view).await?;
            return Ok(DeleteClusterResponse::default());
        }
        let answer = self.service.delete(name, self.options(false)).await?;
        for warning in &answer.warnings {
            self.terminal.warn_of_service(&format!("{name}: {warning}"));
        }
        self.terminal.say(&answer.message);
        match next_step(answer.merge_request.as_ref()) {
            Some(step) => view.borrow().say(&format!("{name}: {step}")),
            None => {
                self.follow(doomed, &answer, view).await?;
                self.remove_access(name, access, view).await?;
            }
        }
        Ok(answer)
    }

    /// Waits until nothing is left, where that is asked for, or something else has to wait for it.
    async fn follow(
        &self,
        doomed: &Doomed,
        answer: &DeleteClusterResponse,
        view: &RefCell<ProgressView>,
    ) -> Result<(), CommandError> {
        // Nothing can be uninstalled from a virtual cluster whose host is gone.
        let host = doomed.host();
        let before_host = host.is_some_and(|host| self.names.iter().any(|name| name == host));
        if !(self.waits() || before_host) {
            return Ok(());
        }
        let left = answer.uninstalling.clone().unwrap_or_default();
        let (name, options) = (doomed.name.as_str(), self.options(false));
        let deadline = Deadline::after(self.arguments.timeout);
        follow::until_uninstalled(self.service, name, options, left, deadline, view).await
    }

    /// Removes the service account by the connection that there is for it.
    async fn remove_access(
        &self,
        name: &str,
        access: Option<&ClusterClient>,
        view: &RefCell<ProgressView>,
    ) -> Result<(), CommandError> {
        let Some(client) = access else {
            return Ok(());
        };
        let removed = access::remove(client).await?;
        view.borrow().say(&match removed {
            0 => format!("{name}: there was no service account of `add`"),
            _ => format!("{name}: {} was removed", access::description()),
        });
        Ok(())
    }
}

/// Connects with a login that can remove the service account. Before anything goes: it would be too late to find out afterwards.
async fn connect_as_administrator(
    context: &SelectedContext,
) -> Result<ClusterClient, CommandError> {
    let client = ClusterClient::connect(context).await?;
    if client.may("*", "*", "*").await? {
        return Ok(client);
    }
    let why = format!(
        "context {} is no administrator of the cluster, so it can't remove the service account; nothing was changed",
        context.name
    );
    let way_out = "name a context that is with --context";
    Err(CommandError::kubernetes(why, way_out))
}
