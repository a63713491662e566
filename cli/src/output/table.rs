//! Tables without lines, as kubectl has them.

use anstyle::Style;
use api::{Cluster, Phase};
use time::OffsetDateTime;

use super::{expiry, phase_style, styled, wrap};

/// Cell where nothing is known.
const NOTHING: &str = "-";

/// Columns that a narrow window does without, the one of least matter first. Those that say nothing go before all of them.
/// Whoever asks for more columns (`-o wide`) wants the last two.
const DISPENSABLE: [&str; 10] = [
    "AGE",
    "EXPIRES",
    "FILES",
    "STATE",
    "CHANGE",
    "HOST",
    "KIND",
    "USAGE",
    "DOMAIN",
    "API SERVER",
];

/// A column that is cut to the room that is left: its text is told in full elsewhere.
const CUT: &str = "MESSAGE";

/// Letters of a cut text that still say something.
const CUT_WIDTH: usize = 16;

/// Between columns.
const GAP: &str = "  ";

/// A table of rows. On a terminal as wide as its window: no word is broken, since a name is there to be copied; columns are
/// left out instead.
pub(crate) fn plain(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let mut columns: Vec<usize> = (0..header.len()).collect();
    let widths: Vec<usize> = columns
        .iter()
        .map(|at| width_of(header, rows, *at))
        .collect();
    let total = |columns: &[usize]| -> usize {
        let cells = columns.iter().filter_map(|at| {
            let is_cut = header.get(*at) == Some(&CUT);
            widths.get(*at).map(|width| {
                if is_cut {
                    CUT_WIDTH.min(*width)
                } else {
                    *width
                }
            })
        });
        cells
            .map(|width| width + GAP.len())
            .sum::<usize>()
            .saturating_sub(GAP.len())
    };
    let says_nothing = |at: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(at));
        cells.all(|cell| cell == NOTHING)
    };
    if let Some(width) = width {
        for is_empty in [true, false] {
            for name in DISPENSABLE.into_iter().chain(is_empty.then_some(CUT)) {
                let goes =
                    |at: usize| header.get(at) == Some(&name) && (!is_empty || says_nothing(at));
                if total(&columns) > width {
                    columns.retain(|at| !goes(*at));
                }
            }
        }
    }
    let has_cut = header.last() == Some(&CUT);
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    let lines = std::iter::once(&header).chain(rows);
    // The text that may be cut comes last.
    let window = width.filter(|_| has_cut);
    let lines = lines.map(|row| {
        let line = line(row, &columns, &widths);
        match window {
            Some(window) => console::truncate_str(&line, window, "…").into_owned(),
            None => line,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A table whose last column may have an address. A window that has no room for it shows it below its row, whole, so that it can be copied.
pub(crate) fn with_addresses(
    header: &[&str],
    rows: &[Vec<String>],
    width: Option<usize>,
) -> String {
    let table = plain(header, rows, width);
    let is_too_wide = |width: &usize| {
        let mut lines = table.lines();
        lines.any(|line| console::measure_text_width(line) > *width)
    };
    let (Some(width), Some((_, header))) = (width.filter(is_too_wide), header.split_last()) else {
        return table;
    };
    let rows = rows.iter().filter_map(|row| row.split_last());
    let (addresses, rows): (Vec<_>, Vec<_>) = rows.map(|(last, row)| (last, row.to_vec())).unzip();
    let table = plain(header, &rows, Some(width));
    // The header has no address.
    let below = std::iter::once(None).chain(addresses.into_iter().map(Some));
    let lines = table.lines().zip(below).map(|(line, below)| {
        let below = below.filter(|below| *below != NOTHING);
        let below = below.map_or_else(String::new, |below| format!("\n  {below}"));
        wrap::wrap(&format!("{line}{below}"), width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn width_of(header: &[&str], rows: &[Vec<String>], at: usize) -> usize {
    let cells = rows
        .iter()
        .filter_map(|row| row.get(at).map(String::as_str));
    let cells = cells.chain(header.get(at).copied());
    cells
        .map(console::measure_text_width)
        .max()
        .unwrap_or_default()
}

/// Cells with gaps between them.
fn line(row: &[String], columns: &[usize], widths: &[usize]) -> String {
    let mut line = String::new();
    for at in columns {
        let cell = row.get(*at).map_or("", String::as_str);
        if !line.is_empty() {
            line.push_str(GAP);
        }
        let width = widths.get(*at).copied().unwrap_or_default();
        line.push_str(&console::pad_str(
            cell,
            width,
            console::Alignment::Left,
            None,
        ));
    }
    line.trim_end().to_owned()
}

/// The columns of clusters; `wide` has more.
pub(crate) fn cluster_header(wide: bool) -> Vec<&'static str> {
    let mut header = vec![
        "NAME", "KIND", "USAGE", "HOST", "PHASE", "READY", "EXPIRES", "AGE",
    ];
    if wide {
        header.extend(["API SERVER", "DOMAIN", "MESSAGE"]);
    }
    header
}

/// The row of a cluster.
pub(crate) fn cluster_row(cluster: &Cluster, wide: bool, now: OffsetDateTime) -> Vec<String> {
    let status = cluster.status.as_ref();
    let usage = match cluster.worker_type.is_empty() {
        true => cluster.usage.to_string(),
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
    let created = cluster.created_at.as_deref();
    let age = created.and_then(|at| expiry::age(at, now));
    let or_nothing = |text: &str| match text {
        "" => NOTHING.to_owned(),
        text => text.to_owned(),
    };
    let mut row = vec![
        cluster.name.clone(),
        or_nothing(cluster.cluster_type.as_str()),
        or_nothing(&usage),
        or_nothing(&cluster.host_cluster),
        status.map_or_else(|| NOTHING.to_owned(), |status| status.phase.to_string()),
        ready.unwrap_or_else(|| NOTHING.to_owned()),
        expires.map_or_else(|| NOTHING.to_owned(), |expiry| expiry.to_string()),
        age.unwrap_or_else(|| NOTHING.to_owned()),
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
    use api::{ClusterType, ComponentStatus, CredentialsStatus, Status, Usage};

    use super::*;

    fn cluster(name: &str, phase: Phase, host: &str) -> Cluster {
        let component = |name: &str, health: &str, message: &str| ComponentStatus {
            name: name.to_owned(),
            sync: "Synced".to_owned(),
            health: health.to_owned(),
            message: message.to_owned(),
            since: None,
        };
        Cluster {
            name: name.to_owned(),
            cluster_type: match host {
                "" => ClusterType::Physical,
                _ => ClusterType::Virtual,
            },
            usage: Usage::Worker,
            worker_type: "pipeline".to_owned(),
            host_cluster: host.to_owned(),
            api_server: "https://8.217.50.114:6443".to_owned(),
            primary_domain: "8.217.50.114.nip.io".to_owned(),
            created_at: Some("2026-12-20T08:00:00Z".to_owned()),
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
                    approved: None,
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
    fn a_narrow_window_leaves_columns_out_and_breaks_no_name() {
        for (wide, width) in [
            (true, 140),
            (true, 100),
            (false, 70),
            (false, 60),
            (false, 44),
            (false, 34),
        ] {
            let table = shown(wide, Some(width));
            for line in table.lines() {
                assert!(line.chars().count() <= width, "{width}: {table}");
            }
            assert_eq!(table.lines().count(), 4, "{table}");
            for word in ["build-virtual", "Installing", "Degraded", "1/2"] {
                assert!(table.contains(word), "{width}: {table}");
            }
            insta::assert_snapshot!(format!("clusters_in_{width}_columns"), table);
        }
    }

    #[test]
    fn an_address_without_room_stands_below_its_row() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = [
            row([
                "build",
                "opened",
                "merge it",
                "!7 https://gitlab.example.com/7",
            ]),
            row(["a-longer-name", "merged", "-", "-"]),
        ];
        let shown = |width| with_addresses(&["CLUSTER", "STATE", "NEXT", "REQUEST"], &rows, width);
        let whole = shown(None);
        assert_eq!(shown(Some(64)), whole);
        insta::assert_snapshot!(whole, @r"
        CLUSTER        STATE   NEXT      REQUEST
        build          opened  merge it  !7 https://gitlab.example.com/7
        a-longer-name  merged  -         -
        ");
        // A column that a narrow window does without goes first.
        insta::assert_snapshot!(shown(Some(58)), @r"
        CLUSTER        NEXT      REQUEST
        build          merge it  !7 https://gitlab.example.com/7
        a-longer-name  -         -
        ");
        insta::assert_snapshot!(shown(Some(40)), @r"
        CLUSTER        STATE   NEXT
        build          opened  merge it
          !7 https://gitlab.example.com/7
        a-longer-name  merged  -
        ");
        insta::assert_snapshot!(shown(Some(23)), @r"
        CLUSTER        NEXT
        build          merge it
          !7 https://gitlab.example.com/7
        a-longer-name  -
        ");
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
