//! The table of all clusters.

use std::collections::BTreeMap;

use api::{Cluster, ClusterList, Phase, UnreadableFile};
use gather::Gather as _;
use maud::{Markup, html};

use super::parts::{expires_at, expiry, instant, phase_badge, readiness, tone, warnings};
use super::{Place, layout};
use crate::kind::Kind;
use crate::time::{self, DAY};

/// Rows of a page: a browser lays out a few hundred at once.
const ROWS: usize = 200;

/// Filter and order of the list, and which page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    text: String,
    kind: String,
    phase: String,
    sort: String,
    is_descending: bool,
    /// From 0.
    page: usize,
}

impl Selection {
    /// From the page's query: `q`, `kind`, `phase`, `sort` (`-` in front turns it round), `page`.
    pub(crate) fn of(query: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| {
            query
                .get(name)
                .map(|value| value.trim().to_owned())
                .unwrap_or_default()
        };
        let sort = get("sort");
        Self {
            text: get("q").to_lowercase(),
            kind: get("kind"),
            phase: get("phase"),
            is_descending: sort.starts_with('-'),
            sort: sort.trim_start_matches('-').to_owned(),
            page: get("page").parse().unwrap_or(1_usize).saturating_sub(1),
        }
    }

    fn takes(&self, cluster: &Cluster, now: u64) -> bool {
        let text = format!(
            "{} {} {}",
            cluster.name, cluster.host_cluster, cluster.api_server
        );
        let phase = match self.phase.as_str() {
            "" => true,
            "ending" => is_ending(cluster, now),
            word => word_of(cluster) == word,
        };
        let kind = self.kind.is_empty() || Kind::of(cluster).slug() == self.kind;
        phase && kind && text.to_lowercase().contains(&self.text)
    }

    /// Hosts carry their virtual clusters unless another order was asked for.
    fn is_grouped(&self) -> bool {
        matches!(self.sort.as_str(), "" | "name") && !self.is_descending
    }

    /// The address of the same selection in another order; the same order again turns it round.
    fn sorted_by(&self, key: &str) -> String {
        let is_same = self.sort == key || (self.sort.is_empty() && key == "name");
        let mark = if is_same && !self.is_descending {
            "-"
        } else {
            ""
        };
        self.query(&self.phase, &format!("{mark}{key}"), "")
    }

    /// The order as a query has it.
    fn order(&self) -> String {
        let mark = if self.is_descending { "-" } else { "" };
        format!("{mark}{}", self.sort)
    }

    fn query(&self, phase: &str, sort: &str, page: &str) -> String {
        let pairs = [
            ("q", self.text.as_str()),
            ("kind", &self.kind),
            ("phase", phase),
            ("sort", sort),
            ("page", page),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/?{}", query.finish())
    }
}

fn phase(cluster: &Cluster) -> Option<&Phase> {
    cluster.status.as_ref().map(|status| &status.phase)
}

fn word_of(cluster: &Cluster) -> &str {
    phase(cluster).map_or("Unknown", Phase::as_str)
}

/// Credentials that end within 30 days.
fn is_ending(cluster: &Cluster, now: u64) -> bool {
    expires_at(cluster.status.as_ref()).is_some_and(|end| end < now + 30 * DAY)
}

/// The page.
pub(crate) fn page(list: &ClusterList, selection: &Selection, now: u64) -> Markup {
    let clusters = &list.items;
    let mut shown: Vec<&Cluster> = clusters
        .iter()
        .filter(|cluster| selection.takes(cluster, now))
        .collect();
    sort(&mut shown, selection);
    layout(
        "Clusters",
        Place::Clusters,
        &html! {
            div.head { h1 { "Clusters" } p.count #count { (counted(shown.len(), clusters.len())) } }
            @if clusters.is_empty() && list.unreadable.is_empty() {
                (none_yet())
            } @else {
                (summary(clusters, selection, now))
                (filter(selection))
                div #live data-poll="10" {
                    (warnings(&list.unreadable.iter().map(unreadable).collect::<Vec<_>>()))
                    @if shown.is_empty() { p.empty { "No cluster matches. " a href="/" { "Show all" } } }
                    @else { (table(&shown, selection, now)) }
                }
            }
        },
    )
}

/// The sentence about a cluster whose file nobody can read.
fn unreadable(file: &UnreadableFile) -> String {
    format!("the list is without {}: {}", file.name, file.detail)
}

fn counted(shown: usize, all: usize) -> String {
    if shown == all {
        format!("{all} in this tenant")
    } else {
        format!("{shown} of {all}")
    }
}

fn none_yet() -> Markup {
    html! {
        div.empty.card {
            h2 { "No cluster is registered yet" }
            p { "Begin with a host, which carries virtual clusters, or with a worker that you have a kubeconfig of." }
            p.actions { a.button.primary href="/register" { "Register the first cluster" } }
        }
    }
}

/// How many clusters are in which phase; each number filters.
fn summary(clusters: &[Cluster], selection: &Selection, now: u64) -> Markup {
    let count = |word: &str| {
        clusters
            .iter()
            .filter(|cluster| word_of(cluster) == word)
            .count()
    };
    let ending = clusters
        .iter()
        .filter(|cluster| is_ending(cluster, now))
        .count();
    let tile = |word: &str, label: &str, number: usize, class: &str| {
        let is_on = selection.phase == word;
        let target = selection.query(if is_on { "" } else { word }, &selection.order(), "");
        html! {
            a href=(target) class={ "tile " (class) } aria-current=[is_on.then_some("true")] {
                strong { (number) } span { (label) }
            }
        }
    };
    html! {
        nav.tiles #tiles aria-label="Filter by state" {
            (tile("Ready", "Ready", count("Ready"), "good"))
            (tile("Installing", "Installing", count("Installing"), "busy"))
            (tile("Degraded", "Degraded", count("Degraded"), "bad"))
            (tile("Registered", "Waiting", count("Registered"), "idle"))
            (tile("ending", "Credentials ending", ending, "warn"))
        }
    }
}

fn filter(selection: &Selection) -> Markup {
    html! {
        form.filter role="search" action="/" {
            input type="search" name="q" value=(selection.text) placeholder="Name, host or address" aria-label="Filter by name, host or address" data-filter;
            select name="kind" aria-label="Kind" {
                option value="" { "All kinds" }
                @for kind in Kind::ALL {
                    option value=(kind.slug()) selected[selection.kind == kind.slug()] { (kind.title()) }
                }
            }
            @if !selection.phase.is_empty() { input type="hidden" name="phase" value=(selection.phase); }
            @if !selection.sort.is_empty() {
                input type="hidden" name="sort" value=(selection.order());
            }
            button type="submit" { "Filter" }
            @if *selection != Selection::default() { a.button.quiet href="/" { "Reset" } }
            p.live-state #live-state role="status" {}
        }
    }
}

fn table(shown: &[&Cluster], selection: &Selection, now: u64) -> Markup {
    let head = |key: &str, text: &str| {
        let is_this = selection.sort == key || (selection.sort.is_empty() && key == "name");
        let order = is_this.then_some(if selection.is_descending {
            "descending"
        } else {
            "ascending"
        });
        html! { th scope="col" aria-sort=[order] { a href=(selection.sorted_by(key)) { (text) } } }
    };
    let rows = arranged(shown, selection);
    let last = rows.len().saturating_sub(1) / ROWS;
    let page = selection.page.min(last);
    let rows = rows.into_iter().skip(page * ROWS).take(ROWS);
    let at = |page: usize| selection.query(&selection.phase, &selection.order(), &page.to_string());
    html! {
        table.clusters {
            thead { tr {
                (head("name", "Cluster"))
                (head("phase", "State"))
                (head("ready", "Components"))
                (head("ends", "Credentials"))
                (head("age", "Registered"))
                (head("host", "Host"))
                th scope="col" { "API server" }
            } }
            tbody { @for (cluster, is_child) in rows { (row(cluster, is_child, now)) } }
        }
        p.empty #nothing hidden { "Nothing here matches. " @if last > 0 { "“Filter” looks at every page." } }
        @if last > 0 {
            nav.actions #pages aria-label="Pages" {
                @if page > 0 { a.button href=(at(page)) { "Previous" } }
                span.sub { "Page " (page + 1) " of " (last + 1) }
                @if page < last { a.button href=(at(page + 2)) { "Next" } }
            }
        }
    }
}

fn row(cluster: &Cluster, is_child: bool, now: u64) -> Markup {
    let status = cluster.status.as_ref();
    let kind = Kind::of(cluster);
    html! {
        tr id={ "row-" (cluster.name) } class=[is_child.then_some("child")] {
            th scope="row" {
                a href={ "/clusters/" (cluster.name) } { (cluster.name) }
                span.sub { (kind.title()) }
            }
            td data-label="State" { (phase_badge(phase(cluster))) }
            td data-label="Components" { (progress(cluster)) }
            td data-label="Credentials" {
                @if kind.is_virtual() && expires_at(status).is_none() { span.faint { "from its host" } }
                @else { (expiry(status, now)) }
            }
            td data-label="Registered" { (instant(cluster.created_at.as_deref(), now)) }
            td data-label="Host" {
                @if cluster.host_cluster.is_empty() { span.faint { "–" } }
                @else { a href={ "/clusters/" (cluster.host_cluster) } { (cluster.host_cluster) } }
            }
            td.address data-label="API server" { (cluster.api_server.trim_start_matches("https://")) }
        }
    }
}

/// Ready components of all, as numbers and as a bar.
fn progress(cluster: &Cluster) -> Markup {
    let Some(status) = &cluster.status else {
        return html! { span.faint { "–" } };
    };
    let (ready, all) = readiness(status);
    html! {
        @if all == 0 { span.faint { "–" } }
        @else {
            span.ready { (ready) "/" (all) }
            progress class=(tone(Some(&status.phase))) max=(all) value=(ready) aria-label={ (ready) " of " (all) " components are ready" } {}
        }
    }
}

/// The clusters in their order; `true` for one that stands below its host.
fn arranged<'a>(shown: &[&'a Cluster], selection: &Selection) -> Vec<(&'a Cluster, bool)> {
    if !selection.is_grouped() {
        return shown.iter().map(|cluster| (*cluster, false)).collect();
    }
    let mut below: BTreeMap<&str, Vec<&'a Cluster>> = BTreeMap::new();
    let names: BTreeMap<&str, ()> = shown
        .iter()
        .map(|cluster| (cluster.name.as_str(), ()))
        .gather();
    let is_below = |cluster: &Cluster| names.contains_key(cluster.host_cluster.as_str());
    for cluster in shown.iter().filter(|cluster| is_below(cluster)) {
        below
            .entry(&cluster.host_cluster)
            .or_default()
            .push(cluster);
    }
    let mut rows = Vec::with_capacity(shown.len());
    for cluster in shown.iter().filter(|cluster| !is_below(cluster)) {
        rows.push((*cluster, false));
        let virtual_clusters = below.remove(cluster.name.as_str()).unwrap_or_default();
        rows.extend(virtual_clusters.into_iter().map(|cluster| (cluster, true)));
    }
    rows
}

fn sort(clusters: &mut [&Cluster], selection: &Selection) {
    let key = |cluster: &Cluster| match selection.sort.as_str() {
        "phase" => (urgency(phase(cluster)), String::new()),
        "ready" => {
            let (ready, all) = cluster.status.as_ref().map(readiness).unwrap_or_default();
            (ready as u64 * 1000 / all.max(1) as u64, String::new())
        }
        "ends" => (
            expires_at(cluster.status.as_ref()).unwrap_or(u64::MAX),
            String::new(),
        ),
        "age" => (registered_at(cluster), String::new()),
        "host" => (0, cluster.host_cluster.clone()),
        _ => (0, String::new()),
    };
    clusters.sort_by(|one, other| (key(one), &one.name).cmp(&(key(other), &other.name)));
    if selection.is_descending {
        clusters.reverse();
    }
}

/// The clusters whose registration nobody knows come last.
fn registered_at(cluster: &Cluster) -> u64 {
    let at = cluster.created_at.as_deref().and_then(time::parse);
    at.unwrap_or(u64::MAX)
}

/// Rank of a phase in the list: clusters that need somebody come first.
const fn urgency(phase: Option<&Phase>) -> u64 {
    match phase {
        Some(Phase::Degraded) => 0,
        Some(Phase::Unknown | Phase::Other(_)) | None => 1,
        Some(Phase::Removing) => 2,
        Some(Phase::Installing) => 3,
        Some(Phase::Registered) => 4,
        Some(Phase::Ready) => 5,
    }
}
