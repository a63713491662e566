//! Distant services and many clusters: what each request takes, beside the least it could take, and a save beside cloning,
//! committing and pushing. Prints the tables of docs/performance.md; a list of numbers of clusters may be given, such as
//! `cargo bench --bench distance -- 10,1000`.

mod applications;
mod clones;
mod population;
mod steps;

use std::time::{Duration, Instant};

use reqwest::Method;
use tests::Tenant;

use clones::TemplateClones;
use population::body;

const CLUSTERS: [usize; 3] = [10, 1_000, 10_000];
const LATENCIES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(200)];
/// Requests per figure; the one in the middle is told.
const TIMES: usize = 5;

/// Requests that are measured, and the round trips that each can't do without: to GitLab and, where nothing is asked at the same time, to
/// Kubernetes.
const OPERATIONS: [(&str, usize); 4] = [
    ("a save", 3 + 1),
    ("`GET`", 2),
    ("a page of 100", 2 + 1),
    ("`DELETE`", 3 + 2),
];

#[tokio::main]
async fn main() {
    let mut git = Vec::new();
    println!(
        "| latency | clusters | request | to GitLab | one after another | to Kubernetes | takes | as many small requests alone |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for clusters in numbers() {
        let tenant = Tenant::start().await;
        let resource_file = population::register(&tenant, clusters).await;
        applications::install(&tenant, clusters, resource_file);
        for latency in LATENCIES {
            set_latency(&tenant, latency);
            let (saves, removals) = OPERATIONS.split_at(3);
            let save = measure(saves, &tenant, clusters, latency).await;
            // Git writes the files of a cluster that was just saved.
            let clones = TemplateClones::prepare(&tenant, latency).await;
            let (requests, took) = clones.save(&tenant).await;
            measure(removals, &tenant, clusters, latency).await;
            git.push((latency, clusters, requests, took, save));
            set_latency(&tenant, Duration::ZERO);
        }
    }
    println!("\n| latency | clusters | requests of git | clone, commit, push | times a save |");
    println!("|---|---|---|---|---|");
    for (latency, clusters, requests, took, save) in git {
        println!(
            "| {} ms | {clusters} | {requests} | {:.1} s | {:.0} |",
            latency.as_millis(),
            took.as_secs_f64(),
            took.as_secs_f64() / save.as_secs_f64()
        );
    }
}

fn set_latency(tenant: &Tenant, latency: Duration) {
    tenant.gitlab.set_latency(latency);
    tenant.kubernetes.set_latency(latency);
}

fn numbers() -> Vec<usize> {
    let given = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    given.map_or(CLUSTERS.to_vec(), |list| {
        list.split(',')
            .map(|it| it.parse().expect("a number"))
            .collect()
    })
}

/// A line for every operation; how long the first takes.
async fn measure(
    operations: &[(&str, usize)],
    tenant: &Tenant,
    clusters: usize,
    latency: Duration,
) -> Duration {
    let mut first = None;
    for (operation, trips) in operations {
        let (mut took, mut counts) = (Vec::new(), [0; 3]);
        for number in 0..TIMES {
            tenant.gitlab.clear_calls();
            tenant.kubernetes.clear_calls();
            let started = Instant::now();
            carry_out(tenant, operation, latency, number).await;
            took.push(started.elapsed());
            let calls = tenant.gitlab.calls();
            counts = [
                calls.len(),
                steps::count(&calls),
                tenant.kubernetes.calls().len(),
            ];
        }
        let (took, floor) = (middle(took), floor(tenant, *trips).await);
        first.get_or_insert(took);
        let [gitlab, steps, kubernetes] = counts;
        println!(
            "| {} ms | {clusters} | {operation} | {gitlab} | {steps} | {kubernetes} | {:.0} ms | {:.0} ms |",
            latency.as_millis(),
            took.as_secs_f64() * 1e3,
            floor.as_secs_f64() * 1e3
        );
    }
    first.unwrap_or_default()
}

async fn carry_out(tenant: &Tenant, operation: &str, latency: Duration, number: usize) {
    let name = format!("new-{}-{number}", latency.as_millis());
    match operation {
        "a save" => {
            let server = format!("https://172.16.{}.{number}:6443", latency.as_millis());
            tenant.save(&name, body(&server)).await.ok();
        }
        "`GET`" => {
            tenant.get(&name).await.ok();
        }
        "a page of 100" => {
            let token = &tenant.gitlab.tokens().maintainer;
            let request = tenant.request(Method::GET, "/api/v1/clusters?per_page=100");
            let answer = request.bearer_auth(token).send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
            answer.bytes().await.expect("a body");
        }
        _ => {
            tenant.delete(&name).await.ok();
        }
    }
}

/// As many small requests, one after another, by an ordinary client.
async fn floor(tenant: &Tenant, trips: usize) -> Duration {
    let client = tests::http_client();
    let url = format!(
        "{}/api/v4/projects/{}",
        tenant.gitlab.url(),
        tenant.gitlab.project_id()
    );
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        for _ in 0..trips {
            let request = client
                .get(&url)
                .bearer_auth(&tenant.gitlab.tokens().maintainer);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
            answer.bytes().await.expect("a body");
        }
        took.push(started.elapsed());
    }
    middle(took)
}

fn middle(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}
