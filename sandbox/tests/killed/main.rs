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
use tenant::{TenantContent, TenantFixture, TenantRequest};

use crate::functions::FunctionsProcess;

/// Where the process is when it is killed.
#[derive(Debug, Clone, Copy)]
enum KillMoment {
    /// The call with this number has been sent to GitLab, which has not acted on it.
    GitLab(u32),
    /// GitLab has made the commit and not answered.
    Committed,
    /// The call with this number has been sent to Kubernetes, which has not acted on it.
    Kubernetes(u32),
}

/// How an undisturbed request went.
struct UndisturbedRun {
    moments: Vec<KillMoment>,
    truth: TenantContent,
    commits: usize,
}

struct KillTrial<'a> {
    tenant: &'a TenantFixture,
    request: TenantRequest,
    undisturbed: UndisturbedRun,
}

impl<'a> KillTrial<'a> {
    /// Carries the request out and takes note of its calls.
    async fn prepare(
        tenant: &'a TenantFixture,
        functions: &FunctionsProcess,
        request: TenantRequest,
    ) -> Self {
        let commits = tenant.commits();
        tenant.gitlab.clear_calls();
        tenant.kubernetes.clear_calls();
        tenant.carry_out(functions, &request).await;
        let number = |calls: usize| 0..u32::try_from(calls).unwrap();
        let gitlab = number(tenant.gitlab.calls().len()).map(KillMoment::GitLab);
        let kubernetes = number(tenant.kubernetes.calls().len()).map(KillMoment::Kubernetes);
        let moments = gitlab.chain([KillMoment::Committed]).chain(kubernetes);
        let undisturbed = UndisturbedRun {
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
    async fn run(&self, mut functions: FunctionsProcess, moment: KillMoment) -> FunctionsProcess {
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
    fn moment(&self, turn: usize) -> KillMoment {
        let moments = &self.undisturbed.moments;
        moments[turn.min(moments.len() - 1)]
    }
}

impl fmt::Display for KillTrial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.request.method, self.request.name)
    }
}

impl TenantFixture {
    /// The call does not come back.
    fn plan(&self, moment: KillMoment) {
        use sandbox_gitlab::{GitLabFault, GitLabFaultAction};
        match moment {
            KillMoment::GitLab(number) => {
                let fault = GitLabFault::new(FaultPoint::Request, GitLabFaultAction::Hang);
                self.gitlab.faults().add(fault.after(number));
            }
            KillMoment::Committed => {
                let fault = GitLabFault::new(FaultPoint::Response, GitLabFaultAction::Hang);
                let fault = fault.on(Method::POST, "/repository/commits");
                self.gitlab.faults().add(fault);
            }
            KillMoment::Kubernetes(number) => {
                let hang = sandbox_kubernetes::KubernetesFaultAction::Hang;
                let fault = sandbox_kubernetes::KubernetesFault::once("", hang).after(number);
                self.kubernetes.faults().add(fault);
            }
        }
    }

    async fn reached(&self, moment: KillMoment) {
        loop {
            let reached = match moment {
                KillMoment::GitLab(_) | KillMoment::Committed => self
                    .gitlab
                    .faults()
                    .list()
                    .iter()
                    .any(|(_, struck)| *struck > 0),
                KillMoment::Kubernetes(_) => self.kubernetes.faults().pending().is_empty(),
            };
            if reached {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Kills during the save and during the removal of a cluster, at each call in turn.
async fn at_every_call(before: &[TenantRequest], save: TenantRequest) {
    let tenant = TenantFixture::start().await;
    let mut functions = tenant.functions().await;
    for request in before {
        tenant.carry_out(&functions, request).await;
    }
    let delete = TenantRequest::delete(save.name);
    let save = KillTrial::prepare(&tenant, &functions, save).await;
    let delete = KillTrial::prepare(&tenant, &functions, delete).await;
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
    at_every_call(&[], TenantRequest::save(name, name)).await;
}

#[tokio::test]
async fn of_a_virtual_cluster() {
    let (host, name) = ("cluster-host", "virtual-worker-pipeline");
    at_every_call(
        &[TenantRequest::save(host, host)],
        TenantRequest::save(name, name),
    )
    .await;
}
