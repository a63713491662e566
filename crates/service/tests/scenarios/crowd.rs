//! Many writers at once: how many commits they ask GitLab for, and that nothing is lost. The clock is simulated, so that
//! the figures are the same on every machine (`cargo test -p service --test scenarios crowd -- --nocapture`).

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::fmt::{Display, Formatter};
use std::time::Duration;

use serde_json::Value;
use service::runtime::Request;

use crate::gitlab_service::{Files, GitLab};
use crate::native::Native;
use crate::setting::{KUSTOMIZATION, outcome, registered, request, settings, worker};
use crate::simulated::{Distance, Simulated};

/// Clients, and the clusters that they save.
const CLIENTS: usize = 16;
const SAVES: usize = 48;
/// Removals at the same moment.
const REMOVALS: usize = 60;

const NEAR: Distance = Distance {
    call: 10_000,
    window: 2_000,
    commit: 10_000,
};
const FAR: Distance = Distance {
    call: 100_000,
    window: 5_000,
    commit: 60_000,
};

fn name(number: usize) -> String {
    format!("worker-{number:02}")
}

fn body(number: usize) -> Value {
    worker(&format!("https://10.2.0.{number}:6443"))
}

/// What came of a crowd.
struct Seen {
    commits: usize,
    refused: usize,
    reads: usize,
    took: Duration,
    slowest: Duration,
}

impl Display for Seen {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (commits, refused, reads) = (self.commits, self.refused, self.reads);
        let (took, slowest) = (self.took, self.slowest);
        write!(
            f,
            "{commits} calls to commit, {refused} of them refused, {reads} others; {took:.1?}, the slowest {slowest:.1?}"
        )
    }
}

/// So many clients work off the requests; each has to succeed at once.
fn crowd(world: &Simulated, clients: usize, requests: Vec<Request>) -> Seen {
    let queue = RefCell::new(VecDeque::from(requests));
    let slowest = RefCell::new(Duration::ZERO);
    let settings = settings();
    let client = || async {
        loop {
            let next = queue.borrow_mut().pop_front();
            let Some(request) = next else { return };
            let (client, began) = (world.client(), world.now());
            let answer = match *request.method() {
                http::Method::DELETE => {
                    service::delete(&client, &Native, &settings, &request).await
                }
                _ => service::save(&client, &Native, &settings, &request).await,
            };
            let (status, body) = outcome(Some(answer)).unwrap();
            assert_eq!(status, 200, "{body}");
            let took = world.now() - began;
            slowest.replace_with(|slowest| took.max(*slowest));
        }
    };
    let began = world.now();
    {
        let mut inner = world.0.borrow_mut();
        (inner.commits, inner.refused, inner.reads) = (0, 0, 0);
    }
    world.run((0..clients).map(|_| Box::pin(client()) as _).collect());
    let inner = world.0.borrow();
    Seen {
        commits: inner.commits,
        refused: inner.refused,
        reads: inner.reads,
        took: world.now() - began,
        slowest: slowest.into_inner(),
    }
}

fn saves(numbers: impl Iterator<Item = usize>) -> Vec<Request> {
    numbers
        .map(|number| request("POST", &name(number), &body(number)))
        .collect()
}

fn files(world: &Simulated) -> Files {
    world.0.borrow().gitlab.head()
}

/// The same clusters registered one after another.
fn one_by_one(numbers: impl IntoIterator<Item = usize>) -> Files {
    let clusters: Vec<(String, Value)> =
        numbers.into_iter().map(|it| (name(it), body(it))).collect();
    let clusters: Vec<(&str, Value)> = clusters
        .iter()
        .map(|(name, body)| (&**name, body.clone()))
        .collect();
    let memory = registered(&clusters);
    let inner = memory.0.borrow();
    inner.gitlab.head()
}

#[track_caller]
fn is_same(files: &Files, expected: &Files) {
    let paths = |files: &Files| files.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(paths(files), paths(expected));
    let list = |files: &Files| String::from_utf8(files[KUSTOMIZATION].clone()).unwrap();
    assert_eq!(list(files), list(expected));
    assert_eq!(files, expected);
}

fn begun() -> GitLab {
    crate::setting::memory().0.take().gitlab
}

#[test]
fn sixteen_clients_save_with_few_commits() {
    let expected = one_by_one(0..SAVES);
    for (distance, seed) in [(NEAR, 0), (NEAR, 1), (FAR, 2)] {
        let world = Simulated::new(begun(), distance, seed);
        let seen = crowd(&world, CLIENTS, saves(0..SAVES));
        eprintln!("seed {seed}: {seen}");
        is_same(&files(&world), &expected);
        assert!(seen.commits <= 120, "seed {seed}: {seen}");
    }
}

#[test]
fn sixty_removals_at_once_are_all_carried_out() {
    let expected = one_by_one(REMOVALS..=REMOVALS);
    let world = Simulated::new(begun(), NEAR, 0);
    crowd(&world, 1, saves(0..=REMOVALS));
    let removals = (0..REMOVALS).map(|it| request("DELETE", &name(it), &Value::Null));
    let seen = crowd(&world, REMOVALS, removals.collect());
    eprintln!("{seen}");
    is_same(&files(&world), &expected);
    assert!(seen.commits <= 4 * REMOVALS, "{seen}");
}
