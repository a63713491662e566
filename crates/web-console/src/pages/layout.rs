//! Layout around every page.

use maud::{DOCTYPE, Markup, html};

use crate::assets::address;

/// The entry of the navigation that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Clusters,
    MergeRequests,
    Register,
    Nowhere,
}

/// A page behind the login.
pub(crate) fn layout(title: &str, place: Place, content: &Markup) -> Markup {
    let entry = |here: Place, href: &str, text: &str| {
        html! { a href=(href) aria-current=[(here == place).then_some("page")] { (text) } }
    };
    document(
        title,
        &html! {
            a.skip href="#content" { "Skip to content" }
            header.bar {
                a.brand href="/" { (mark()) span { "Clusters" } }
                nav aria-label="Main" {
                    (entry(Place::Clusters, "/", "Overview"))
                    (entry(Place::MergeRequests, "/merge-requests", "Merge requests"))
                    a href="/docs" { "API" }
                }
                div.bar-end {
                    a.button.primary href="/register" aria-current=[(place == Place::Register).then_some("page")] { "Register cluster" }
                    form method="post" action="/logout" { button.quiet type="submit" { "Log out" } }
                }
            }
            main #content tabindex="-1" { (content) }
        },
    )
}

/// A page without navigation.
pub(crate) fn plain(title: &str, content: &Markup) -> Markup {
    document(title, &html! { main.alone #content { (content) } })
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Nautes clusters" }
                link rel="icon" href=(address("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(address("console.css"));
                script type="module" src=(address("console.js")) {}
            }
            body { (body) }
        }
    }
}

/// The product's sign: a node with its satellites.
pub(crate) fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            rect.mark-ground width="32" height="32" rx="8" {}
            path.mark-line d="M16 7v18M8.2 11.5l15.6 9M8.2 20.5l15.6-9" {}
            circle.mark-node cx="16" cy="16" r="4.5" {}
        }
    }
}
