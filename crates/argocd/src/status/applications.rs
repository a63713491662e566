//! Which Applications belong to a cluster.

use std::collections::{BTreeMap, BTreeSet};

use domain::Cluster;
use gather::Gather as _;
use serde_json::Value;

use super::application::Application;
use crate::names;
use crate::objects::NAME_LABEL;

/// Selects the Applications of these clusters.
#[must_use]
pub fn selector(clusters: &[&str]) -> String {
    match clusters {
        [cluster] => format!("{NAME_LABEL}={cluster}"),
        clusters => format!("{NAME_LABEL} in ({})", clusters.join(",")),
    }
}

/// Names of a cluster's Applications that a listing by its label lacks, because they are older than the label: those of
/// known names where `known` (metadata is enough) has one of them, and what the Applications of the listing hold.
#[must_use]
pub fn unlisted<'a>(
    cluster: &str,
    listed: &[Value],
    known: impl Iterator<Item = &'a Value>,
) -> BTreeSet<String> {
    let listed = || listed.iter().map(Application);
    let is_listed = |name: &str| listed().any(|application| application.name() == name);
    let mut known = known.map(|object| Application(object).name());
    let mut wanted: BTreeSet<String> = match known.any(|name| !is_listed(name)) {
        true => names::possible_roots(cluster).into_iter().gather(),
        false => BTreeSet::new(),
    };
    let own = listed().filter(|application| application.name().starts_with(cluster));
    wanted.extend(own.flat_map(|it| it.present_children()).map(str::to_owned));
    wanted.retain(|name| !is_listed(name));
    wanted
}

/// The Applications of one cluster.
pub(crate) struct ClusterApplications<'a> {
    found: BTreeMap<&'a str, Application<'a>>,
    missing: BTreeSet<String>,
}

impl<'a> ClusterApplications<'a> {
    /// Finds them among all: those every cluster of its kind has, what these hold (Argo CD does not
    /// assess the health of an Application inside another), and those that are installed in it.
    pub(crate) fn of(cluster: &Cluster, all: &'a [Value]) -> Self {
        let by_name: BTreeMap<&str, Application<'a>> = all
            .iter()
            .map(Application)
            .map(|application| (application.name(), application))
            .gather();
        let mut wanted = names::roots(cluster);
        let installed = by_name.values().filter(|a| is_installed_in(a, cluster));
        wanted.extend(installed.map(|a| a.name().to_owned()));

        let mut found = BTreeMap::new();
        let mut missing = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            match by_name.get_key_value(name.as_str()) {
                Some((name, application)) => {
                    if found.insert(*name, *application).is_none() {
                        wanted.extend(application.children().map(str::to_owned));
                    }
                }
                None => {
                    missing.insert(name);
                }
            }
        }
        Self { found, missing }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Application<'a>> + '_ {
        self.found.values().copied()
    }

    /// Names of those that should be there and are not.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &str> {
        self.missing.iter().map(String::as_str)
    }
}

/// Tells whether an Application installs a component of this cluster. What a host carries for its virtual clusters is
/// theirs, not its own.
fn is_installed_in(application: &Application<'_>, cluster: &Cluster) -> bool {
    let rest = application.name().strip_prefix(&cluster.name);
    application.destination() == Some(&cluster.name)
        && rest.is_some_and(|rest| rest.starts_with('-'))
        && !application.name().ends_with("-vcluster-app")
        && !application.name().ends_with("-vcluster-initial")
}
