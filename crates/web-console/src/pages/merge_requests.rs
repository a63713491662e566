//! Proposals: what waits to be merged, and what was merged and waits to be installed.

use api::{Cluster, ClusterMergeRequest, ProposalStep, ProposedChange};
use domain::names;
use maud::{Markup, html};

use super::{Place, layout};
use crate::settings::ConsoleSettings;

/// The page.
pub(crate) fn page(
    settings: &ConsoleSettings,
    proposals: &[ClusterMergeRequest],
    clusters: &[Cluster],
) -> Markup {
    let steps = proposals
        .iter()
        .filter_map(|proposal| Some((proposal, proposal.next_step(clusters)?)));
    let (open, merged): (Vec<_>, Vec<_>) =
        steps.partition(|(_, step)| *step == ProposalStep::Merge);
    layout(
        "Merge requests",
        Place::MergeRequests,
        &html! {
            div.head { h1 { "Merge requests" } a.button href=(settings.project_page("-/merge_requests")) { "All in GitLab" } }
            section {
                h2 { "Waiting to be merged" }
                @if open.is_empty() { p.empty { "Nothing is proposed. Registering, changing and removing can each open a merge request instead of a commit." } }
                @else { ul.proposals { @for (proposal, _) in open { (card(proposal, &html! { a.button href=(proposal.merge_request.web_url) { "Review in GitLab" } })) } } }
            }
            section {
                h2 { "Merged, not installed yet" }
                @if merged.is_empty() { p.empty { "Everything that was merged is installed." } }
                @else { ul.proposals { @for (proposal, step) in merged { (card(proposal, &action(proposal, step))) } } }
            }
        },
    )
}

fn card(proposal: &ClusterMergeRequest, action: &Markup) -> Markup {
    let merge_request = &proposal.merge_request;
    html! {
        li.card {
            div {
                strong { (verb(&proposal.change)) " " (proposal.cluster_name) }
                span.sub { a href=(merge_request.web_url) { "!" (merge_request.iid) } " · " (merge_request.source_branch) " → " (merge_request.target_branch) }
            }
            span class={ "badge " (if merge_request.state == "opened" { "busy" } else { "good" }) } { (merge_request.state) }
            div.proposal-action { (action) }
        }
    }
}

const fn verb(change: &ProposedChange) -> &'static str {
    match change {
        ProposedChange::Register => "Register",
        ProposedChange::Remove => "Remove",
        ProposedChange::Other(_) => "Change",
    }
}

fn action(proposal: &ClusterMergeRequest, step: ProposalStep) -> Markup {
    let (name, source) = (
        &proposal.cluster_name,
        &proposal.merge_request.source_branch,
    );
    match step {
        ProposalStep::Uninstall => html! {
            form method="post" action={ "/clusters/" (name) "/remove" } {
                input type="hidden" name="confirm" value=(name);
                input type="hidden" name="delivery" value="merge-request";
                @if source.starts_with(names::FORCE_REMOVE_BRANCH) { input type="hidden" name="force" value="true"; }
                button.primary type="submit" name="action" value="follow" { "Uninstall what was merged" }
            }
        },
        _ => html! {
            details {
                summary.button.primary { "Install what was merged" }
                form.stack method="post" action={ "/clusters/" (name) "/install" } {
                    @if source.starts_with(names::ADOPT_BRANCH) { input type="hidden" name="adopt" value="true"; }
                    div.field {
                        label for={ "kubeconfig-" (name) } { "Kubeconfig" }
                        textarea id={ "kubeconfig-" (name) } name="kubeconfig" rows="4" autocomplete="off" spellcheck="false" {}
                        p.hint { "Needed after a first registration of a physical cluster: credentials are never in a merge request. Otherwise leave it empty." }
                    }
                    button.primary type="submit" { "Install" }
                }
            }
        },
    }
}
