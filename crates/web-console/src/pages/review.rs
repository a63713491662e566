//! Pages that show what a change would write, before it is written; and what it wrote.

use api::{FileAction, InstallAction, InstalledObject, Problem, SaveClusterResponse};
use domain::kubeconfig::Summary;
use maud::{Markup, html};

use super::diff::diff;
use super::form::shown;
use super::parts::{problem_note, short, warnings};
use super::{Place, layout};

/// Everything that a review shows.
pub(crate) struct ReviewView<'a> {
    /// Name of the registered cluster that is being changed.
    pub(crate) registered: Option<&'a str>,
    pub(crate) name: &'a str,
    /// The form, sealed.
    pub(crate) kept: String,
    /// Summary of the kubeconfig that is sent.
    pub(crate) kubeconfig: Option<Summary>,
    pub(crate) planned: &'a SaveClusterResponse,
    /// A person who may not commit is shown what they would propose.
    pub(crate) may_commit: bool,
    pub(crate) now: u64,
}

/// The review of a save.
pub(crate) fn page(view: &ReviewView<'_>) -> Markup {
    let ReviewView {
        name,
        planned,
        may_commit,
        ..
    } = *view;
    let action = action_of(view.registered);
    let changes = planned.changes.as_deref().unwrap_or_default();
    let is_same = changes.is_empty();
    layout(
        &format!("Review {name}"),
        Place::Nowhere,
        &html! {
            h1 { "Review " (name) }
            ol.steps aria-label="Steps" { li { "Describe" } li aria-current="step" { "Review" } li { "Install" } }
            (warnings(&planned.warnings))
            @if is_same { p.note { "The repository has exactly this already: nothing would be committed. Sending it installs again what is missing in the management cluster." } }
            section.stack {
                form.actions.sticky method="post" action=(action) {
                    input type="hidden" name="draft" value=(view.kept);
                    @if may_commit { button.primary type="submit" name="action" value="commit" { @if is_same { "Install" } @else { "Commit" } } }
                    @if !is_same || !may_commit { button type="submit" name="action" value="propose" { @if is_same { "Install" } @else { "Open merge request" } } }
                    button.quiet type="submit" name="action" value="edit" { "Back to the form" }
                }
                @if let Some(summary) = &view.kubeconfig {
                    div.card { strong { "Kubeconfig" } (shown(summary, view.now)) }
                }
                @if !is_same {
                    h2 { (changes.len()) @if changes.len() == 1 { " file" } @else { " files" } }
                    (files(changes))
                    (diff(planned.diff.as_deref().unwrap_or_default()))
                }
                (objects("In the management cluster", &planned.installs))
            }
        },
    )
}

/// How many files come, change and go.
pub(super) fn files(changes: &[api::FileChange]) -> Markup {
    let count = |action: &FileAction| {
        changes
            .iter()
            .filter(|change| change.action == *action)
            .count()
    };
    html! {
        p.tally {
            span.badge.good { (count(&FileAction::Create)) " new" }
            span.badge.busy { (count(&FileAction::Update)) " changed" }
            span.badge.bad { (count(&FileAction::Delete)) " removed" }
        }
    }
}

/// Objects of the management cluster.
pub(super) fn objects(title: &str, installs: &[InstalledObject]) -> Markup {
    html! {
        @if !installs.is_empty() {
            section {
                h2 { (title) }
                ul.objects {
                    @for object in installs {
                        li {
                            span class={ "badge " (if object.action == InstallAction::Deleted { "bad" } else { "idle" }) } { (object.action) }
                            strong { (object.kind) } code { @if !object.namespace.is_empty() { (object.namespace) "/" } (object.name) }
                        }
                    }
                }
            }
        }
    }
}

/// A save was carried out.
pub(crate) fn saved(name: &str, saved: &SaveClusterResponse) -> Markup {
    let is_open = saved
        .merge_request
        .as_ref()
        .is_some_and(|it| it.state == "opened");
    layout(
        &format!("Saved {name}"),
        Place::Nowhere,
        &html! {
            h1 { @if is_open { "Proposed " (name) } @else { "Saved " (name) } }
            section.note.good role="status" {
                p { (super::parts::sentence(&saved.message)) }
                @match &saved.commit {
                    Some(commit) => p { "Commit " a href=(commit.web_url) { code { (short(&commit.id)) } } ", " (commit.files_changed) " files." },
                    None => p { "Nothing had to change in the repository." },
                }
                @if let Some(merge_request) = &saved.merge_request {
                    p { a href=(merge_request.web_url) { "Merge request !" (merge_request.iid) } " is " (merge_request.state) "." @if is_open { " Once it is merged, install it from “Merge requests”." } }
                }
            }
            (warnings(&saved.warnings))
            p.actions {
                @if is_open { a.button.primary href="/merge-requests" { "Merge requests" } }
                @else { a.button.primary href={ "/clusters/" (name) } { "Watch the installation" } }
                a.button href="/" { "All clusters" }
            }
            (objects("In the management cluster", &saved.installs))
        },
    )
}

/// The question whether to install what was merged: after a login that came in between, or a failure. What was typed is kept.
pub(crate) fn install(name: &str, kept: &str, problem: Option<&Problem>) -> Markup {
    layout(
        &format!("Install {name}"),
        Place::MergeRequests,
        &html! {
            h1 { "Install " (name) }
            @match problem {
                Some(problem) => (problem_note(problem)),
                None => p.lead { "Nothing was installed yet, and what you typed is kept." },
            }
            form.actions method="post" action={ "/clusters/" (name) "/install" } {
                input type="hidden" name="draft" value=(kept);
                button.primary type="submit" { "Install" }
                a.button.quiet href="/merge-requests" { "Merge requests" }
            }
        },
    )
}

/// A save failed after the review: what was typed is kept.
pub(crate) fn failed(registered: Option<&str>, kept: &str, problem: &Problem) -> Markup {
    layout(
        "Not saved",
        Place::Nowhere,
        &html! {
            h1 { "This was not saved completely" }
            (problem_note(problem))
            form.actions method="post" action=(action_of(registered)) {
                input type="hidden" name="draft" value=(kept);
                button.primary type="submit" name="action" value="review" { "Review and send again" }
                button type="submit" name="action" value="edit" { "Back to the form" }
            }
        },
    )
}

fn action_of(registered: Option<&str>) -> String {
    registered.map_or_else(
        || "/register".to_owned(),
        |name| format!("/clusters/{name}/change"),
    )
}
