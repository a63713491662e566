//! Sixteen clients that work off one queue. Who is told to try again sends the same request again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tests::{Answer, Tenant};

use crate::clusters::Cluster;

const CLIENTS: usize = 16;
/// Requests that one cluster may take.
const PATIENCE: u32 = 20;
/// A cluster that leaves does so when about so many others have been saved.
const STAY: usize = 24;

enum Job {
    Save(Cluster),
    Delete(Cluster),
}

/// Counts of what the clients have seen.
#[derive(Debug, Default)]
pub struct Seen {
    pub saved: usize,
    pub deleted: usize,
    /// Answers after which the same request was sent again, by status and reason.
    pub repeated: BTreeMap<String, usize>,
    /// The request that took the longest.
    pub slowest: Duration,
}

/// Saves all; those that leave are deleted again in the midst of it.
pub async fn run(tenant: &Tenant, clusters: Vec<Cluster>, with_deletes: bool) -> Seen {
    let jobs: VecDeque<Job> = clusters.into_iter().map(Job::Save).collect();
    let (jobs, seen) = (Mutex::new(jobs), Mutex::new(Seen::default()));
    let client = || async {
        loop {
            let job = jobs.lock().unwrap().pop_front();
            match job {
                Some(Job::Save(cluster)) => {
                    settle(&seen, &cluster.name, async || {
                        tenant.save(&cluster.name, cluster.body.clone()).await
                    })
                    .await;
                    seen.lock().unwrap().saved += 1;
                    if with_deletes && cluster.leaves {
                        let mut jobs = jobs.lock().unwrap();
                        let place = jobs.len().min(STAY);
                        jobs.insert(place, Job::Delete(cluster));
                    }
                }
                Some(Job::Delete(cluster)) => {
                    settle(&seen, &cluster.name, async || {
                        tenant.delete(&cluster.name).await
                    })
                    .await;
                    seen.lock().unwrap().deleted += 1;
                }
                None => return,
            }
        }
    };
    futures::future::join_all((0..CLIENTS).map(|_| client())).await;
    seen.into_inner().unwrap()
}

/// Sends a request until it is carried out.
async fn settle(seen: &Mutex<Seen>, name: &str, send: impl AsyncFn() -> Answer) {
    for attempt in 1.. {
        let started = Instant::now();
        let answer = send().await;
        let took = started.elapsed();
        // A statement of its own, so that the lock is not held over the pause.
        let is_done = seen.lock().unwrap().is_done(name, attempt, &answer, took);
        if is_done {
            return;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

impl Seen {
    /// Takes note of an answer; `false`: the same request is to be sent again.
    fn is_done(&mut self, name: &str, attempt: u32, answer: &Answer, took: Duration) -> bool {
        self.slowest = self.slowest.max(took);
        // Gone with an attempt whose answer was a failure.
        if answer.status == 200 || (answer.status == 404 && attempt > 1) {
            return true;
        }
        let again = matches!(answer.status, 409 | 502 | 503 | 504);
        assert!(again && attempt < PATIENCE, "{name}: {}", answer.text);
        let reason = answer.json()["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let is_race = reason == "CONCURRENT_CHANGE";
        assert!(answer.status != 409 || is_race, "{name}: {}", answer.text);
        let repeated = self.repeated.entry(format!("{} {reason}", answer.status));
        *repeated.or_default() += 1;
        false
    }
}
