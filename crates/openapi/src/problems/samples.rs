//! The failures themselves.

use std::collections::BTreeSet;
use std::time::Duration;

use api::Reason;
use argocd::ownership::{ConflictReason, OwnershipConflict};
use domain::render::RenderError;
use domain::{Neighbours, Rejection, SaveRequest, Settings};
use http::Method;
use service::delivery::Delivery;
use service::management::Failure;
use service::problem::{self, Problem, WriteProgress};
use service::runtime::TransportError;
use service::{gateway, incoming};

use super::ProblemSample;

const NAME: &str = "physical-worker-deployment";
/// The request that all of them answer.
pub(super) const PATH: &str = "/api/v1/clusters/physical-worker-deployment";
const LIMIT: Duration = Duration::from_secs(30);

/// One of each status and reason.
pub(crate) fn samples() -> Vec<ProblemSample> {
    let own = [caller(), conflicts(), service(), upstream()].into_iter();
    let own = own.flatten().map(|row| (row, false));
    let of_gateways = gateways().into_iter().map(|row| (row, true));
    let mut names = BTreeSet::new();
    own.chain(of_gateways)
        .filter_map(|((when, problem), is_of_gateway)| {
            let problem = problem?;
            let mut name = problem.reason.to_string();
            if !names.insert(name.clone()) {
                name = format!("{name}_{}", problem.status);
            }
            Some(ProblemSample {
                problem,
                name,
                when,
                is_of_gateway,
            })
        })
        .collect()
}

/// What an operator's own gateway answers (`deploy/gateways`), whatever is asked.
fn gateways() -> Vec<Row> {
    let row = |when, status, reason, detail: &str| {
        let problem = Problem::new(status, reason, detail.to_owned());
        (when, Some(problem.header("retry-after", "1")))
    };
    let refused = Problem::new(
        400,
        Reason::RequestRefused,
        "the request cannot be passed on",
    );
    vec![
        row(
            "of a gateway before the service: too many requests from one address; wait as long as `Retry-After` says. \
             Traefik's are plain text",
            429,
            Reason::TooManyRequests,
            "too many requests from this address; wait as long as Retry-After says",
        ),
        (
            "a function did not answer the gateway, or the service a gateway before it",
            Some(gateway::unreachable(
                gateway::Function::Save,
                &TransportError::Timeout(LIMIT),
            )),
        ),
        (
            "of a gateway before the service, with any status that is not in this list: it can't pass the request on",
            Some(refused),
        ),
    ]
}

type Row = (&'static str, Option<Problem>);

fn caller() -> Vec<Row> {
    vec![
        (
            "the body is neither JSON nor YAML; says where and, for a known slip, what to write instead",
            malformed(),
        ),
        ("no token, or GitLab refuses it", Some(problem::no_token())),
        (
            "no member of the tenant configuration repository, no right to push to its branch, a token without \
             the scope `api`, or a push rule: `detail` says which",
            Some(problem::push_forbidden("main", None, Delivery::Commit)),
        ),
        (
            "no such cluster is registered",
            Some(problem::cluster_not_found(NAME)),
        ),
        (
            "there is nothing at this path",
            Some(incoming::no_route("/api/v2/clusters")),
        ),
        (
            "the path has other methods, which `Allow` names",
            gateway::route(&Method::PUT, PATH).err(),
        ),
        (
            "the body is larger than 256 KiB",
            Some(incoming::body_too_large()),
        ),
        (
            "the body did not arrive within 10 seconds",
            Some(incoming::body_too_slow()),
        ),
        (
            "the content type is neither JSON nor YAML",
            rejected(Rejection::UnsupportedMediaType("text/html".into())),
        ),
        ("rules do not hold: `violations` has all of them", invalid()),
        (
            "as many clusters are watched as may be, with this token or in all; wait as long as `Retry-After` says",
            Some(problem::too_many_watches(
                "4 watches with this token are running, and no more may",
            )),
        ),
    ]
}

fn conflicts() -> Vec<Row> {
    vec![
        (
            "another cluster, named in `cluster`, has this API server",
            rejected(Rejection::ApiServerInUse("cluster-host".into())),
        ),
        (
            "the management cluster has an object of this cluster's name, named in `object`, that this service did \
             not write",
            Some(taken(ConflictReason::Name)),
        ),
        (
            "the object of the management cluster that would be written, named in `object`, is about to go with a \
             removal; wait as long as `Retry-After` says",
            Some(taken(ConflictReason::Removal)),
        ),
        (
            "virtual clusters or products, named in `dependants`, depend on the cluster",
            rejected(Rejection::ClusterInUse(vec![
                "virtual-worker-pipeline".into(),
            ])),
        ),
        (
            "other writers were faster until the retries were used up; wait as long as `Retry-After` says",
            Some(problem::concurrent_change(
                "other writers were faster each time; nothing was written; send the request again",
            )),
        ),
        (
            "with `sync=true`: the branch does not have what the request asks for; `merge_request` is the one that \
             may bring it",
            Some(problem::not_merged("main", "31 files differ", None)),
        ),
        (
            "where nothing is committed: the credentials that are sent or stored are not those that the branch \
             approves; `merge_request` is the one that may bring their approval",
            Some(problem::credentials_not_approved(NAME, "main", true)),
        ),
        (
            "with `adopt=true` and delivery by merge request: what was merged does not say that objects of others are \
             taken over",
            Some(problem::adoption_not_approved(NAME, "main")),
        ),
        (
            "with `force=true` and delivery by merge request: what was merged does not say that the cluster is \
             removed by force",
            Some(problem::force_not_approved(NAME, "main")),
        ),
        (
            "a file in the repository, named in `path`, is broken; nothing is guessed, and nobody's work rewritten",
            Some(problem::unrenderable(&RenderError::UnreadableFile {
                path: "nautes/overlays/production/clusters/kustomization.yaml".into(),
                message: "it is no YAML".into(),
            })),
        ),
    ]
}

/// A Secret that stands against a save.
fn taken(reason: ConflictReason) -> Problem {
    problem::taken(&OwnershipConflict {
        target: Box::new(
            kubernetes::Kind::SECRET.target("argocd", "cluster-8.217.50.114-3628164356"),
        ),
        cluster: (reason == ConflictReason::Removal).then(|| "cluster-host".to_owned()),
        reason,
        adoptable: reason == ConflictReason::Name,
    })
}

fn service() -> Vec<Row> {
    vec![
        (
            "a setting or the catalog is missing or wrong: the operator's to mend",
            Some(problem::misconfigured(&"kubernetes_url is not a URL")),
        ),
        (
            "a fault of the service",
            Some(Problem::new(
                500,
                Reason::Internal,
                "the request can't be handed on",
            )),
        ),
        (
            "GitLab or the management cluster does not answer",
            Some(
                Problem::new(503, Reason::NotReady, "GitLab does not answer")
                    .header("retry-after", "5"),
            ),
        ),
    ]
}

fn upstream() -> Vec<Row> {
    let refused = || TransportError::Broken("connection refused".into());
    let gitlab = |error: TransportError| problem::gitlab_before_writing(error.into());
    let secret = |verb, error| Failure::NoAnswer {
        error,
        verb,
        target: Box::new(
            kubernetes::Kind::SECRET.target("argocd", "cluster-8.217.50.114-3628164356"),
        ),
    };
    let kubernetes = |error| {
        let failure = secret(kubernetes::Verb::Get, error);
        Some(problem::from_kubernetes(&failure, WriteProgress::Nothing))
    };
    let commit = api::Commit {
        id: "2f1c…".to_owned(),
        web_url: "https://gitlab.example.com/…".to_owned(),
        files_changed: 38,
    };
    vec![
        (
            "GitLab is broken; says whether anything was written",
            Some(gitlab(refused())),
        ),
        (
            "GitLab is slow; says whether anything was written",
            Some(gitlab(TransportError::Timeout(LIMIT))),
        ),
        (
            "GitLab's rate limit; wait as long as `Retry-After` says",
            Some(problem::gitlab_before_writing(
                gitlab::Error::RateLimited {
                    retry_after: Some(30),
                }
                .into(),
            )),
        ),
        (
            "the management cluster is broken; says whether anything was written",
            kubernetes(refused()),
        ),
        (
            "the management cluster is slow; says whether anything was written",
            kubernetes(TransportError::Timeout(LIMIT)),
        ),
        (
            "the commit is in the repository, the management cluster refused: the same request again finishes the work",
            Some(
                secret(kubernetes::Verb::Apply, refused()).after_commit(NAME, Some(commit.clone())),
            ),
        ),
        (
            "the commit is in the repository, the management cluster did not answer in time: the same request again finishes \
             the work",
            Some(
                secret(kubernetes::Verb::Apply, TransportError::Timeout(LIMIT))
                    .after_commit(NAME, Some(commit)),
            ),
        ),
    ]
}

fn rejected(rejection: Rejection) -> Option<Problem> {
    Some(problem::rejected(rejection, NAME))
}

fn malformed() -> Option<Problem> {
    let body = "{\n  \"api_server\": \"https://8.217.50.114:6443\", # the API server\n  \"usage\": \"worker\"\n}";
    let rejection = domain::survey(&request(body)).err()?;
    rejected(rejection)
}

fn invalid() -> Option<Problem> {
    let body = r#"{"api_server": "http://8.217.50.114:6443", "cluster_type": "physical", "usage": "host", "worker_type": "pipeline"}"#;
    let settings = Settings::default();
    let rejection = domain::check(&request(body), &Neighbours::default(), &settings).err()?;
    rejected(rejection)
}

fn request(body: &str) -> SaveRequest {
    SaveRequest {
        name: NAME.into(),
        content_type: None,
        body: body.into(),
    }
}
