//! Pages that show what a change would write, before it is written; and what it wrote.

use api::{FileAction, InstallAction, InstalledObject, Problem, SaveClusterResponse};
use maud::{Markup, html};

use super::diff::diff;
use super::parts::{problem_note, short, warnings};
use super::{Place, layout};

/// The review of a save.
pub(crate) fn page(
    registered: Option<&str>,
    name: &str,
    kept: &str,
    planned: &SaveClusterResponse,
    may_commit: bool,
) -> Markup {
    let action = action_of(registered);
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
                    input type="hidden" name="draft" value=(kept);
                    @if may_commit { button.primary type="submit" name="action" value="commit" { @if is_same { "Install" } @else { "Commit" } } }
                    @if !is_same || !may_commit { button type="submit" name="action" value="propose" { @if is_same { "Install" } @else { "Open merge request" } } }
                    button.quiet type="submit" name="action" value="edit" { "Back to the form" }
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
