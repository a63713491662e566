//! `get`: clusters as a table.

use std::collections::BTreeMap;
use std::time::Duration;

use api::{Cluster, ClusterList};
use clap::{Args, ValueEnum};
use futures::stream::{self, StreamExt as _};
use time::OffsetDateTime;

use crate::args::{GlobalArguments, OutputFormat};
use crate::failure::CommandError;
use crate::output::{self, table};
use crate::progress::Spinner;
use crate::service::{ServiceClient, ServiceError};
use crate::terminal::Terminal;
use crate::{exit, interrupt, report, session};

/// Clusters whose status is asked for at a time.
const AT_A_TIME: usize = 8;

/// Between two looks of `--watch`: as often as a watch of one cluster looks after a while.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Arguments of `get`.
#[derive(Args)]
pub(crate) struct GetArguments {
    /// Names of clusters; all where there are none
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
    /// Go on, and print clusters that change
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
    let clusters = read(&service, &arguments, |detail| terminal.warn(detail)).await;
    drop(spinner);
    let (clusters, missing) = clusters.map_err(|error| error.with_hints(argument_of))?;
    let is_alone = clusters.is_empty() && !missing.is_empty();
    if !is_alone {
        print(&clusters, &arguments, terminal);
    }
    let is_complete = missing.is_empty();
    for error in missing {
        let format = arguments.output.into();
        report::print_service_error(error, None, format, terminal);
    }
    match (is_complete, arguments.watch && !is_alone) {
        (_, true) => watch(&service, &arguments, clusters, terminal).await,
        (true, false) => Ok(exit::DONE),
        (false, false) => Ok(exit::FAILED),
    }
}

/// The argument behind a field of the query.
fn argument_of(field: &str) -> Option<&'static str> {
    (field == "/field_selector").then_some("--selector FIELD=VALUE,…")
}

/// Clusters, and those of the names that are not registered.
type Found = (Vec<Cluster>, Vec<ServiceError>);

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
        let listed = listed.items;
        // Names need no status.
        let clusters = match arguments.output {
            GetFormat::Name => listed,
            _ => with_status(service, listed).await?,
        };
        return Ok((clusters, Vec::new()));
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
    Ok((clusters, missing))
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

fn print(clusters: &[Cluster], arguments: &GetArguments, terminal: &Terminal) {
    let format = arguments.output;
    match format {
        GetFormat::Json | GetFormat::Yaml => {
            let text = match (clusters, arguments.names.as_slice()) {
                ([only], [_]) => output::document(only, format.into()),
                _ => {
                    let list = ClusterList {
                        items: clusters.to_vec(),
                        ..ClusterList::default()
                    };
                    output::document(&list, format.into())
                }
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
            terminal.print(&rows(clusters, arguments, !arguments.no_headers, terminal));
        }
    }
}

fn rows(
    clusters: &[Cluster],
    arguments: &GetArguments,
    with_header: bool,
    terminal: &Terminal,
) -> String {
    let wide = arguments.output == GetFormat::Wide;
    let now = OffsetDateTime::now_utc();
    let rows: Vec<_> = clusters
        .iter()
        .map(|cluster| table::cluster_row(cluster, wide, now))
        .collect();
    let width = terminal.shows_results.then_some(terminal.width);
    let text = table::plain(&table::cluster_header(wide), &rows, width);
    let text = table::colour_phases(&text);
    match with_header {
        true => text,
        false => text
            .split_once('\n')
            .map_or_else(String::new, |(_, rows)| rows.to_owned()),
    }
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
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        // What can't be read was told before.
        // And what is gone by now is no failure of a watch.
        let read = match read(service, arguments, |_| {}).await {
            Ok((read, _)) => by_name(read),
            Err(error) if error.may_pass() => continue,
            Err(error) => return Err(error.into()),
        };
        let changed = read
            .iter()
            .filter(|(name, cluster)| seen.get(*name) != Some(cluster));
        let changed: Vec<Cluster> = changed.map(|(_, cluster)| cluster.clone()).collect();
        if !changed.is_empty() {
            match arguments.output {
                GetFormat::Table | GetFormat::Wide => {
                    terminal.print(&rows(&changed, arguments, false, terminal))
                }
                _ => print(&changed, arguments, terminal),
            }
        }
        for gone in seen.keys().filter(|name| !read.contains_key(*name)) {
            terminal.say(&format!("{gone} is not registered any more"));
        }
        if read.is_empty() && !arguments.names.is_empty() {
            return Ok(exit::DONE);
        }
        seen = read;
    }
}

fn by_name(clusters: Vec<Cluster>) -> BTreeMap<String, Cluster> {
    clusters
        .into_iter()
        .map(|cluster| (cluster.name.clone(), cluster))
        .collect()
}
