//! Many requests at the same time, on a clock of their own: every call takes its time, GitLab's commit in the steps in
//! which GitLab takes it, and the same seed gives the same run.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::Value;
use service::log::Event;
use service::runtime::{Opened, Request, Response, Runtime, TransportError};

use crate::gitlab_service::GitLab;
use crate::kubernetes_service::Kubernetes;
use crate::runtime::{NOW, WatchBody};
use crate::setting::gitlab_says;

/// How far away the services are, in microseconds.
#[derive(Clone, Copy)]
pub struct Distance {
    /// A call, there and back: half as long to twice as long.
    pub call: u64,
    /// From GitLab's check of the files to its reading of the branch.
    pub window: u64,
    /// From there to the branch's move, which another commit meanwhile prevents.
    pub commit: u64,
}

pub struct World {
    pub gitlab: GitLab,
    pub kubernetes: Kubernetes,
    /// Calls that asked GitLab for a commit, and those that it refused.
    pub commits: usize,
    pub refused: usize,
    /// All other calls to GitLab.
    pub reads: usize,
    distance: Distance,
    now: Duration,
    timers: Vec<(Duration, Waker)>,
    random: u64,
}

/// The world that all requests share.
#[derive(Clone)]
pub struct Simulated(pub Rc<RefCell<World>>);

/// One request in it.
pub struct Client {
    world: Simulated,
    began: Duration,
}

type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

impl World {
    fn random(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators")
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From half of it to twice of it.
    fn about(&mut self, micros: u64) -> Duration {
        let span = micros + micros / 2;
        Duration::from_micros(micros / 2 + self.random() % span.max(1))
    }
}

impl Simulated {
    pub fn new(gitlab: GitLab, distance: Distance, seed: u64) -> Self {
        Self(Rc::new(RefCell::new(World {
            gitlab,
            kubernetes: Kubernetes::default(),
            commits: 0,
            refused: 0,
            reads: 0,
            distance,
            now: Duration::ZERO,
            timers: Vec::new(),
            random: seed,
        })))
    }

    pub fn client(&self) -> Client {
        let began = self.0.borrow().now;
        Client {
            world: self.clone(),
            began,
        }
    }

    pub fn now(&self) -> Duration {
        self.0.borrow().now
    }

    /// Runs all to their ends.
    pub fn run(&self, mut tasks: Vec<Task<'_>>) {
        let mut context = Context::from_waker(Waker::noop());
        loop {
            tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
            if tasks.is_empty() {
                return;
            }
            let mut world = self.0.borrow_mut();
            let next = world.timers.iter().map(|(at, _)| *at).min();
            world.now = next.unwrap();
            let now = world.now;
            let timers = std::mem::take(&mut world.timers);
            let (due, later): (Vec<_>, Vec<_>) = timers.into_iter().partition(|(at, _)| *at <= now);
            world.timers = later;
            drop(world);
            due.into_iter().for_each(|(_, waker)| waker.wake());
        }
    }

    async fn wait(&self, duration: Duration) {
        let until = self.now() + duration;
        poll_fn(|context| {
            let mut world = self.0.borrow_mut();
            if world.now >= until {
                return Poll::Ready(());
            }
            world.timers.push((until, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    async fn about(&self, micros: u64) {
        let duration = self.0.borrow_mut().about(micros);
        self.wait(duration).await;
    }

    /// In GitLab's order: the files are compared, the branch is read, the commit is made, and the branch moves to it if
    /// nobody has moved it meanwhile.
    async fn commit(&self, request: &Request) -> Response {
        let Distance { window, commit, .. } = self.0.borrow().distance;
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        self.0.borrow_mut().commits += 1;
        let actions = body["actions"].as_array().unwrap();
        let changed = self.0.borrow().gitlab.compared("main", actions);
        if let Some(refusal) = changed {
            self.0.borrow_mut().refused += 1;
            return refusal;
        }
        self.about(window).await;
        let head = self.0.borrow().gitlab.commits.len();
        self.about(commit).await;
        let mut world = self.0.borrow_mut();
        if world.gitlab.commits.len() != head {
            world.refused += 1;
            return gitlab_says(
                400,
                "9:reference update: reference does not point to expected object",
            );
        }
        world.gitlab.has_compared = true;
        let answer = world.gitlab.answer(request);
        world.gitlab.has_compared = false;
        world.refused += usize::from(answer.status() != 201);
        answer
    }
}

impl Runtime for Client {
    type Stream = WatchBody;

    async fn open(&self, _: Request) -> Result<Opened<WatchBody>, TransportError> {
        Err(TransportError::Broken("no watches here".to_owned()))
    }

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let world = &self.world;
        let call = world.0.borrow().distance.call;
        world.about(call / 2).await;
        let is_gitlab = request.uri().host() == Some("gitlab.example.com");
        let is_commit = is_gitlab && *request.method() == http::Method::POST;
        let answer = if is_commit {
            world.commit(&request).await
        } else {
            let mut world = world.0.borrow_mut();
            world.reads += usize::from(is_gitlab);
            match is_gitlab {
                true => world.gitlab.answer(&request),
                false => world.kubernetes.answer(&request),
            }
        };
        world.about(call / 2).await;
        Ok(answer)
    }

    async fn sleep(&self, duration: Duration) {
        self.world.wait(duration).await;
    }

    fn now(&self) -> u64 {
        NOW + self.world.now().as_secs()
    }

    fn elapsed(&self) -> Duration {
        self.world.now() - self.began
    }

    fn random(&self) -> u64 {
        self.world.0.borrow_mut().random()
    }

    fn log(&self, _: &Event<'_>) {}
}
