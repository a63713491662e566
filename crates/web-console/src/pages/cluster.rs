//! One cluster: what it is, and how far its components are.

use api::{Cluster, ComponentStatus, SaveClusterRequest, Status};
use maud::{Markup, html};

use super::parts::{expiry, instant, phase_badge, readiness, sentence};
use super::{Place, layout};
use crate::draft::Draft;
use crate::kind::Kind;
use crate::settings::ConsoleSettings;
use crate::yaml;

/// The page.
pub(crate) fn page(settings: &ConsoleSettings, cluster: &Cluster, now: u64) -> Markup {
    let name = &cluster.name;
    let kind = Kind::of(cluster);
    layout(
        name,
        Place::Clusters,
        &html! {
            nav.crumbs aria-label="Breadcrumb" { a href="/" { "Clusters" } span aria-hidden="true" { "/" } span { (name) } }
            div.head {
                div { h1 { (name) } p.lead { (kind.title()) @if !cluster.host_cluster.is_empty() { " on " a href={ "/clusters/" (cluster.host_cluster) } { (cluster.host_cluster) } } } }
                div.actions {
                    @if kind == Kind::Host { a.button href={ "/register?kind=virtual-deployment&host=" (name) } { "Add virtual cluster" } }
                    @if !kind.is_virtual() { a.button href={ "/clusters/" (name) "/change#kubeconfig" } { "Replace credentials" } }
                    a.button href={ "/clusters/" (name) "/change" } { "Change" }
                    a.button.danger href={ "/clusters/" (name) "/remove" } { "Remove" }
                }
            }
            div #live data-events={ "/clusters/" (name) "/events" } { (live(settings, cluster, now)) }
            p.live-state #live-state role="status" {}
            (request(cluster))
        },
    )
}

/// The part that changes by itself.
pub(crate) fn live(settings: &ConsoleSettings, cluster: &Cluster, now: u64) -> Markup {
    html! {
        (facts(settings, cluster, now))
        @match &cluster.status {
            Some(status) => (components(cluster, status)),
            None => p.empty { "Its state is not known yet." },
        }
    }
}

fn facts(settings: &ConsoleSettings, cluster: &Cluster, now: u64) -> Markup {
    let status = cluster.status.as_ref();
    html! {
        dl.facts.card {
            div { dt { "State" } dd { (phase_badge(status.map(|status| &status.phase))) } }
            div { dt { "Components" } dd {
                @match status.map(readiness) {
                    Some((ready, all)) if all > 0 => { (ready) " of " (all) " ready" }
                    _ => { span.faint { "none yet" } }
                }
            } }
            div { dt { "Credentials" } dd {
                @if cluster.cluster_type == api::ClusterType::Virtual { span.faint { "from its host" } } @else { (expiry(status, now)) }
            } }
            div { dt { "API server" } dd.address { (cluster.api_server) } }
            div { dt { "Primary domain" } dd.address { (cluster.primary_domain) } }
            div { dt { "Registered" } dd { (instant(cluster.created_at.as_deref(), now)) } }
            @if let Some(commit) = &cluster.last_commit {
                div.two { dt { "Last change" } dd {
                    a href=(commit.web_url) { (commit.title) }
                    span.sub { " by " (commit.author_name) ", " (instant(Some(&commit.committed_at), now)) }
                } }
            }
            div { dt { "Elsewhere" } dd.links {
                a href=(settings.commits_of(&cluster.name)) { "Commits in GitLab" }
                @if let Some(url) = settings.applications_of(&cluster.name) { a href=(url) { "Applications in Argo CD" } }
            } }
        }
        @if let Some(message) = status.and_then(|status| status.message.as_ref()) {
            p.note.warn { (sentence(message)) }
        }
    }
}

/// The tree: the cluster, below it its components.
fn components(cluster: &Cluster, status: &Status) -> Markup {
    if status.components.is_empty() {
        return html! { p.empty { "Argo CD has not reacted yet: the components appear here as soon as it does." } };
    }
    let mut sorted: Vec<&ComponentStatus> = status.components.iter().collect();
    // Failed ones first. Otherwise a state that changes moves nothing.
    sorted.sort_by_key(|component| (state(component).0 != "bad", component.name.clone()));
    html! {
        section aria-labelledby="components" {
            h2 #components { "Components" }
            ul.tree {
                @for component in sorted { (node(cluster, component)) }
            }
        }
    }
}

/// Class and word for a component's state.
fn state(component: &ComponentStatus) -> (&'static str, &'static str) {
    match (component.health.as_str(), component.sync.as_str()) {
        ("Degraded", _) => ("bad", "Degraded"),
        ("Missing", "Unknown") => ("bad", "Missing"),
        ("Progressing", _) => ("busy", "Progressing"),
        ("Missing", _) => ("busy", "Waiting"),
        ("Suspended", _) => ("warn", "Suspended"),
        ("Healthy", "Synced") => ("good", "Healthy"),
        (health, "OutOfSync") if health != "Unknown" => ("busy", "Out of sync"),
        _ => ("idle", "Unknown"),
    }
}

fn node(cluster: &Cluster, component: &ComponentStatus) -> Markup {
    let (class, word) = state(component);
    let known = cluster
        .components_list
        .values()
        .find(|it| it.name.as_deref() == Some(&component.name));
    let namespace = known.and_then(|it| it.namespace.as_deref());
    let message = component.message.as_str();
    // A long one has a room of its own: where something failed it is all that counts.
    let is_apart = class == "bad" || message.len() > 80;
    html! {
        li class=(class) id={ "component-" (component.name) } {
            div.node {
                span.state aria-hidden="true" {}
                div.node-name {
                    strong { (component.name) }
                    // A line that is always there, so that no row moves the others when it has something to say.
                    span.sub {
                        @if let Some(namespace) = namespace { "namespace " (namespace) }
                        @if !is_apart && !message.is_empty() { @if namespace.is_some() { " · " } (message) }
                    }
                }
                span class={ "badge " (class) } { (word) }
                span.sub.sync { (component.sync) }
            }
            @if is_apart && !message.is_empty() { p.message { (message) } }
        }
    }
}

/// The request as YAML, to copy.
fn request(cluster: &Cluster) -> Markup {
    let request = SaveClusterRequest {
        name: Some(cluster.name.clone()),
        ..Draft::of(cluster).request(None)
    };
    let yaml = yaml::document(&request);
    html! {
        details.card.request {
            summary { "The request as YAML" }
            p.hint { "What " code { "nautes-clusters apply -f" } " or " code { "POST" } " would send again. The kubeconfig is never shown." }
            pre #request-yaml tabindex="0" role="region" aria-label="Request as YAML" { code { (yaml) } }
            button type="button" data-copy="request-yaml" hidden { "Copy" }
        }
    }
}
