//! `get`: clusters as a table.

use std::collections::BTreeMap;
use std::time::Duration;

use api::{Cluster, ClusterList};
use clap::{Args, ValueEnum};
use futures::stream::{self, StreamExt as _};
use time::OffsetDateTime;

use super::follow::FailedLooks;
use crate::args::{GlobalArguments, OutputFormat, parse_name};
use crate::failure::CommandError;
use crate::output::{self, table};
use crate::progress::Spinner;
use crate::service::{ServiceClient, ServiceError};
use crate::terminal::Terminal;
use crate::{completion, exit, interrupt, report, session};

/// Clusters whose status is asked for at a time.
const AT_A_TIME: usize = 8;

/// Between two looks of `--watch`: as often as a watch of one cluster looks after a while.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Arguments of `get`.
#[derive(Args)]
pub(crate) struct GetArguments {
    /// Names of clusters; all where there are none
    #[arg(value_parser = parse_name, add = completion::clusters())]
    pub(crate) names: Vec<String>,
    /// Format of the clusters
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "table",
        hide_default_value = true
    )]
    pub(crate) output: GetFormat,
    /// Go on, and print clusters that change; as JSON one in a line, as YAML one behind each `---`
    #[arg(short, long)]
    pub(crate) watch: bool,
    /// Only clusters with these fields, such as usage=worker,cluster_type=physical
    #[arg(
        short = 'l',
        long,
        visible_alias = "field-selector",
        value_name = "FIELD=VALUE,…",
        conflicts_with = "names"
    )]
    pub(crate) selector: Option<String>,
    /// No header
    #[arg(long)]
    pub(crate) no_headers: bool,
}

/// Formats of clusters.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum GetFormat {
    /// A table
    Table,
    /// A table with API server, domain and message
    Wide,
    /// For programs
    Json,
    /// For programs, readable
    Yaml,
    /// Names alone
    Name,
}

impl From<GetFormat> for OutputFormat {
    fn from(format: GetFormat) -> Self {
        match format {
            GetFormat::Json => Self::Json,
            GetFormat::Yaml => Self::Yaml,
            GetFormat::Table | GetFormat::Wide | GetFormat::Name => Self::Text,
        }
    }
}

/// Prints clusters.
///
/// # Errors
/// The service refuses, or one of the names is not there.
pub(crate) async fn run(
    global: &GlobalArguments,
    arguments: GetArguments,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    let service = session::connect(global, terminal)?;
    let spinner = Spinner::start(terminal, "reading");
    let clusters = read(&service, &arguments, |detail| {
        terminal.warn_of_service(detail)
    })
    .await;
    drop(spinner);
    let (list, missing) =
        clusters.map_err(|error| error.with_hints(arguments.output.into(), argument_of))?;
    let is_alone = list.items.is_empty() && !missing.is_empty();
    if !is_alone {
        print(&list, &arguments, terminal);
    }
    let is_complete = missing.is_empty();
    for error in missing {
        // Beside a result it is for people.
        let format = match is_alone {
            true => arguments.output.into(),
            false => OutputFormat::Text,
        };
        report::print_failure(&error.into(), None, format, terminal);
    }
    match (is_complete, arguments.watch && !is_alone) {
        (_, true) => watch(&service, &arguments, list.items, terminal).await,
        (true, false) => Ok(exit::DONE),
        (false, false) => Ok(exit::FAILED),
    }
}

/// The argument behind a field of the query.
fn argument_of(field: &str) -> Option<&'static str> {
    (field == "?field_selector").then_some("--selector FIELD=VALUE,…")
}

/// Clusters, and those of the names that are not registered.
type Found = (ClusterList, Vec<ServiceError>);

async fn read(
    service: &ServiceClient,
    arguments: &GetArguments,
    warn: impl Fn(&str),
) -> Result<Found, ServiceError> {
    if arguments.names.is_empty() {
        let listed = service.list(arguments.selector.as_deref()).await?;
        for file in &listed.unreadable {
            warn(&file.detail);
        }
        // Names need no status.
        let items = match arguments.output {
            GetFormat::Name => listed.items,
            _ => with_status(service, listed.items).await?,
        };
        return Ok((ClusterList { items, ..listed }, Vec::new()));
    }
    let read = stream::iter(&arguments.names)
        .map(|name| service.get(name))
        .buffered(AT_A_TIME);
    let (mut clusters, mut missing) = (Vec::new(), Vec::new());
    for answer in read.collect::<Vec<_>>().await {
        match answer {
            Ok(cluster) => clusters.push(cluster),
            Err(error) if error.is_not_found() => missing.push(error),
            Err(error) => return Err(error),
        }
    }
    let list = ClusterList {
        items: clusters,
        ..ClusterList::default()
    };
    Ok((list, missing))
}

/// Asks for each status where the list came without.
async fn with_status(
    service: &ServiceClient,
    listed: Vec<Cluster>,
) -> Result<Vec<Cluster>, ServiceError> {
    let read = stream::iter(listed)
        .map(|cluster| async move {
            if cluster.status.is_some() {
                return Ok(cluster);
            }
            match service.get(&cluster.name).await {
                // Removed since it was listed.
                Err(error) if error.is_not_found() => Ok(cluster),
                read => read,
            }
        })
        .buffered(AT_A_TIME);
    read.collect::<Vec<_>>().await.into_iter().collect()
}

fn print(list: &ClusterList, arguments: &GetArguments, terminal: &Terminal) {
    let (clusters, format) = (list.items.as_slice(), arguments.output);
    match format {
        GetFormat::Json | GetFormat::Yaml if arguments.watch => {
            for cluster in clusters {
                terminal.print(&output::document_of_stream(cluster, format.into()));
            }
        }
        GetFormat::Json | GetFormat::Yaml => {
            let text = match (clusters, arguments.names.as_slice()) {
                ([only], [_]) => output::document(only, format.into()),
                _ => output::document(list, format.into()),
            };
            terminal.print(&text);
        }
        GetFormat::Name => {
            let names: Vec<&str> = clusters
                .iter()
                .map(|cluster| cluster.name.as_str())
                .collect();
            terminal.print(&names.join("\n"));
        }
        GetFormat::Table | GetFormat::Wide if clusters.is_empty() => {
            terminal.say("no clusters");
        }
        GetFormat::Table | GetFormat::Wide => {
            let [header, rows @ ..] = &lines(clusters, arguments, terminal)[..] else {
                return;
            };
            let header = Some(header.as_str()).filter(|_| !arguments.no_headers);
            let rows = header.into_iter().chain(rows.iter().map(String::as_str));
            terminal.print(&rows.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The table's lines: the header, and one for each cluster.
fn lines(clusters: &[Cluster], arguments: &GetArguments, terminal: &Terminal) -> Vec<String> {
    let wide = arguments.output == GetFormat::Wide;
    let now = OffsetDateTime::now_utc();
    let rows: Vec<_> = clusters
        .iter()
        .map(|cluster| table::cluster_row(cluster, wide, now))
        .collect();
    let width = terminal.shows_results.then_some(terminal.width);
    let text = table::plain(&table::cluster_header(wide), &rows, width);
    let text = table::colour_phases(&text);
    text.lines().map(str::to_owned).collect()
}

/// Prints a row again whenever its cluster has changed, and says which are gone.
async fn watch(
    service: &ServiceClient,
    arguments: &GetArguments,
    clusters: Vec<Cluster>,
    terminal: &Terminal,
) -> Result<u8, CommandError> {
    interrupt::note("nothing was changed by watching");
    let mut seen: BTreeMap<String, Cluster> = by_name(clusters);
    let failed = FailedLooks::default();
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        // What can't be read was told before.
        // And what is gone by now is no failure of a watch.
        let read = match read(service, arguments, |_| {}).await {
            Ok((read, _)) => by_name(read.items),
            Err(error) => {
                failed.note(error, |words| terminal.say(words))?;
                continue;
            }
        };
        failed.forget();
        print_changed(&read, &seen, arguments, terminal);
        for gone in seen.keys().filter(|name| !read.contains_key(*name)) {
            terminal.say(&format!("{gone} is not registered any more"));
        }
        if read.is_empty() && !arguments.names.is_empty() {
            return Ok(exit::DONE);
        }
        seen = read;
    }
}

/// Prints the clusters that are not as they were; their rows stand as those of all of them would, below the header.
fn print_changed(
    read: &BTreeMap<String, Cluster>,
    seen: &BTreeMap<String, Cluster>,
    arguments: &GetArguments,
    terminal: &Terminal,
) {
    let is_changed = |cluster: &Cluster| seen.get(&cluster.name) != Some(cluster);
    let all: Vec<Cluster> = read.values().cloned().collect();
    let is_table = matches!(arguments.output, GetFormat::Table | GetFormat::Wide);
    if !is_table {
        let changed: Vec<Cluster> = all.into_iter().filter(is_changed).collect();
        if !changed.is_empty() {
            let changed = ClusterList {
                items: changed,
                ..ClusterList::default()
            };
            print(&changed, arguments, terminal);
        }
        return;
    }
    let rows = lines(&all, arguments, terminal);
    // Nothing has been printed before the first cluster came.
    let header = rows.first().filter(|_| seen.is_empty() && !all.is_empty());
    if let Some(header) = header.filter(|_| !arguments.no_headers) {
        terminal.print(header);
    }
    for (cluster, row) in all.iter().zip(rows.iter().skip(1)) {
        if is_changed(cluster) {
            terminal.print(row);
        }
    }
}

fn by_name(clusters: Vec<Cluster>) -> BTreeMap<String, Cluster> {
    clusters
        .into_iter()
        .map(|cluster| (cluster.name.clone(), cluster))
        .collect()
}
