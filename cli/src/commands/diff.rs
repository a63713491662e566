//! `diff`: what `apply` would change.

mod installed;

use api::{Cluster, InstalledObject, Phase, Problem, SaveClusterResponse};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::sync::OnceCell;

use self::installed::InstallDifference;
use super::proposals::Proposals;
use crate::args::{FileArguments, GlobalArguments, OutputArguments, OutputFormat};
use crate::documents::{self, ClusterDocument};
use crate::failure::CommandError;
use crate::output::{self, changes};
use crate::progress::Spinner;
use crate::report::FailureEntry;
use crate::service::{ChangeOptions, Delivery, ServiceClient, ServiceError};
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
    documents::warn_of_logins(&documents, terminal);
    let service = session::connect(global, terminal)?;
    let comparison = Comparison {
        service: &service,
        documents: &documents,
        arguments: &arguments,
        terminal,
        proposals: OnceCell::new(),
    };
    let mut entries = Vec::new();
    for document in &documents {
        entries.push(comparison.compare(document).await);
    }
    if format != OutputFormat::Text {
        terminal.print(&output::document(&json!({"clusters": entries}), format));
    }
    let codes = entries.iter().map(ComparedCluster::exit_code);
    Ok(codes.max().unwrap_or(exit::DONE))
}

/// Result for one cluster.
#[derive(Serialize, Default)]
struct ComparedCluster {
    name: String,
    /// `apply` would change something; absent where that could not be found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    differs: Option<bool>,
    /// The service's dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<SaveClusterResponse>,
    /// State in the management cluster, which is asked where no file differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    /// Next step of a proposal for the cluster, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<String>,
    /// A host of the same files that is not saved yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(flatten)]
    failure: Option<FailureEntry>,
}

impl ComparedCluster {
    fn exit_code(&self) -> u8 {
        match self.differs {
            None => exit::TROUBLE,
            Some(true) => exit::FAILED,
            Some(false) => exit::DONE,
        }
    }
}

struct Comparison<'a> {
    service: &'a ServiceClient,
    /// All that are compared.
    documents: &'a [ClusterDocument],
    arguments: &'a DiffArguments,
    terminal: &'a Terminal,
    /// Read once, after the service has answered.
    proposals: OnceCell<Proposals>,
}

impl Comparison<'_> {
    async fn compare(&self, document: &ClusterDocument) -> ComparedCluster {
        let name = document.name.clone();
        let spinner = Spinner::start(self.terminal, format!("comparing {name}"));
        let compared = self.ask(document).await;
        drop(spinner);
        match compared {
            Ok(asked) => self.differences(document, asked),
            Err(error) if waits_for_host(&error, document, self.documents) => {
                self.terminal.say(&format!(
                    "{name}: new, in a host that is new as well: it can be compared when the host is saved"
                ));
                ComparedCluster {
                    name,
                    differs: Some(true),
                    waits_for: document.host().map(str::to_owned),
                    ..ComparedCluster::default()
                }
            }
            Err(error) => {
                let failure = FailureEntry::of_service(&error);
                let error = error.with_hints(OutputFormat::Text, documents::argument_of);
                report::print_entry_service_error(error, Some(document), self.terminal);
                ComparedCluster {
                    name,
                    failure: Some(failure),
                    ..ComparedCluster::default()
                }
            }
        }
    }

    /// Asks what a save would change, where no file differs for the state of the management cluster, and for proposals.
    async fn ask(&self, document: &ClusterDocument) -> Result<Asked, ServiceError> {
        let options = ChangeOptions {
            dry_run: true,
            delivery: self.arguments.delivery,
            adopt: self.arguments.adopt,
            ..ChangeOptions::default()
        };
        let name = document.name.as_str();
        let answer = self.service.save(name, &document.body, options).await?;
        let files = answer.changes.as_deref().unwrap_or_default();
        let cluster = match files.is_empty() {
            true => Some(self.service.get(name).await?),
            false => None,
        };
        let proposals = self.proposals.get_or_init(|| Proposals::read(self.service));
        let next_step = proposals.await.next_step(name, cluster.as_ref());
        Ok(Asked {
            answer,
            cluster,
            next_step,
        })
    }

    /// Shows the differences of one cluster: the lines as the result, the count as a message.
    fn differences(&self, document: &ClusterDocument, asked: Asked) -> ComparedCluster {
        let name = document.name.clone();
        let installed = asked.cluster.as_ref().and_then(InstallDifference::of);
        // A save without a kubeconfig keeps the credentials that are there.
        let installed = installed.filter(|difference| {
            *difference != InstallDifference::OtherCredentials || document.has_kubeconfig()
        });
        for warning in &asked.answer.warnings {
            self.terminal.warn_of_service(&format!("{name}: {warning}"));
        }
        if self.arguments.output.output == OutputFormat::Text {
            self.show(&name, &asked, installed);
        }
        let status = asked.cluster.and_then(|cluster| cluster.status);
        let changes = asked.answer.changes.as_ref();
        let has_changes = changes.is_some_and(|changes| !changes.is_empty());
        ComparedCluster {
            name,
            differs: Some(has_changes || installed.is_some()),
            answer: Some(asked.answer),
            phase: status.map(|status| status.phase),
            next_step: asked.next_step,
            ..ComparedCluster::default()
        }
    }

    fn show(&self, name: &str, asked: &Asked, installed: Option<InstallDifference>) {
        let (answer, terminal) = (&asked.answer, self.terminal);
        let files = answer.changes.as_deref().unwrap_or_default();
        let said = match (files, &asked.cluster, installed) {
            ([], Some(_), Some(difference)) => {
                let objects: Vec<InstalledObject> = difference.objects(&answer.installs);
                terminal.print(&changes::listed(&[], &objects));
                difference.words().to_owned()
            }
            ([], Some(cluster), None) => installed::without_differences(cluster),
            (files, ..) => {
                let shown = match self.arguments.summary {
                    true => changes::listed(files, &[]),
                    false => changes::coloured(answer.diff.as_deref().unwrap_or_default()),
                };
                terminal.print(&(shown + &changes::listed(&[], &answer.installs)));
                changes::difference(files, &answer.installs)
            }
        };
        terminal.say(&format!("{name}: {said}"));
        if let Some(step) = &asked.next_step {
            terminal.say(&format!("{name}: {step}"));
        }
    }
}

/// Answers of the service about one cluster.
struct Asked {
    answer: SaveClusterResponse,
    /// `None` where files differ.
    cluster: Option<Cluster>,
    next_step: Option<String>,
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
