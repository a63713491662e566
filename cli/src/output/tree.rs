//! A cluster as a tree: the cluster, its components, what each waits for.

use api::{Cluster, ComponentStatus, Status};
use time::OffsetDateTime;

use super::expiry::{self, Expiry};
use super::{BAD, FAINT, GOING, GOOD, phase_style, styled};

/// Draws the tree; lines are cut to the width.
pub(crate) fn draw(cluster: &Cluster, now: OffsetDateTime, width: usize) -> String {
    draw_components(cluster, now, width, |_| true)
}

/// Draws the tree with the components that `is_shown` tells.
fn draw_components(
    cluster: &Cluster,
    now: OffsetDateTime,
    width: usize,
    is_shown: fn(&ComponentStatus) -> bool,
) -> String {
    let mut lines = vec![head(cluster)];
    let mut branches = facts(cluster);
    branches.extend(history(cluster, now));
    if let Some(status) = &cluster.status {
        branches.extend(credentials(status, now));
        if let Some(message) = status
            .message
            .as_deref()
            .filter(|message| !message.is_empty())
        {
            branches.push(vec![format!("why: {message}")]);
        }
        branches.push(components(status, now, is_shown));
    }
    let last = branches.len().saturating_sub(1);
    for (index, branch) in branches.iter().enumerate() {
        let (first, further) = if index == last {
            ("└─", "  ")
        } else {
            ("├─", "│ ")
        };
        for (number, line) in branch.iter().enumerate() {
            let edge = if number == 0 { first } else { further };
            lines.push(format!("{} {line}", styled(FAINT, edge)));
        }
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            console::truncate_str(line, width, "…")
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n")
}

/// The tree in a window of so many lines: what is as it should be is counted where there is no room for it.
pub(crate) fn draw_within(
    cluster: &Cluster,
    now: OffsetDateTime,
    width: usize,
    height: usize,
) -> String {
    let tree = draw(cluster, now, width);
    if tree.lines().count() <= height {
        return tree;
    }
    let tree = draw_components(cluster, now, width, |component| !component.is_ready());
    let components = cluster.status.iter().flat_map(|status| &status.components);
    let ready = components.filter(|component| component.is_ready()).count();
    let mut lines: Vec<&str> = tree.lines().collect();
    let room = height.saturating_sub(1);
    let rest = match lines.len() > room {
        false => format!("   and {ready} ready"),
        true => format!("   and {ready} ready; the window is too low for the rest"),
    };
    let rest = console::truncate_str(&rest, width, "…").into_owned();
    lines.truncate(room);
    lines.push(&rest);
    lines.join("\n")
}

fn head(cluster: &Cluster) -> String {
    let phase = cluster.status.as_ref().map(|status| &status.phase);
    let phase = phase.map_or_else(
        || styled(GOING, "not known"),
        |phase| styled(phase_style(phase), phase.as_str()),
    );
    format!("{}  {phase}", cluster.name)
}

fn facts(cluster: &Cluster) -> Vec<Vec<String>> {
    let mut kind = format!("{} {}", cluster.cluster_type, cluster.usage);
    if !cluster.worker_type.is_empty() {
        kind = format!("{kind} for {}s", cluster.worker_type);
    }
    if !cluster.host_cluster.is_empty() {
        kind = format!("{kind} in {}", cluster.host_cluster);
    }
    vec![
        vec![kind],
        vec![format!("API server {}", cluster.api_server)],
        vec![format!("domain {}", cluster.primary_domain)],
    ]
}

/// Since when it is there, and who has changed it last.
fn history(cluster: &Cluster, now: OffsetDateTime) -> Vec<Vec<String>> {
    let registered = cluster.created_at.as_deref().and_then(|at| {
        let age = expiry::age(at, now)?;
        Some(format!("registered {age} ago ({at})"))
    });
    let changed = cluster.last_commit.as_ref().map(|commit| {
        let id: String = commit.id.chars().take(8).collect();
        let age = expiry::age(&commit.committed_at, now);
        let age = age.map_or_else(String::new, |age| format!(" {age} ago"));
        let (author, title) = (printable(&commit.author_name), printable(&commit.title));
        format!("last commit {id}{age} by {author}: {title}")
    });
    let lines = registered.into_iter().chain(changed);
    lines.map(|line| vec![line]).collect()
}

/// A text of somebody else's, without what could move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).collect()
}

fn credentials(status: &Status, now: OffsetDateTime) -> Option<Vec<String>> {
    let credentials = status.credentials.as_ref()?;
    let end = credentials
        .expires_at
        .as_deref()
        .and_then(|end| end_of(end, now));
    let mut lines: Vec<String> = end
        .map(|words| format!("credentials {words}"))
        .into_iter()
        .collect();
    if credentials.approved == Some(false) {
        let words = "are others than the branch approves: save the cluster again";
        lines.push(format!("credentials {}", styled(BAD, words)));
    }
    (!lines.is_empty()).then_some(lines)
}

fn end_of(end: &str, now: OffsetDateTime) -> Option<String> {
    Some(match expiry::read(end, now)? {
        Expiry::Expired => styled(
            BAD,
            &format!("have expired ({end}): save the cluster with new ones"),
        ),
        soon @ Expiry::Soon(_) => styled(
            GOING,
            &format!("end in {soon} ({end}): save the cluster with new ones"),
        ),
        later @ Expiry::Later(_) => format!("end in {later} ({end})"),
    })
}

fn components(
    status: &Status,
    now: OffsetDateTime,
    is_shown: fn(&ComponentStatus) -> bool,
) -> Vec<String> {
    let ready = status
        .components
        .iter()
        .filter(|component| component.is_ready())
        .count();
    let mut lines = vec![format!("components {ready}/{}", status.components.len())];
    let widest = |length: fn(&ComponentStatus) -> usize| {
        status.components.iter().map(length).max().unwrap_or(0)
    };
    let width = widest(|component| component.name.len());
    let words_width = widest(|component| words_of(component).len());
    let shown: Vec<&ComponentStatus> = status
        .components
        .iter()
        .filter(|component| is_shown(component))
        .collect();
    let last = shown.len().saturating_sub(1);
    for (index, component) in shown.into_iter().enumerate() {
        let (edge, further) = if index == last {
            ("└─", "  ")
        } else {
            ("├─", "│ ")
        };
        let mut line = format!(
            "{} {}",
            styled(FAINT, edge),
            component_line(component, width)
        );
        let since = component.since.as_deref();
        if let Some(age) = since.and_then(|since| expiry::age(since, now)) {
            let gap = words_width.saturating_sub(words_of(component).len()) + 2;
            line += &format!("{}{}", " ".repeat(gap), styled(FAINT, &age));
        }
        lines.push(line);
        if !component.message.is_empty() {
            for line in component.message.lines() {
                lines.push(format!(
                    "{}    {}",
                    styled(FAINT, further),
                    styled(FAINT, line)
                ));
            }
        }
    }
    lines
}

/// A component in one line: a mark, its name, Argo CD's words.
pub(crate) fn component_line(component: &ComponentStatus, width: usize) -> String {
    let (mark, style) = mark_of(component);
    format!(
        "{} {:<width$}  {}",
        styled(style, mark),
        component.name,
        styled(style, &words_of(component))
    )
}

/// Argo CD's two words.
fn words_of(component: &ComponentStatus) -> String {
    format!(
        "{}, {}",
        or_unknown(&component.sync),
        or_unknown(&component.health)
    )
}

/// Mark and colour of a component.
pub(crate) fn mark_of(component: &ComponentStatus) -> (&'static str, anstyle::Style) {
    match component.health.as_str() {
        _ if component.is_ready() => ("✔", GOOD),
        "Degraded" => ("✖", BAD),
        _ => ("…", GOING),
    }
}

fn or_unknown(word: &str) -> &str {
    if word.is_empty() { "Unknown" } else { word }
}

#[cfg(test)]
mod tests {
    use api::{ClusterType, CredentialsStatus, LastCommit, Phase, Usage};

    use super::*;

    fn component(name: &str, sync: &str, health: &str, message: &str) -> ComponentStatus {
        ComponentStatus {
            name: name.to_owned(),
            sync: sync.to_owned(),
            health: health.to_owned(),
            message: message.to_owned(),
            since: None,
        }
    }

    /// Since when its health is as it is.
    fn since(component: ComponentStatus, since: &str) -> ComponentStatus {
        ComponentStatus {
            since: Some(since.to_owned()),
            ..component
        }
    }

    fn cluster() -> Cluster {
        Cluster {
            name: "build".to_owned(),
            cluster_type: ClusterType::Virtual,
            usage: Usage::Worker,
            worker_type: "pipeline".to_owned(),
            host_cluster: "cluster-host".to_owned(),
            api_server: "https://8.217.50.114:31456".to_owned(),
            primary_domain: "8.217.50.114.nip.io".to_owned(),
            created_at: Some("2026-12-20T08:00:00Z".to_owned()),
            last_commit: Some(LastCommit {
                id: "69eb1bf5c0ffee".to_owned(),
                title: "Save cluster\u{1b}[2J build".to_owned(),
                author_name: "Ada".to_owned(),
                committed_at: "2026-12-23T03:00:00Z".to_owned(),
                ..LastCommit::default()
            }),
            status: Some(Status {
                phase: Phase::Degraded,
                components: vec![
                    since(
                        component("argocd", "Synced", "Healthy", ""),
                        "2026-12-20T08:03:00Z",
                    ),
                    since(
                        component(
                            "external-secrets",
                            "OutOfSync",
                            "Missing",
                            "waiting for argocd",
                        ),
                        "2026-12-23T04:24:20Z",
                    ),
                    component(
                        "tekton",
                        "Synced",
                        "Degraded",
                        "Deployment tekton-pipelines-controller has timed out progressing\nimage not found",
                    ),
                ],
                credentials: Some(CredentialsStatus {
                    expires_at: Some("2027-01-15T08:00:00Z".to_owned()),
                    approved: None,
                }),
                message: Some("a component failed".to_owned()),
            }),
            ..Cluster::default()
        }
    }

    fn drawn(cluster: &Cluster, seconds: i64, width: usize) -> String {
        let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        anstream::adapter::strip_str(&draw(cluster, now, width)).to_string()
    }

    #[test]
    fn a_cluster_with_everything() {
        insta::assert_snapshot!(drawn(&cluster(), 1_798_000_000, 100));
    }

    #[test]
    fn a_narrow_window_cuts_lines() {
        let tree = drawn(&cluster(), 1_800_000_000, 40);
        assert!(
            tree.lines().all(|line| line.chars().count() <= 40),
            "{tree}"
        );
        insta::assert_snapshot!(tree);
    }

    #[test]
    fn a_low_window_has_what_is_not_ready() {
        let now = OffsetDateTime::from_unix_timestamp(1_798_000_000).unwrap();
        let low = |height| {
            let tree = draw_within(&cluster(), now, 60, height);
            anstream::adapter::strip_str(&tree).to_string()
        };
        assert_eq!(low(15), drawn(&cluster(), 1_798_000_000, 60));
        let mut many = cluster();
        let status = many.status.as_mut().unwrap();
        status
            .components
            .extend((0..9).map(|_| component("more", "Synced", "Healthy", "")));
        let tree = draw_within(&many, now, 60, 15);
        assert!(
            tree.contains("components 10/12") && tree.ends_with("\n   and 10 ready"),
            "{tree}"
        );
        let tree = low(9);
        assert_eq!(tree.lines().count(), 9);
        assert!(
            tree.ends_with("   and 1 ready; the window is too low for the rest"),
            "{tree}"
        );
    }

    #[test]
    fn credentials_that_nobody_approved_are_told() {
        let mut cluster = cluster();
        let status = cluster.status.as_mut().unwrap();
        status.credentials.as_mut().unwrap().approved = Some(false);
        let tree = drawn(&cluster, 1_798_000_000, 100);
        assert!(
            tree.contains("│  credentials are others than the branch approves"),
            "{tree}"
        );
    }

    #[test]
    fn a_cluster_without_a_status() {
        let bare = Cluster {
            name: "bare".to_owned(),
            ..Cluster::default()
        };
        assert!(drawn(&bare, 0, 80).starts_with("bare  not known"));
    }
}
