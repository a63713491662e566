//! Requests per second of every host at hand, beside the least that a function can do on it. Prints the
//! table of docs/performance.md. The sandbox's host is always there; `NAUTES_WASMTIME` and `NAUTES_SPIN`
//! name the programs of the others.

mod hosts;

use std::time::{Duration, Instant};

use hosts::RunningHost;
use tests::{Tenant, guide};

const NAME: &str = "physical-worker-deployment";
const CLIENTS: [usize; 2] = [1, 16];
const DURATION: Duration = Duration::from_secs(5);
/// Before it is measured: instances are made, connections opened.
const WARM_UP: Duration = Duration::from_secs(1);

/// Request to measure.
#[derive(Clone, Copy)]
enum MeasuredRequest {
    /// The floor.
    Hello,
    /// The gateway alone.
    Alive,
    /// One cluster with its status.
    Read,
    /// A cluster that is registered so already.
    SaveAgain,
}

#[tokio::main]
async fn main() {
    let tenant = Tenant::start().await;
    tenant.save(NAME, guide("v0.4", NAME)).await.ok();
    println!(
        "| host | clients | hello, world | `GET /healthz` | `GET` of a cluster | `POST` with nothing to change |"
    );
    println!("|---|---|---|---|---|---|");
    for running in hosts::all(&tenant).await {
        for clients in CLIENTS {
            let mut line = format!("| {} | {clients} |", running.name);
            for ask in [
                MeasuredRequest::Hello,
                MeasuredRequest::Alive,
                MeasuredRequest::Read,
                MeasuredRequest::SaveAgain,
            ] {
                measure(&tenant, &running, ask, clients, WARM_UP).await;
                let rate = measure(&tenant, &running, ask, clients, DURATION).await;
                line += &format!(" {rate:.0} |");
            }
            println!("{line}");
        }
    }
}

/// Answers per second; every one must be a success.
async fn measure(
    tenant: &Tenant,
    running: &RunningHost,
    ask: MeasuredRequest,
    clients: usize,
    duration: Duration,
) -> f64 {
    let client = tests::http_client();
    let started = Instant::now();
    let lanes = (0..clients).map(|_| async {
        let mut answers = 0_u32;
        while started.elapsed() < duration {
            let response = request(&client, tenant, running, ask).send().await;
            let response = response.expect("an answer");
            let status = response.status();
            let text = response.text().await.expect("a body");
            assert_eq!(status, 200, "{text}");
            answers += 1;
        }
        answers
    });
    let answers: u32 = futures::future::join_all(lanes).await.into_iter().sum();
    f64::from(answers) / started.elapsed().as_secs_f64()
}

fn request(
    client: &reqwest::Client,
    tenant: &Tenant,
    running: &RunningHost,
    ask: MeasuredRequest,
) -> reqwest::RequestBuilder {
    let cluster = format!("{}/api/v1/clusters/{NAME}", running.application());
    match ask {
        MeasuredRequest::Hello => client.get(running.hello()),
        MeasuredRequest::Alive => client.get(format!("{}/healthz", running.application())),
        MeasuredRequest::Read => client
            .get(cluster)
            .bearer_auth(&tenant.gitlab.tokens().maintainer),
        MeasuredRequest::SaveAgain => client
            .post(cluster)
            .bearer_auth(&tenant.gitlab.tokens().maintainer)
            .header("content-type", "application/json")
            .body(guide("v0.4", NAME)),
    }
}
