//! The functions' process is killed at every call that a save or a removal makes, while GitLab and
//! Kubernetes stay. The same request to a new process finishes the work: what is there in the end is what
//! an undisturbed request leads to, and nothing is there twice.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in helpers of tests too, a wrong assumption is a failed test"
)]

mod functions;
mod tenant;

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use sandbox_gitlab::FaultPoint;
use tenant::{Request, Tenant, Truth};

use crate::functions::Functions;

/// Where the process is when it is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The call with this number has been sent to GitLab, which has not acted on it.
    GitLab(u32),
    /// GitLab has made the commit and not answered.
    Committed,
    /// The call with this number has been sent to Kubernetes, which has not acted on it.
    Kubernetes(u32),
}

/// How an undisturbed request went.
struct Undisturbed {
    moments: Vec<Moment>,
    truth: Truth,
    commits: usize,
}

struct Trial<'a> {
    tenant: &'a Tenant,
    request: Request,
    undisturbed: Undisturbed,
}

impl<'a> Trial<'a> {
    /// Carries the request out and takes note of its calls.
    async fn prepare(tenant: &'a Tenant, functions: &Functions, request: Request) -> Self {
        let commits = tenant.commits();
        tenant.gitlab.clear_calls();
        tenant.kubernetes.clear_calls();
        tenant.carry_out(functions, &request).await;
        let number = |calls: usize| 0..u32::try_from(calls).unwrap();
        let gitlab = number(tenant.gitlab.calls().len()).map(Moment::GitLab);
        let kubernetes = number(tenant.kubernetes.calls().len()).map(Moment::Kubernetes);
        let moments = gitlab.chain([Moment::Committed]).chain(kubernetes);
        let undisturbed = Undisturbed {
            moments: moments.collect(),
            truth: tenant.truth(),
            commits: tenant.commits() - commits,
        };
        assert!(undisturbed.moments.len() > 12 && undisturbed.commits == 1);
        Self {
            tenant,
            request,
            undisturbed,
        }
    }

    /// Kills the process at a moment; a new one finishes the work and is returned.
    async fn run(&self, mut functions: Functions, moment: Moment) -> Functions {
        let commits = self.tenant.commits();
        self.tenant.plan(moment);
        tokio::select! {
            answer = self.tenant.send(&functions, &self.request) => {
                panic!("{self} ended before {moment:?}: {answer:?}")
            }
            () = self.tenant.reached(moment) => functions.kill(),
        }
        self.tenant.gitlab.faults().clear();
        self.tenant.kubernetes.faults().clear();
        let functions = self.tenant.functions().await;
        let gone = self.tenant.truth() == self.undisturbed.truth;
        let (status, body) = self.tenant.send(&functions, &self.request).await.unwrap();
        // A removal that has nothing left to do finds no cluster.
        let found_none = self.request.method == Method::DELETE && gone && status == 404;
        assert!(status == 200 || found_none, "{self}, {moment:?}: {body:#}");
        let differences = self.tenant.truth().differences(&self.undisturbed.truth);
        assert_eq!(differences, [""; 0], "{self}, {moment:?}");
        let made = self.tenant.commits() - commits;
        assert_eq!(made, self.undisturbed.commits, "{self}, {moment:?}");
        functions
    }

    /// The `turn`-th moment; the last one again where there are fewer.
    fn moment(&self, turn: usize) -> Moment {
        let moments = &self.undisturbed.moments;
        moments[turn.min(moments.len() - 1)]
    }
}

impl fmt::Display for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.request.method, self.request.name)
    }
}

impl Tenant {
    /// The call does not come back.
    fn plan(&self, moment: Moment) {
        use sandbox_gitlab::{Fault, FaultAction};
        match moment {
            Moment::GitLab(number) => {
                let fault = Fault::new(FaultPoint::Request, FaultAction::Hang);
                self.gitlab.faults().add(fault.after(number));
            }
            Moment::Committed => {
                let fault = Fault::new(FaultPoint::Response, FaultAction::Hang);
                let fault = fault.on(Method::POST, "/repository/commits");
                self.gitlab.faults().add(fault);
            }
            Moment::Kubernetes(number) => {
                let hang = sandbox_kubernetes::FaultAction::Hang;
                let fault = sandbox_kubernetes::Fault::once("", hang).after(number);
                self.kubernetes.faults().add(fault);
            }
        }
    }

    async fn reached(&self, moment: Moment) {
        loop {
            let reached = match moment {
                Moment::GitLab(_) | Moment::Committed => self
                    .gitlab
                    .faults()
                    .list()
                    .iter()
                    .any(|(_, struck)| *struck > 0),
                Moment::Kubernetes(_) => self.kubernetes.faults().pending().is_empty(),
            };
            if reached {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Kills during the save and during the removal of a cluster, at each call in turn.
async fn at_every_call(before: &[Request], save: Request) {
    let tenant = Tenant::start().await;
    let mut functions = tenant.functions().await;
    for request in before {
        tenant.carry_out(&functions, request).await;
    }
    let delete = Request::delete(save.name);
    let save = Trial::prepare(&tenant, &functions, save).await;
    let delete = Trial::prepare(&tenant, &functions, delete).await;
    let turns = save
        .undisturbed
        .moments
        .len()
        .max(delete.undisturbed.moments.len());
    for turn in 0..turns {
        functions = save.run(functions, save.moment(turn)).await;
        functions = delete.run(functions, delete.moment(turn)).await;
    }
}

#[tokio::test]
async fn of_a_physical_cluster() {
    let name = "physical-worker-deployment";
    at_every_call(&[], Request::save(name, name)).await;
}

#[tokio::test]
async fn of_a_virtual_cluster() {
    let (host, name) = ("cluster-host", "virtual-worker-pipeline");
    at_every_call(&[Request::save(host, host)], Request::save(name, name)).await;
}
