//! Removing a cluster: what goes, what stands against it, and what is still there.

use api::{DeleteClusterResponse, Problem, Reason};
use maud::{Markup, html};

use super::diff::diff;
use super::parts::{problem_note, sentence, short, warnings};
use super::review::{files, objects};
use super::{Place, layout};
use crate::backend::BY_MERGE_REQUEST;
use crate::draft::Draft;

/// Page of the effects that a removal would have, and of the question whether to go on.
pub(crate) fn page(
    name: &str,
    planned: &DeleteClusterResponse,
    may_commit: bool,
    draft: &Draft,
    mistake: Option<&str>,
) -> Markup {
    let by_force = draft.get("force") == "true";
    let changes = planned.changes.as_deref().unwrap_or_default();
    layout(
        &format!("Remove {name}"),
        Place::Clusters,
        &html! {
            (crumbs(name))
            h1 { "Remove " (name) }
            @if by_force {
                p.lead { "By force: it is forgotten, and nothing is uninstalled in it. Whatever runs there stays. " a href={ "/clusters/" (name) "/remove" } { "Uninstall its components instead" } }
            } @else {
                p.lead { "Its components are uninstalled, then its credentials are forgotten. The cluster itself stays, and so does what products have in it." }
            }
            (warnings(&planned.warnings))
            form.card.stack.removal method="post" action={ "/clusters/" (name) "/remove" } {
                div.field.wrong[mistake.is_some()] {
                    label for="confirm" { "Type " code { (name) } " to confirm" }
                    input #confirm name="confirm" type="text" value=(draft.get("confirm")) autocomplete="off" autocapitalize="off" spellcheck="false" required aria-describedby="error-confirm";
                    p.error #error-confirm { (mistake.unwrap_or_default()) }
                }
                // A choice of its own page, so that its plan is seen before its button is there.
                @if by_force { input type="hidden" name="force" value="true"; }
                @else { p.hint { "The cluster no longer answers? " a href={ "/clusters/" (name) "/remove?force=true" } { "Remove it by force" } } }
                div.actions {
                    @if may_commit { button.danger type="submit" name="action" value="commit" { "Remove " (name) } }
                    button type="submit" name="action" value="propose" { "Open merge request" }
                    a.button.quiet href={ "/clusters/" (name) } { "Keep it" }
                }
            }
            @if !changes.is_empty() {
                h2 { (changes.len()) @if changes.len() == 1 { " file" } @else { " files" } }
                (files(changes))
                (diff(planned.diff.as_deref().unwrap_or_default()))
            }
            (objects("In the management cluster", &planned.installs))
        },
    )
}

fn crumbs(name: &str) -> Markup {
    html! {
        nav.crumbs aria-label="Breadcrumb" {
            a href="/" { "Clusters" } span aria-hidden="true" { "/" } a href={ "/clusters/" (name) } { (name) }
            span aria-hidden="true" { "/" } span { "Remove" }
        }
    }
}

/// A removal that was not carried out, as where others depend on the cluster.
pub(crate) fn refused(name: &str, problem: &Problem) -> Markup {
    let is_used = problem.reason == Reason::ClusterInUse;
    layout(
        &format!("Remove {name}"),
        Place::Clusters,
        &html! {
            (crumbs(name))
            h1 { @if is_used { (name) " is in use" } @else { "This did not work" } }
            (problem_note(problem))
            @if let Some(dependants) = &problem.dependants {
                h2 { "First remove or move" }
                ul.dependants { @for dependant in dependants {
                    @let cluster = dependant.rsplit(' ').next().unwrap_or_default();
                    li { @if dependant.starts_with("virtual cluster") || !dependant.contains(' ') { a href={ "/clusters/" (cluster) } { (dependant) } } @else { (dependant) } }
                } }
            }
            p.actions {
                @if !is_used { a.button.primary href={ "/clusters/" (name) "/remove" } { "Back to the removal" } }
                a.button href={ "/clusters/" (name) } { "Back to " (name) }
            }
        },
    )
}

/// How far a removal is. Sending the form again looks anew; the script does so by itself.
pub(crate) fn progress(name: &str, removed: &DeleteClusterResponse, query: &str) -> Markup {
    let is_proposed = removed
        .merge_request
        .as_ref()
        .is_some_and(|it| it.state == "opened");
    let left = removed.uninstalling.as_deref().unwrap_or_default();
    let is_gone = left.is_empty() && !is_proposed;
    layout(
        &format!("Remove {name}"),
        Place::Clusters,
        &html! {
            h1 { @if is_proposed { "Removal of " (name) " proposed" } @else if is_gone { (name) " is removed" } @else { "Removing " (name) } }
            div #removal data-follow[!is_gone && !is_proposed] {
                section.note.good role="status" {
                    p { (sentence(&removed.message)) }
                    @if let Some(commit) = &removed.commit { p { "Commit " a href=(commit.web_url) { code { (short(&commit.id)) } } ", " (commit.files_changed) " files." } }
                    @if let Some(merge_request) = &removed.merge_request { p { a href=(merge_request.web_url) { "Merge request !" (merge_request.iid) } " is " (merge_request.state) "." } }
                }
                (warnings(&removed.warnings))
                @if !left.is_empty() {
                    h2 { (left.len()) " still being uninstalled" }
                    ul.objects { @for object in left { li { span.badge.busy { span.dot aria-hidden="true" {} "going" } code { (object) } } } }
                    p.hint { "A removal that goes on for minutes usually waits for a finalizer in the cluster: look at the Application in Argo CD." }
                    form method="post" action={ "/clusters/" (name) "/remove" } {
                        input type="hidden" name="confirm" value=(name);
                        @if query.contains(BY_MERGE_REQUEST) { input type="hidden" name="delivery" value="merge-request"; }
                        @if query.contains("force=true") { input type="hidden" name="force" value="true"; }
                        button type="submit" name="action" value="follow" { "Look again" }
                    }
                }
            }
            p.actions { a.button.primary href="/" { "All clusters" } }
        },
    )
}

/// Nothing is left.
pub(crate) fn gone(name: &str) -> Markup {
    layout(
        &format!("Removed {name}"),
        Place::Clusters,
        &html! {
            h1 { (name) " is removed" }
            div #removal { section.note.good role="status" { p { "Nothing of it is left in the repository or the management cluster." } } }
            p.actions { a.button.primary href="/" { "All clusters" } }
        },
    )
}
