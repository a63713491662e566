//! Small things that several pages have.

use api::{Phase, Problem, Status};
use maud::{Markup, html};

use crate::time::{self, DAY};

/// A phase as a badge: colour and word say the same.
pub(crate) fn phase_badge(phase: Option<&Phase>) -> Markup {
    let word = phase.map_or("Unknown", Phase::as_str);
    html! { span class={ "badge " (tone(phase)) } { span.dot aria-hidden="true" {} (word) } }
}

/// The tone of a phase: a class of the style sheet.
pub(crate) const fn tone(phase: Option<&Phase>) -> &'static str {
    match phase {
        Some(Phase::Ready) => "good",
        Some(Phase::Installing | Phase::Removing) => "busy",
        Some(Phase::Degraded) => "bad",
        Some(Phase::Registered | Phase::Unknown | Phase::Other(_)) | None => "idle",
    }
}

/// How many components are ready, of how many.
pub(crate) fn readiness(status: &Status) -> (usize, usize) {
    let ready = status
        .components
        .iter()
        .filter(|component| component.is_ready());
    (ready.count(), status.components.len())
}

/// A time as people say it, with the exact one in its title.
pub(crate) fn moment(seconds: u64, now: u64) -> Markup {
    let exact = time::format(seconds);
    html! { time datetime=(exact) title=(exact.replace('T', " ").replace('Z', " UTC")) { (time::relative(seconds, now)) } }
}

/// A time of the API's, where there is one.
pub(crate) fn instant(text: Option<&str>, now: u64) -> Markup {
    match text.and_then(time::parse) {
        Some(at) => moment(at, now),
        None => html! { span.faint { "–" } },
    }
}

/// The end of credentials: amber under 30 days, red under 7.
pub(crate) fn expiry(status: Option<&Status>, now: u64) -> Markup {
    let Some(end) = expires_at(status) else {
        return html! { span.faint { "no end known" } };
    };
    let (class, word) = match end.saturating_sub(now) {
        0 => ("bad", "expired "),
        left if left < 7 * DAY => ("bad", "ends "),
        left if left < 30 * DAY => ("warn", "ends "),
        _ => ("", "ends "),
    };
    html! { span class={ "ends " (class) } { (word) (moment(end, now)) } }
}

/// When credentials end, in seconds since 1970.
pub(crate) fn expires_at(status: Option<&Status>) -> Option<u64> {
    time::parse(status?.credentials.as_ref()?.expires_at.as_deref()?)
}

/// Notes of the API, where there are any.
pub(crate) fn warnings(warnings: &[String]) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section.note.warn aria-label="Warnings" {
                h2 { (warnings.len()) @if warnings.len() == 1 { " warning" } @else { " warnings" } }
                ul { @for warning in warnings { li { (sentence(warning)) } } }
            }
        }
    }
}

/// A failure of the API in full: text, rules that do not hold, and the way out.
pub(crate) fn problem_note(problem: &Problem) -> Markup {
    html! {
        section.note.bad role="alert" {
            h2 { (headline(problem)) }
            p { (sentence(&problem.detail)) }
            @if let Some(hint) = problem.hint.as_ref().filter(|hint| !problem.detail.ends_with(hint.as_str())) { p.hint { (sentence(hint)) } }
            @if let Some(merge_request) = &problem.merge_request {
                p { a href=(merge_request.web_url) { "Merge request !" (merge_request.iid) } " is open." }
            }
            @if let Some(Some(commit)) = &problem.commit {
                p { "The commit " a href=(commit.web_url) { code { (short(&commit.id)) } } " is in the repository." }
            }
        }
    }
}

/// Name of a failure, in a few words.
pub(crate) fn headline(problem: &Problem) -> String {
    let words = problem
        .reason
        .as_str()
        .to_ascii_lowercase()
        .replace('_', " ");
    let title = if problem.title.is_empty() {
        words
    } else {
        problem.title.clone()
    };
    sentence_start(&title).replace("Gitlab", "GitLab")
}

/// Messages of the API begin with a small letter and end without a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let text = sentence_start(text);
    let ends = text.ends_with(['.', '!', '?', ':', ';', ')']);
    if ends || text.is_empty() {
        text
    } else {
        format!("{text}.")
    }
}

fn sentence_start(text: &str) -> String {
    // A field's name keeps its spelling.
    let first = text.split([' ', ',', ':']).next().unwrap_or_default();
    if first.contains(['_', '.', '/', '=']) || first.chars().any(|char| char.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

/// The first characters of a commit's id.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
