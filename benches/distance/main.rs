//! A distant GitLab and many clusters: what a save takes, beside the least it could take and beside
//! cloning, committing and pushing. Prints the table of docs/performance.md; a list of numbers of
//! clusters may be given, such as `cargo bench --bench distance -- 10,1000`.

mod clones;
mod population;
mod steps;

use std::time::{Duration, Instant};

use tests::Tenant;

use clones::Clones;
use population::body;

const CLUSTERS: [usize; 3] = [10, 1_000, 10_000];
const LATENCIES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(200)];
/// Saves per figure; the one in the middle is told.
const SAVES: usize = 5;

/// One line of the table.
struct Line {
    latency: Duration,
    clusters: usize,
    requests: usize,
    steps: usize,
    save: Duration,
    floor: Duration,
    git_requests: usize,
    git: Duration,
}

#[tokio::main]
async fn main() {
    println!(
        "| latency | clusters | requests of a save | one after another | a save | the same calls alone | requests of git | clone, commit, push |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for clusters in numbers() {
        let tenant = Tenant::start().await;
        population::register(&tenant, clusters).await;
        for latency in LATENCIES {
            println!("{}", measure(&tenant, clusters, latency).await);
        }
    }
}

fn numbers() -> Vec<usize> {
    let given = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    given.map_or(CLUSTERS.to_vec(), |list| {
        list.split(',')
            .map(|it| it.parse().expect("a number"))
            .collect()
    })
}

async fn measure(tenant: &Tenant, clusters: usize, latency: Duration) -> Line {
    tenant.gitlab.set_latency(latency);
    let (mut took, mut requests, mut steps) = (Vec::new(), 0, 0);
    for number in 0..SAVES {
        let name = format!("new-{}-{number}", latency.as_millis());
        let server = format!("https://172.16.{}.{number}:6443", latency.as_millis());
        tenant.gitlab.clear_calls();
        let started = Instant::now();
        tenant.save(&name, body(&server)).await.ok();
        took.push(started.elapsed());
        let calls = tenant.gitlab.calls();
        (requests, steps) = (calls.len(), steps::count(&calls));
    }
    let floor = floor(tenant, steps).await;
    let clones = Clones::prepare(tenant, latency).await;
    let (git_requests, git) = clones.save(tenant).await;
    tenant.gitlab.set_latency(Duration::ZERO);
    Line {
        latency,
        clusters,
        requests,
        steps,
        save: middle(took),
        floor,
        git_requests,
        git,
    }
}

/// As many small requests, one after another, by an ordinary client.
async fn floor(tenant: &Tenant, steps: usize) -> Duration {
    let client = tests::http_client();
    let url = format!(
        "{}/api/v4/projects/{}",
        tenant.gitlab.url(),
        tenant.gitlab.project_id()
    );
    let mut took = Vec::new();
    for _ in 0..SAVES {
        let started = Instant::now();
        for _ in 0..steps {
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

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "| {} ms | {} | {} | {} | {:.0} ms | {:.0} ms | {} | {:.1} s |",
            self.latency.as_millis(),
            self.clusters,
            self.requests,
            self.steps,
            self.save.as_secs_f64() * 1e3,
            self.floor.as_secs_f64() * 1e3,
            self.git_requests,
            self.git.as_secs_f64(),
        )
    }
}
