//! Many requests at once about clusters that have nothing to do with each other: the list of all is the one file that
//! they share.

use std::collections::BTreeSet;
use std::time::Instant;

use tests::Tenant;

use crate::clusters::{self, Cluster};
use crate::{MACHINE, clients, entries, person::LIST, sorted};

/// Clusters that the clients save, and the calls to commit that it may take: 288 when every commit had the list in it. How the
/// clients meet is up to the machine: 89 to 185 were seen. The simulation of `crates/service/tests/scenarios/crowd.rs`, where time is
/// not the machine's, is held to 120.
const SAVES: usize = 48;
const COMMITS: usize = 240;
/// Clusters that are removed at the same moment.
const DELETES: usize = 60;

/// Workers of their own, without hosts.
fn physical() -> impl Iterator<Item = Cluster> {
    let workers = clusters::workers().into_iter();
    workers.filter(|cluster| !cluster.body.contains("host_cluster"))
}

/// Calls that ask GitLab for a commit, whether or not it makes one.
fn commit_calls(tenant: &Tenant) -> usize {
    let calls = tenant.gitlab.calls();
    let commits = calls
        .iter()
        .filter(|call| call.method == "POST" && call.path.ends_with("/repository/commits"));
    commits.count()
}

/// The list has an entry for each of these clusters, and no other.
fn has_listed(tenant: &Tenant, names: impl Iterator<Item = String>) {
    let mut files = tenant.files();
    let listed = sorted(entries(files.remove(LIST)));
    let expected: BTreeSet<String> = names.map(|name| format!("{name}.yaml")).collect();
    assert_eq!(listed, expected.into_iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_clients_save_with_few_commits() {
    let _machine = MACHINE.lock().await;
    let tenant = Tenant::start().await;
    let clusters: Vec<Cluster> = physical().take(SAVES).collect();
    tenant.gitlab.clear_calls();
    let started = Instant::now();
    let seen = clients::run(&tenant, clusters.clone(), false).await;
    let (took, commits) = (started.elapsed(), commit_calls(&tenant));
    eprintln!("{took:.1?}: {seen:?}, {commits} calls to commit");
    has_listed(&tenant, clusters.into_iter().map(|cluster| cluster.name));
    assert!(seen.repeated.is_empty(), "{seen:?}");
    assert!(commits <= COMMITS, "{commits} calls to commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_removals_at_once_are_all_carried_out() {
    let _machine = MACHINE.lock().await;
    let tenant = Tenant::start().await;
    let (stays, clusters) = (physical().last().unwrap(), physical().take(DELETES));
    let clusters: Vec<Cluster> = clusters.collect();
    let all = clusters.iter().cloned().chain([stays.clone()]).collect();
    clients::run(&tenant, all, false).await;
    tenant.gitlab.clear_calls();
    let started = Instant::now();
    let removals = clusters.iter().map(|cluster| tenant.delete(&cluster.name));
    let answers = futures::future::join_all(removals).await;
    let (took, commits) = (started.elapsed(), commit_calls(&tenant));
    eprintln!("{took:.1?}: {commits} calls to commit");
    for (cluster, answer) in clusters.iter().zip(answers) {
        assert_eq!(answer.status, 200, "{}: {}", cluster.name, answer.text);
    }
    has_listed(&tenant, [stays.name].into_iter());
}
