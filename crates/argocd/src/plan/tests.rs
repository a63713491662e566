use domain::{Cluster, Login};
use serde_json::json;

use super::*;
use crate::fixtures::{
    client_certificate, credentials, host, settings, virtual_worker, worker, worker_applications,
};
use crate::names;
use kubernetes::Token;
use kubernetes::kind::Kind;

mod removal;

fn plan(cluster: &Cluster, access: Access<'_>, stored_secrets: &[&str]) -> Vec<Step> {
    let stored_secrets: Vec<String> = stored_secrets.iter().map(|s| (*s).to_owned()).collect();
    let plan = Install {
        cluster,
        access,
        stored_secrets: &stored_secrets,
        registered: false,
        applications: &[],
        settings: &settings(),
    };
    install(&plan).unwrap()
}

#[test]
fn what_is_installed_already_is_refreshed_where_it_is_read_from_the_repository() {
    let mut applications = worker_applications();
    let chart =
        json!({"repoURL": "https://charts.example", "chart": "vault", "targetRevision": "1"});
    applications[5]["spec"]["source"] = chart;
    let credentials = credentials(client_certificate());
    let plan = Install {
        cluster: &worker(),
        access: Access::Credentials(&credentials),
        stored_secrets: &[],
        registered: false,
        applications: &applications,
        settings: &settings(),
    };
    insta::assert_snapshot!(outline(&install(&plan).unwrap()[8..]), @r"
    patch Application argocd/worker-1-runtime-app unless Missing
    patch Application argocd/worker-1-tekton unless Missing
    ");
}

#[test]
fn what_was_a_virtual_cluster_loses_its_job_before_anything_is_written_for_it() {
    let plan = Install {
        cluster: &worker(),
        access: Access::Credentials(&credentials(client_certificate())),
        stored_secrets: &["cluster-virtual-1".to_owned()],
        registered: true,
        applications: &[],
        settings: &settings(),
    };
    insta::assert_snapshot!(outline(&install(&plan).unwrap()[3..6]), @r"
    delete Job argocd/worker-1-kubeconfig unless Missing
    force Secret argocd/cluster-10.0.0.2-3628164356
    delete Secret argocd/cluster-virtual-1 unless Missing
    ");
}

fn outline(steps: &[Step]) -> String {
    let lines: Vec<String> = steps.iter().map(|step| format!("{step:?}")).collect();
    lines.join("\n")
}

#[test]
fn a_new_worker() {
    let credentials = credentials(client_certificate());
    let steps = plan(&worker(), Access::Credentials(&credentials), &[]);
    insta::assert_snapshot!(outline(&steps), @r"
    apply AppProject argocd/tenant-1 unless FieldConflict
    apply Application argocd/tenant-1-management unless FieldConflict
    force Cluster nautes/worker-1 unless KindMissing
    force Secret argocd/cluster-10.0.0.2-3628164356
    patch Application argocd/tenant-1-management unless Missing
    patch Application argocd/worker-1-runtime unless Missing
    patch Application argocd/worker-1-runtime-argocd unless Missing
    patch Application argocd/worker-1-runtime-initial unless Missing
    patch Application argocd/worker-1-runtime-app unless Missing
    ");
}

#[test]
fn a_worker_whose_api_server_changes() {
    let credentials = credentials(client_certificate());
    let steps = plan(
        &worker(),
        Access::Credentials(&credentials),
        &["cluster-old-1"],
    );
    insta::assert_snapshot!(outline(&steps[3..5]), @r"
    force Secret argocd/cluster-10.0.0.2-3628164356
    delete Secret argocd/cluster-old-1 unless Missing
    ");
}

#[test]
fn credentials_that_are_kept() {
    let steps = plan(&host(), Access::Stored, &[]);
    insta::assert_snapshot!(outline(&steps[3..]), @r"
    keep Secret argocd/cluster-10.0.0.1-2537316535
    patch Application argocd/tenant-1-management unless Missing
    patch Application argocd/host-1 unless Missing
    ");
    let keep = steps[3].clone();
    let stored = json!({"data": {"config": "e30="}, "metadata": {}});
    let apply = keep.clone().with_stored(&stored).unwrap();
    assert_eq!(
        format!("{apply:?}"),
        "force Secret argocd/cluster-10.0.0.1-2537316535"
    );
    assert_eq!(
        keep.with_stored(&json!({})),
        Err(CredentialsError::NotStored)
    );
}

#[test]
fn credentials_that_are_kept_for_another_api_server() {
    let steps = plan(&worker(), Access::Stored, &["cluster-old-1"]);
    insta::assert_snapshot!(outline(&steps[3..5]), @r"
    keep Secret argocd/cluster-old-1
    delete Secret argocd/cluster-old-1 unless Missing
    ");
    let stored = json!({"data": {"config": "e30="}, "metadata": {}});
    let apply = steps[3].clone().with_stored(&stored).unwrap();
    assert_eq!(apply.target, names::secret(&worker(), &settings()));

    // The former run got as far as the new Secret: it is the one to keep.
    let new = names::secret(&worker(), &settings()).name;
    let steps = plan(&worker(), Access::Stored, &["cluster-old-1", &new]);
    assert_eq!(
        outline(&steps[3..6]),
        format!(
            "patch Secret argocd/{new} unless Missing\nkeep Secret argocd/{new}\ndelete Secret argocd/cluster-old-1 unless Missing"
        )
    );
}

#[test]
fn a_worker_that_is_being_uninstalled_is_taken_back() {
    let credentials = credentials(client_certificate());
    let name = names::secret(&worker(), &settings()).name;
    let steps = plan(&worker(), Access::Credentials(&credentials), &[&name]);
    assert_eq!(
        outline(&steps[3..5]),
        format!("patch Secret argocd/{name} unless Missing\nforce Secret argocd/{name}")
    );
    let Change::Patch(patch) = &steps[3].change else {
        panic!()
    };
    assert_eq!(*patch, json!({"metadata": {"ownerReferences": null}}));
}

#[test]
fn owners_are_found_without_knowing_the_usage() {
    let mut application = crate::fixtures::application("host-1", "in-cluster", &[]);
    let forgotten = Cluster {
        usage: domain::Usage::Worker,
        ..host()
    };
    assert_eq!(owners(&host(), &[application.clone()]).len(), 1);
    assert_eq!(owners(&forgotten, &[application.clone()]), []);
    application["metadata"]["ownerReferences"] =
        json!([{"kind": "ApplicationSet", "name": "host-cluster-appset"}]);
    assert_eq!(owners(&forgotten, &[application])[0].uid, "uid-of-host-1");
}

#[test]
fn a_virtual_cluster() {
    let steps = plan(&virtual_worker(), Access::Host(&host()), &["cluster-old-1"]);
    insta::assert_snapshot!(outline(&steps), @r"
    apply AppProject argocd/tenant-1 unless FieldConflict
    apply Application argocd/tenant-1-management unless FieldConflict
    force Cluster nautes/virtual-1 unless KindMissing
    delete Job argocd/virtual-1-kubeconfig unless Missing
    force Job argocd/virtual-1-kubeconfig
    patch Application argocd/tenant-1-management unless Missing
    patch Application argocd/host-1 unless Missing
    patch Application argocd/virtual-1-runtime unless Missing
    patch Application argocd/virtual-1-runtime-argocd unless Missing
    patch Application argocd/virtual-1-runtime-initial unless Missing
    patch Application argocd/virtual-1-runtime-app unless Missing
    patch Application argocd/virtual-1 unless Missing
    ");
}

#[test]
fn what_a_step_asks_and_tolerates() {
    let api = Api::new("https://k8s.example", Token::new("t").unwrap()).unwrap();
    let credentials = credentials(Login::Token("canary".to_owned()));
    let mut steps = plan(
        &worker(),
        Access::Credentials(&credentials),
        &["cluster-old-1"],
    );
    steps.extend(plan(&worker(), Access::Stored, &[]));
    assert!(!format!("{steps:?} {:?}", steps[3].change).contains("canary"));
    let requests: Vec<String> = steps
        .iter()
        .map(|step| {
            let request = step.request(&api);
            let content_type = request.headers().get("content-type");
            let content_type = content_type.map_or("", |value| value.to_str().unwrap());
            format!("{:?} {} {content_type}", step.verb(), request.method())
        })
        .collect();
    for expected in [
        "Apply PATCH application/apply-patch+yaml",
        "Patch PATCH application/merge-patch+json",
        "Delete DELETE application/json",
        "Get GET ",
    ] {
        assert!(
            requests.iter().any(|request| request == expected),
            "{requests:?}"
        );
    }

    let missing = Error::NotFound {
        message: String::new(),
    };
    let fields = Error::Conflict(Conflict::Fields(Vec::new()));
    let tolerated = |index: usize| {
        [&missing, &Error::KindMissing, &fields, &Error::Unauthorized]
            .map(|error| steps[index].tolerates(error))
    };
    assert_eq!(tolerated(0), [false, false, true, false]); // AppProject
    assert_eq!(tolerated(2), [false, true, false, false]); // Cluster
    assert_eq!(tolerated(3), [false, false, false, false]); // Secret
    assert_eq!(tolerated(4), [true, true, false, false]); // former Secret
}
