use domain::{Cluster, Login};
use serde_json::json;

use super::*;
use crate::fixtures::{
    client_certificate, credentials, host, settings, virtual_worker, worker, worker_applications,
};
use crate::names;
use crate::ownership::{HeldObject, Holdings};
use kubernetes::BearerToken;
use kubernetes::kind::Kind;

mod removal;

/// With these Secrets there, each of the uid `uid-of-{name}`, and these Applications.
fn holding(secrets: &[&str], applications: &[Value]) -> Holdings {
    let held = |name: &&str| HeldObject {
        name: (*name).to_owned(),
        uid: format!("uid-of-{name}"),
        resource_version: None,
        credentials: None,
        is_owned: true,
    };
    Holdings {
        secrets: secrets.iter().map(held).collect(),
        applications: applications.to_vec(),
        ..Holdings::default()
    }
}

fn plan_with(cluster: &Cluster, access: ClusterAccess<'_>, holdings: &Holdings) -> Vec<Step> {
    let plan = InstallInput {
        resource_file: None,
        cluster,
        access,
        holdings,
        job_image: "image",
        settings: &settings(),
    };
    install(&plan).unwrap()
}

fn plan(cluster: &Cluster, access: ClusterAccess<'_>, secrets: &[&str]) -> Vec<Step> {
    plan_with(cluster, access, &holding(secrets, &[]))
}

#[test]
fn what_is_installed_already_is_refreshed_where_it_is_read_from_the_repository() {
    let mut applications = worker_applications();
    let chart =
        json!({"repoURL": "https://charts.example", "chart": "vault", "targetRevision": "1"});
    applications[5]["spec"]["source"] = chart;
    let credentials = credentials(client_certificate());
    let steps = plan_with(
        &worker(),
        ClusterAccess::Credentials(&credentials),
        &holding(&[], &applications),
    );
    insta::assert_snapshot!(outline(&steps[4..]), @r"
    patch Application argocd/tenant-1-management unless Missing
    patch Application argocd/worker-1-runtime unless Missing
    patch Application argocd/worker-1-runtime-argocd unless Missing
    patch Application argocd/worker-1-runtime-initial unless Missing
    patch Application argocd/worker-1-runtime-app unless Missing
    patch Application argocd/worker-1-tekton unless Missing
    ");
    let Change::Patch(patch) = &steps[5].change else {
        panic!()
    };
    assert_eq!(patch["metadata"]["uid"], "uid-of-worker-1-runtime");
}

#[test]
fn what_was_a_virtual_cluster_loses_its_job_before_anything_is_written_for_it() {
    let holdings = Holdings {
        job: Some("7".to_owned()),
        ..holding(&["cluster-virtual-1"], &[])
    };
    let credentials = credentials(client_certificate());
    let steps = plan_with(
        &worker(),
        ClusterAccess::Credentials(&credentials),
        &holdings,
    );
    insta::assert_snapshot!(outline(&steps[3..6]), @r"
    delete Job argocd/worker-1-kubeconfig unless Missing
    apply Secret argocd/cluster-10.0.0.2-3628164356
    delete Secret argocd/cluster-virtual-1 unless Missing
    ");
    assert!(steps[3].is_known() && steps[5].is_known());
}

#[test]
fn what_is_known_is_written_by_its_uid_and_what_is_not_takes_nothing_over() {
    let name = names::secret(&worker(), &settings()).name;
    let credentials = credentials(client_certificate());
    let holdings = Holdings {
        resource: Some("8".to_owned()),
        ..holding(&[&name], &[])
    };
    let uids = |steps: &[Step]| -> Vec<(bool, Value)> {
        let applied = steps.iter().filter_map(|step| match &step.change {
            Change::Apply { object, force } => Some((*force, object["metadata"]["uid"].clone())),
            _ => None,
        });
        applied.skip(2).collect()
    };
    let access = ClusterAccess::Credentials(&credentials);
    let known = plan_with(&worker(), access, &holdings);
    let uid = json!(format!("uid-of-{name}"));
    assert_eq!(uids(&known), [(true, json!("8")), (true, uid.clone())]);
    let unknown = plan_with(&worker(), access, &Holdings::default());
    assert_eq!(uids(&unknown), [(false, json!(null)), (false, json!(null))]);

    let kept = plan_with(&worker(), ClusterAccess::Stored, &holdings);
    let stored = stored(&worker());
    let kept = kept[4].clone().with_stored(&stored).unwrap();
    assert_eq!(
        uids(&[known[0].clone(), known[1].clone(), kept]),
        [(true, uid)]
    );
}

/// The Secret of a cluster, with credentials.
fn stored(cluster: &Cluster) -> Value {
    let mut secret = crate::objects::stored_cluster_secret(cluster, &settings());
    secret["data"]["config"] = json!("e30=");
    secret
}

fn outline(steps: &[Step]) -> String {
    let lines: Vec<String> = steps.iter().map(|step| format!("{step:?}")).collect();
    lines.join("\n")
}

#[test]
fn a_new_worker() {
    let credentials = credentials(client_certificate());
    let steps = plan(&worker(), ClusterAccess::Credentials(&credentials), &[]);
    insta::assert_snapshot!(outline(&steps), @r"
    apply AppProject argocd/tenant-1 unless FieldConflict
    apply Application argocd/tenant-1-management unless FieldConflict
    apply Cluster nautes/worker-1 unless KindMissing
    apply Secret argocd/cluster-10.0.0.2-3628164356
    patch Application argocd/tenant-1-management unless Missing
    ");
}

#[test]
fn a_worker_whose_api_server_changes() {
    let credentials = credentials(client_certificate());
    let steps = plan(
        &worker(),
        ClusterAccess::Credentials(&credentials),
        &["cluster-old-1"],
    );
    insta::assert_snapshot!(outline(&steps[3..5]), @r"
    apply Secret argocd/cluster-10.0.0.2-3628164356
    delete Secret argocd/cluster-old-1 unless Missing
    ");
}

#[test]
fn credentials_that_are_kept() {
    let steps = plan(&host(), ClusterAccess::Stored, &[]);
    insta::assert_snapshot!(outline(&steps[3..]), @r"
    keep Secret argocd/cluster-10.0.0.1-2537316535
    patch Application argocd/tenant-1-management unless Missing
    ");
    let keep = steps[3].clone();
    let stored = stored(&host());
    let apply = keep.clone().with_stored(&stored).unwrap();
    assert_eq!(
        format!("{apply:?}"),
        "apply Secret argocd/cluster-10.0.0.1-2537316535"
    );
    assert_eq!(
        keep.with_stored(&json!({})),
        Err(CredentialsError::NotStored)
    );
}

#[test]
fn credentials_of_another_api_server_are_not_kept() {
    let steps = plan(&worker(), ClusterAccess::Stored, &["cluster-old-1"]);
    let of_another = stored(&host());
    assert_eq!(
        steps[3].clone().with_stored(&of_another),
        Err(CredentialsError::NotStored)
    );
    let new = names::secret(&worker(), &settings()).name;
    assert_eq!(outline(&steps[3..4]), format!("keep Secret argocd/{new}"));

    // The former run got as far as the new Secret: it is the one to keep.
    let steps = plan(&worker(), ClusterAccess::Stored, &["cluster-old-1", &new]);
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
    let steps = plan(
        &worker(),
        ClusterAccess::Credentials(&credentials),
        &[&name],
    );
    assert_eq!(
        outline(&steps[3..5]),
        format!("patch Secret argocd/{name} unless Missing\nforce Secret argocd/{name}")
    );
    let Change::Patch(patch) = &steps[3].change else {
        panic!()
    };
    let uid = format!("uid-of-{name}");
    assert_eq!(
        *patch,
        json!({"metadata": {"ownerReferences": null, "uid": uid}})
    );
}

#[test]
fn owners_are_found_without_knowing_the_usage() {
    let mut application = crate::fixtures::application("host-1", "in-cluster", &[]);
    let forgotten = Cluster {
        usage: domain::Usage::Worker,
        ..host()
    };
    assert_eq!(
        owning_applications(&host(), &[application.clone()]).len(),
        1
    );
    assert_eq!(owning_applications(&forgotten, &[application.clone()]), []);
    application["metadata"]["ownerReferences"] =
        json!([{"kind": "ApplicationSet", "name": "host-cluster-appset"}]);
    assert_eq!(
        owning_applications(&forgotten, &[application])[0].uid,
        "uid-of-host-1"
    );
}

#[test]
fn a_virtual_cluster() {
    let applications = [crate::fixtures::application("host-1", "in-cluster", &[])];
    let holdings = Holdings {
        job: Some("7".to_owned()),
        ..holding(&["cluster-old-1"], &applications)
    };
    let steps = plan_with(&virtual_worker(), ClusterAccess::Host(&host()), &holdings);
    insta::assert_snapshot!(outline(&steps), @r"
    apply AppProject argocd/tenant-1 unless FieldConflict
    apply Application argocd/tenant-1-management unless FieldConflict
    apply Cluster nautes/virtual-1 unless KindMissing
    delete Job argocd/virtual-1-kubeconfig unless Missing
    apply Job argocd/virtual-1-kubeconfig
    patch Application argocd/tenant-1-management unless Missing
    patch Application argocd/host-1 unless Missing
    ");
}

#[test]
fn what_a_step_asks_and_tolerates() {
    let api = ClusterApi::new("https://k8s.example", BearerToken::new("t").unwrap()).unwrap();
    let credentials = credentials(Login::Token("canary".to_owned()));
    let mut steps = plan(
        &worker(),
        ClusterAccess::Credentials(&credentials),
        &["cluster-old-1"],
    );
    steps.extend(plan(&worker(), ClusterAccess::Stored, &[]));
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
    let fields = Error::Conflict(WriteConflict::Fields(Vec::new()));
    let changed = Error::Conflict(WriteConflict::Changed {
        message: String::new(),
    });
    // Another object has taken the name of the one that was to go.
    assert!(steps[4].tolerates(&changed) && !steps[5].tolerates(&changed));
    let tolerated = |index: usize| {
        [&missing, &Error::KindMissing, &fields, &Error::Unauthorized]
            .map(|error| steps[index].tolerates(error))
    };
    assert_eq!(tolerated(0), [false, false, true, false]); // AppProject
    assert_eq!(tolerated(2), [false, true, false, false]); // Cluster
    assert_eq!(tolerated(3), [false, false, false, false]); // Secret
    assert_eq!(tolerated(4), [true, true, false, false]); // former Secret
}
