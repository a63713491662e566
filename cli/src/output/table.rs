//! Tables without lines, as kubectl has them.

use anstyle::Style;
use api::{Cluster, Phase};
use comfy_table::{ContentArrangement, Table};
use time::OffsetDateTime;

use super::{expiry, phase_style, styled};

/// Cell where nothing is known.
const NOTHING: &str = "-";

/// A table of rows; on a terminal cells are broken to its width.
pub(crate) fn plain(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header.iter().copied());
    match width.and_then(|width| u16::try_from(width).ok()) {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// The columns of clusters; `wide` has more.
pub(crate) fn cluster_header(wide: bool) -> Vec<&'static str> {
    let mut header = vec!["NAME", "KIND", "USAGE", "HOST", "PHASE", "READY", "EXPIRES"];
    if wide {
        header.extend(["API SERVER", "DOMAIN", "MESSAGE"]);
    }
    header
}

/// The row of a cluster.
pub(crate) fn cluster_row(cluster: &Cluster, wide: bool, now: OffsetDateTime) -> Vec<String> {
    let status = cluster.status.as_ref();
    let usage = match cluster.worker_type.is_empty() {
        true => cluster.usage.clone(),
        false => format!("{}/{}", cluster.usage, cluster.worker_type),
    };
    let ready = status.map(|status| {
        let ready = status
            .components
            .iter()
            .filter(|component| component.is_ready())
            .count();
        format!("{ready}/{}", status.components.len())
    });
    let expires = status.and_then(|status| status.credentials.as_ref()?.expires_at.as_deref());
    let expires = expires.and_then(|end| expiry::read(end, now));
    let or_nothing = |text: &str| match text {
        "" => NOTHING.to_owned(),
        text => text.to_owned(),
    };
    let mut row = vec![
        cluster.name.clone(),
        or_nothing(&cluster.cluster_type),
        or_nothing(&usage),
        or_nothing(&cluster.host_cluster),
        status.map_or_else(|| NOTHING.to_owned(), |status| status.phase.to_string()),
        ready.unwrap_or_else(|| NOTHING.to_owned()),
        expires.map_or_else(|| NOTHING.to_owned(), |expiry| expiry.to_string()),
    ];
    if wide {
        row.push(or_nothing(&cluster.api_server));
        row.push(or_nothing(&cluster.primary_domain));
        row.push(or_nothing(&first_message(cluster)));
    }
    row
}

/// Why a cluster is not ready: the first component's words.
pub(crate) fn first_message(cluster: &Cluster) -> String {
    let Some(status) = &cluster.status else {
        return String::new();
    };
    let own = status.message.clone().filter(|message| !message.is_empty());
    let of_component = || {
        let waiting = status
            .components
            .iter()
            .find(|component| !component.message.is_empty())?;
        Some(format!("{}: {}", waiting.name, waiting.message))
    };
    own.or_else(of_component).unwrap_or_default()
}

/// Colours the phases of a table. Names and hosts are written small, so that a phase is the only word of its kind.
pub(crate) fn colour_phases(table: &str) -> String {
    let mut table = table.to_owned();
    for phase in Phase::KNOWN {
        let style: Style = phase_style(&Phase::from((*phase).to_owned()));
        table = table.replace(
            &format!("  {phase}  "),
            &format!("  {}  ", styled(style, phase)),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use api::{ComponentStatus, CredentialsStatus, Status};

    use super::*;

    fn cluster(name: &str, phase: Phase, host: &str) -> Cluster {
        let component = |name: &str, health: &str, message: &str| ComponentStatus {
            name: name.to_owned(),
            sync: "Synced".to_owned(),
            health: health.to_owned(),
            message: message.to_owned(),
        };
        Cluster {
            name: name.to_owned(),
            cluster_type: if host.is_empty() {
                "physical"
            } else {
                "virtual"
            }
            .to_owned(),
            usage: "worker".to_owned(),
            worker_type: "pipeline".to_owned(),
            host_cluster: host.to_owned(),
            api_server: "https://8.217.50.114:6443".to_owned(),
            primary_domain: "8.217.50.114.nip.io".to_owned(),
            status: Some(Status {
                phase,
                components: vec![
                    component("argocd", "Healthy", ""),
                    component(
                        "tekton",
                        "Progressing",
                        "waiting for Deployment tekton-pipelines-controller",
                    ),
                ],
                credentials: Some(CredentialsStatus {
                    expires_at: Some("2027-01-15T08:00:00Z".to_owned()),
                }),
                message: None,
            }),
            ..Cluster::default()
        }
    }

    fn shown(wide: bool, width: Option<usize>) -> String {
        let now = OffsetDateTime::from_unix_timestamp(1_798_000_000).unwrap();
        let clusters = [
            cluster("build", Phase::Installing, ""),
            cluster("build-virtual", Phase::Degraded, "cluster-host"),
            Cluster {
                name: "listed".to_owned(),
                ..Cluster::default()
            },
        ];
        let rows: Vec<_> = clusters
            .iter()
            .map(|cluster| cluster_row(cluster, wide, now))
            .collect();
        plain(&cluster_header(wide), &rows, width)
    }

    #[test]
    fn clusters_in_a_pipe() {
        insta::assert_snapshot!(shown(false, None));
        insta::assert_snapshot!("clusters_wide", shown(true, None));
    }

    #[test]
    fn clusters_in_a_narrow_window() {
        let table = shown(false, Some(50));
        assert!(
            table.lines().all(|line| line.chars().count() <= 50),
            "{table}"
        );
        insta::assert_snapshot!(table);
    }

    #[test]
    fn phases_are_coloured() {
        let table = colour_phases(&shown(false, None));
        assert!(
            table.contains("\x1b[31mDegraded") || table.contains("Degraded\x1b[0m"),
            "{table:?}"
        );
    }
}
