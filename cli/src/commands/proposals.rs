//! `proposals`: merge requests for clusters, and what is to be done about each.

mod pending;

use api::{ClusterMergeRequest, ProposalStep};
use clap::Args;
use futures::stream::{self, StreamExt as _};
use serde_json::json;

use crate::args::{GlobalArguments, OutputArguments, OutputFormat};
use crate::failure::CommandError;
use crate::output::{self, table};
use crate::progress::Spinner;
use crate::terminal::Terminal;
use crate::{exit, session};

pub(crate) use pending::Proposals;

/// Clusters that are asked for at the same time.
const AT_A_TIME: usize = 8;

/// Arguments of `proposals`.
#[derive(Args)]
pub(crate) struct ProposalsArguments {
    /// Also those that nothing is to be done about any more
    #[arg(short, long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Prints the merge requests.
///
/// # Errors
/// The service refuses.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: ProposalsArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let service = session::connect(global, terminal)?;
    let spinner = Spinner::start(terminal, "reading");
    let proposals = service.merge_requests().await?.items;
    let clusters = service.list(None).await?.items;
    let steps = proposals.into_iter().map(async |proposal| {
        let step = match proposal.next_step(&clusters) {
            Some(ProposalStep::Uninstall) => {
                let looked = service.get(&proposal.cluster_name).await;
                let is_gone = looked.is_err_and(|error| error.is_not_found());
                (!is_gone).then_some(ProposalStep::Uninstall)
            }
            step => step,
        };
        (proposal, step)
    });
    let mut steps: Vec<_> = stream::iter(steps).buffered(AT_A_TIME).collect().await;
    steps.retain(|(_, step)| arguments.all || step.is_some());
    drop(spinner);
    match arguments.output.output {
        OutputFormat::Text if steps.is_empty() => terminal.say("nothing is proposed"),
        OutputFormat::Text => {
            let width = terminal.shows_results.then_some(terminal.width);
            terminal.print(&draw(&steps, width));
        }
        format => {
            let items: Vec<_> = steps.iter().map(|(proposal, _)| proposal).collect();
            terminal.print(&output::document(&json!({"items": items}), format));
        }
    }
    Ok(exit::DONE)
}

fn words(step: ProposalStep) -> &'static str {
    match step {
        ProposalStep::Merge => "merge it",
        ProposalStep::Install => "apply its file again",
        ProposalStep::Uninstall => "delete it again",
    }
}

fn draw(steps: &[(ClusterMergeRequest, Option<ProposalStep>)], width: Option<usize>) -> String {
    let rows = steps.iter().map(|(proposal, step)| {
        let request = &proposal.merge_request;
        vec![
            proposal.cluster_name.clone(),
            proposal.change.as_str().to_owned(),
            request.state.clone(),
            step.map_or("-", words).to_owned(),
            format!("!{} {}", request.iid, request.web_url),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["CLUSTER", "CHANGE", "STATE", "NEXT", "MERGE REQUEST"];
    table::with_addresses(&header, &rows, width)
}

#[cfg(test)]
mod tests {
    use api::{Cluster, MergeRequest, Phase, ProposedChange, Status};

    use super::*;

    fn proposal(name: &str, change: ProposedChange, state: &str) -> ClusterMergeRequest {
        ClusterMergeRequest {
            cluster_name: name.to_owned(),
            change,
            merge_request: MergeRequest {
                iid: 7,
                web_url: "https://gitlab.example.com/-/merge_requests/7".to_owned(),
                state: state.to_owned(),
                ..MergeRequest::default()
            },
        }
    }

    pub(super) fn cluster(name: &str, phase: Phase) -> Cluster {
        Cluster {
            name: name.to_owned(),
            status: Some(Status {
                phase,
                components: Vec::new(),
                credentials: None,
                message: None,
            }),
            ..Cluster::default()
        }
    }

    #[test]
    fn every_proposal_says_what_comes_next() {
        let clusters = [
            cluster("merged-alone", Phase::Registered),
            cluster("installed", Phase::Ready),
        ];
        let (register, remove) = (ProposedChange::Register, ProposedChange::Remove);
        let steps: Vec<_> = [
            proposal("open", register.clone(), "opened"),
            proposal("merged-alone", register.clone(), "merged"),
            proposal("installed", register.clone(), "merged"),
            proposal("removed", remove.clone(), "merged"),
            proposal("installed", remove, "closed"),
        ]
        .map(|proposal| {
            let step = proposal.next_step(&clusters);
            (proposal, step)
        })
        .into();
        insta::assert_snapshot!(draw(&steps, None), @r"
        CLUSTER       CHANGE    STATE   NEXT                  MERGE REQUEST
        open          register  opened  merge it              !7 https://gitlab.example.com/-/merge_requests/7
        merged-alone  register  merged  apply its file again  !7 https://gitlab.example.com/-/merge_requests/7
        installed     register  merged  -                     !7 https://gitlab.example.com/-/merge_requests/7
        removed       remove    merged  delete it again       !7 https://gitlab.example.com/-/merge_requests/7
        installed     remove    closed  -                     !7 https://gitlab.example.com/-/merge_requests/7
        ");
        insta::assert_snapshot!(draw(&steps, Some(60)), @r"
        CLUSTER       CHANGE    STATE   NEXT
        open          register  opened  merge it
          !7 https://gitlab.example.com/-/merge_requests/7
        merged-alone  register  merged  apply its file again
          !7 https://gitlab.example.com/-/merge_requests/7
        installed     register  merged  -
          !7 https://gitlab.example.com/-/merge_requests/7
        removed       remove    merged  delete it again
          !7 https://gitlab.example.com/-/merge_requests/7
        installed     remove    closed  -
          !7 https://gitlab.example.com/-/merge_requests/7
        ");
    }
}
