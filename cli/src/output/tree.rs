//! A cluster as a tree: the cluster, its components, what each waits for.

use api::{Cluster, ComponentStatus, Status};
use time::OffsetDateTime;

use super::expiry::{self, Expiry};
use super::{BAD, FAINT, GOING, GOOD, phase_style, styled};

/// Draws the tree; lines are cut to the width.
pub(crate) fn draw(cluster: &Cluster, now: OffsetDateTime, width: usize) -> String {
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
        branches.push(components(status));
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

fn components(status: &Status) -> Vec<String> {
    let ready = status
        .components
        .iter()
        .filter(|component| component.is_ready())
        .count();
    let mut lines = vec![format!("components {ready}/{}", status.components.len())];
    let width = status
        .components
        .iter()
        .map(|component| component.name.len())
        .max()
        .unwrap_or(0);
    let last = status.components.len().saturating_sub(1);
    for (index, component) in status.components.iter().enumerate() {
        let (edge, further) = if index == last {
            ("└─", "  ")
        } else {
            ("├─", "│ ")
        };
        lines.push(format!(
            "{} {}",
            styled(FAINT, edge),
            component_line(component, width)
        ));
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
    let words = format!(
        "{}, {}",
        or_unknown(&component.sync),
        or_unknown(&component.health)
    );
    format!(
        "{} {:<width$}  {}",
        styled(style, mark),
        component.name,
        styled(style, &words)
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
                    component("argocd", "Synced", "Healthy", ""),
                    component(
                        "external-secrets",
                        "OutOfSync",
                        "Missing",
                        "waiting for argocd",
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
