//! Pages for what can't be answered.

use api::{Problem, Reason};
use maud::{Markup, html};
use service::settings::SettingError;

use super::parts::{headline, problem_note};
use super::{Place, layout, plain};

/// A failure of the API; `is_read`: the page's own address asks for the same once more.
pub(crate) fn problem(problem: &Problem, is_read: bool) -> Markup {
    let is_passing = is_read && matches!(problem.status, 502..=504 | 429);
    layout(
        &headline(problem),
        Place::Nowhere,
        &html! {
            h1 { @match problem.reason {
                Reason::ClusterNotFound => { "No such cluster" }
                Reason::PermissionDenied => { "You may not do this" }
                _ => { "This did not work" }
            } }
            (problem_note(problem))
            p.actions {
                @if is_passing { a.button.primary href="" { "Try again" } }
                a.button href="/" { "All clusters" }
            }
        },
    )
}

/// There is nothing at this address.
pub(crate) fn missing() -> Markup {
    layout(
        "Not found",
        Place::Nowhere,
        &html! {
            h1 { "There is nothing here" }
            p { "The address may be mistyped, or what was here is gone." }
            p.actions { a.button href="/" { "All clusters" } }
        },
    )
}

/// A form of another site.
pub(crate) fn other_site() -> Markup {
    plain(
        "Refused",
        &html! {
            h1 { "This form came from another site" }
            p { "Nothing was changed. Open the console and send the form from there." }
            p.actions { a.button href="/" { "Open the console" } }
        },
    )
}

/// The operator has not set the key.
pub(crate) fn no_key() -> Markup {
    plain(
        "Not set up",
        &html! {
            h1 { "The console is not set up yet" }
            p { "Its operator has to set the variable " code { "console_key" } ": 32 random characters or more, for example from "
                code { "openssl rand -base64 32" } ". Sessions are sealed with it." }
            p { "The API at " code { "/api/v1/clusters" } " works without it." }
        },
    )
}

/// A setting of the console is not as it has to be.
pub(crate) fn unusable(error: &SettingError) -> Markup {
    plain(
        "Not set up",
        &html! {
            h1 { "The console is not set up as it should be" }
            p { "Its operator has to mend the variable " code { (error.name) } ": it " (error.problem) "." }
            p { "The API at " code { "/api/v1/clusters" } " works without it." }
        },
    )
}
