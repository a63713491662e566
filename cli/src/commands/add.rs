//! `add`: from a kubeconfig context to a registered cluster.

mod arguments;
mod name;

use std::cell::RefCell;

use api::{SaveClusterRequest, SaveClusterResponse};
use clap::ValueEnum as _;

pub(crate) use self::arguments::AddArguments;
use self::arguments::{ClusterUsage, WorkerRuntime};
use super::follow::{self, Deadline};
use super::next_step;
use crate::args::{GlobalArguments, OutputFormat};
use crate::cluster::ClusterClient;
use crate::failure::CommandError;
use crate::kubeconfig::{self, LoginMethod, SelectedContext};
use crate::output::{self, changes};
use crate::progress::{ProgressView, Spinner};
use crate::service::{ChangeOptions, SaveBody, ServiceClient};
use crate::terminal::Terminal;
use crate::{access, exit, interrupt, question, session};

/// Registers the cluster of a context, after one question.
///
/// # Errors
/// The context can't be used, somebody says no, or one of the services refuses.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: AddArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let merged = kubeconfig::read(arguments.kubeconfig.as_deref())?;
    let Some(context) = arguments.context.as_deref() else {
        return Err(CommandError::usage(format!(
            "name the context whose cluster is to be registered:\n{}",
            kubeconfig::listed(&merged)
        )));
    };
    let context = kubeconfig::select(&merged, Some(context))?;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => name::of_context(&context.name)?,
    };
    let service = session::connect(global, terminal)?;
    let addition = Addition {
        service: &service,
        arguments: &arguments,
        context: &context,
        name: &name,
        terminal,
    };
    let reason = addition.reason_for_account()?;
    if let Some(reason) = &reason {
        terminal.say(reason);
    }
    // What would change is shown before anything is: also before the account is made.
    let preview = addition.preview(reason.is_some()).await?;
    if arguments.dry_run.is_dry() {
        addition.show_dry_run(&preview, reason.is_some());
        return Ok(exit::DONE);
    }
    let cluster = match &reason {
        Some(_) => Some(addition.reach().await?),
        None => None,
    };
    addition.confirm(&preview, reason.is_some()).await?;
    let answer = match cluster {
        Some(cluster) => addition.save_with_account(&cluster).await?,
        None => addition.save(&context.to_text()?, "").await?,
    };
    addition.finish(answer).await
}

/// The one cluster that is added.
struct Addition<'a> {
    service: &'a ServiceClient,
    arguments: &'a AddArguments,
    context: &'a SelectedContext,
    name: &'a str,
    terminal: &'a Terminal,
}

impl Addition<'_> {
    /// Why a service account is needed; `None` where the context's own login can be passed on.
    fn reason_for_account(&self) -> Result<Option<String>, CommandError> {
        let name = &self.context.name;
        match kubeconfig::method_of(self.context) {
            LoginMethod::Program(what) => Ok(Some(format!(
                "context {name} logs in with {what}, which the management cluster does not have"
            ))),
            LoginMethod::Session(session) => {
                Ok(Some(format!("context {name} logs in with {session}")))
            }
            LoginMethod::Nothing => Err(CommandError::usage(format!(
                "context {name} has no login: its user has neither certificate nor token nor program"
            ))),
            LoginMethod::Lasting if self.arguments.service_account => {
                Ok(Some("a service account was asked for".to_owned()))
            }
            LoginMethod::Lasting => Ok(None),
        }
    }

    /// Connects to the cluster before anybody is asked: a question whose yes leads nowhere is none.
    async fn reach(&self) -> Result<ClusterClient, CommandError> {
        let cluster = ClusterClient::connect(self.context).await?;
        let spinner = Spinner::start(
            self.terminal,
            format!("reaching the cluster of {}", self.context.name),
        );
        let may = cluster.may("*", "*", "*").await?;
        drop(spinner);
        match may {
            true => Ok(cluster),
            false => {
                let name = &self.context.name;
                let why = format!(
                    "context {name} is no administrator of the cluster, so it can't make one either"
                );
                Err(CommandError::kubernetes(why, "use a context that is"))
            }
        }
    }

    fn request(&self, kubeconfig: String) -> SaveBody {
        let api_server = self.arguments.api_server.clone();
        let usage = self.arguments.usage;
        let runtime = match self.arguments.worker_type {
            Some(runtime) => Some(runtime),
            None if usage == ClusterUsage::Worker => Some(WorkerRuntime::Deployment),
            None => None,
        };
        let word = |value: Option<clap::builder::PossibleValue>| {
            value.map(|value| value.get_name().to_owned())
        };
        let request = SaveClusterRequest {
            name: Some(self.name.to_owned()),
            api_server: Some(api_server.unwrap_or_else(|| self.context.server().to_owned())),
            cluster_kind: Some("kubernetes".to_owned()),
            cluster_type: Some("physical".to_owned()),
            usage: word(usage.to_possible_value()),
            worker_type: runtime.and_then(|runtime| word(runtime.to_possible_value())),
            primary_domain: self.arguments.primary_domain.clone(),
            kubeconfig: Some(kubeconfig),
            ..SaveClusterRequest::default()
        };
        SaveBody {
            content_type: "application/json",
            text: serde_json::to_string(&request).unwrap_or_default(),
        }
    }

    fn options(&self, dry_run: bool) -> ChangeOptions {
        ChangeOptions {
            dry_run,
            delivery: self.arguments.delivery,
            adopt: self.arguments.adopt,
            ..ChangeOptions::default()
        }
    }

    async fn preview(&self, with_account: bool) -> Result<SaveClusterResponse, CommandError> {
        let kubeconfig = match with_account {
            true => access::kubeconfig_of_dry_run(self.context)?,
            false => self.context.to_text()?,
        };
        let spinner = Spinner::start(
            self.terminal,
            format!("asking what {} would change", self.name),
        );
        let preview = self
            .service
            .save(self.name, &self.request(kubeconfig), self.options(true))
            .await;
        drop(spinner);
        let format = self.arguments.output.output;
        let preview = preview.map_err(|error| error.with_hints(format, argument_of))?;
        for warning in &preview.warnings {
            self.terminal.warn_of_service(warning);
        }
        Ok(preview)
    }

    /// Prints the difference as a result.
    fn show_dry_run(&self, preview: &SaveClusterResponse, with_account: bool) {
        match self.arguments.output.output {
            OutputFormat::Text => {
                let (shown, lines) = self.described(preview, with_account);
                self.terminal.print(&shown);
                self.terminal.say(&lines);
            }
            format => self.terminal.print(&output::document(preview, format)),
        }
    }

    /// Shows the difference and asks the one question.
    async fn confirm(
        &self,
        preview: &SaveClusterResponse,
        with_account: bool,
    ) -> Result<(), CommandError> {
        let (shown, lines) = self.described(preview, with_account);
        let is_answered = self.arguments.yes;
        if !shown.trim().is_empty() {
            question::show(self.terminal, is_answered, &shown);
        }
        question::show(self.terminal, is_answered, &self.terminal.wrapped(&lines));
        match is_answered {
            true => Ok(()),
            false => question::confirm(self.terminal, format!("Register {}?", self.name)).await,
        }
    }

    /// The difference, and what will be registered.
    fn described(&self, preview: &SaveClusterResponse, with_account: bool) -> (String, String) {
        let files = preview.changes.as_deref().unwrap_or_default();
        let diff = preview.diff.as_deref().unwrap_or_default();
        let shown = changes::readable(diff, files, &preview.installs, self.arguments.full_diff);
        let difference = changes::difference(files, &preview.installs);
        let server = self.arguments.api_server.as_deref();
        let server = server.unwrap_or(self.context.server());
        let account = match with_account {
            true => format!(", and {} made on it", access::description()),
            false => String::new(),
        };
        let lines = format!(
            "{name}: {difference}\n{server} will be registered as {name}{account}",
            name = self.name
        );
        (shown, lines)
    }

    /// Makes the account, and takes it back where the service then refuses. Where nobody knows what the service has done, it stays,
    /// and is told: the management cluster may log in with it.
    async fn save_with_account(
        &self,
        cluster: &ClusterClient,
    ) -> Result<SaveClusterResponse, CommandError> {
        let (account, removal) = (access::description(), self.arguments.removal_of(self.name));
        interrupt::note(format!(
            "{account} may have been made; {removal} removes it"
        ));
        let token = access::create(cluster, self.terminal).await?;
        if let Some(end) = &token.expires_at {
            self.terminal.warn(&format!(
                "the cluster gives tokens with an end only: this one ends at {end}; run the same command again before"
            ));
        }
        let left = format!("; without the cluster, {removal} removes {account}");
        let kubeconfig = access::kubeconfig(self.context, &token)?;
        let saved = self.save(&kubeconfig, &left).await;
        match &saved {
            Err(error) if token.is_new && is_refused(error) => {
                let removed = access::remove(cluster).await;
                self.terminal.say(access::taken_back(removed.is_ok()));
            }
            Err(_) if token.is_new => self.terminal.warn(&format!(
                "{account} stays, since the cluster may be registered: run the same command again, or {removal} removes both"
            )),
            _ => {}
        }
        saved
    }

    /// Sends the request. `left` is what else stays behind when somebody leaves meanwhile.
    async fn save(
        &self,
        kubeconfig: &str,
        left: &str,
    ) -> Result<SaveClusterResponse, CommandError> {
        interrupt::note(format!(
            "the service carries the request out nevertheless; `nautes-clusters status {}` shows it{left}",
            self.name
        ));
        let spinner = Spinner::start(self.terminal, format!("saving {}", self.name));
        let saved = self
            .service
            .save(
                self.name,
                &self.request(kubeconfig.to_owned()),
                self.options(false),
            )
            .await;
        drop(spinner);
        Ok(saved?)
    }

    async fn finish(&self, answer: SaveClusterResponse) -> Result<u8, CommandError> {
        let format = self.arguments.output.output;
        self.terminal.say(&answer.message);
        if let Some(step) = next_step(answer.merge_request.as_ref()) {
            self.terminal.say(&step);
        } else if !self.arguments.no_wait {
            let view = RefCell::new(ProgressView::new(*self.terminal, 1));
            let deadline = Deadline::after(self.arguments.timeout);
            follow::note_installs(&[self.name]);
            let outcome = follow::until_ready(self.service, self.name, deadline, &view).await?;
            outcome.into_ready(self.name)?;
        }
        match format {
            OutputFormat::Text => {
                let commit = answer
                    .commit
                    .as_ref()
                    .map_or("nothing had to change", |commit| commit.web_url.as_str());
                self.terminal.print(&format!("{}  {commit}", self.name));
            }
            format => self.terminal.print(&output::document(&answer, format)),
        }
        Ok(exit::DONE)
    }
}

/// The argument that sets a field of the request.
fn argument_of(field: &str) -> Option<&'static str> {
    match field {
        "/api_server" => Some("--api-server URL"),
        "/cluster_name" => Some("--name NAME"),
        "/kubeconfig" => Some("another context, --kubeconfig FILE or --service-account"),
        "/primary_domain" => Some("--primary-domain DOMAIN"),
        "/usage" => Some("--usage USAGE"),
        "/worker_type" => Some("--worker-type RUNTIME"),
        _ => None,
    }
}

/// Tells whether nothing was written: then nobody needs the account.
fn is_refused(error: &CommandError) -> bool {
    match error {
        CommandError::Service(error) => error.is_refusal(),
        _ => false,
    }
}
