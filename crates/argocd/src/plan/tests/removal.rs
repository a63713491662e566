//! Plans of removals.

use super::*;

fn removal(cluster: &Cluster, owners: &[OwningApplication], force: bool) -> Vec<Step> {
    removal_among(cluster, owners, force, &[])
}

fn removal_among(
    cluster: &Cluster,
    owners: &[OwningApplication],
    force: bool,
    applications: &[Value],
) -> Vec<Step> {
    let current = names::secret(cluster, &settings()).name;
    let virtual_cluster = cluster.cluster_type == domain::ClusterType::Virtual;
    let holdings = Holdings {
        resource: Some("8".to_owned()),
        job: virtual_cluster.then(|| "7".to_owned()),
        ..holding(&[&current, "cluster-old-1"], applications)
    };
    uninstall(&UninstallInput {
        cluster,
        holdings: &holdings,
        owners,
        force,
        settings: &settings(),
    })
}

#[test]
fn the_host_of_a_virtual_cluster_looks_at_its_folders_again() {
    let repository = settings().repository_url;
    let application = |name: &str, destination: &str, repository: &str| {
        json!({"metadata": {"name": name, "uid": "1"}, "spec": {
            "destination": {"name": destination}, "source": {"repoURL": repository, "path": "x"}}})
    };
    let applications = [
        application("host-1", "", &repository),
        application("host-1-traefik-resources", "host-1", &repository),
        application("host-1-traefik", "host-1", "https://charts.example"),
        application("other-traefik-resources", "other", &repository),
    ];
    let steps = refresh_host(&virtual_worker(), &applications, &settings());
    let names: Vec<&str> = steps.iter().map(|it| it.target.name.as_str()).collect();
    // The host itself as well, and nothing that comes from elsewhere.
    assert_eq!(names, ["host-1", "host-1-traefik-resources"]);
    assert_eq!(refresh_host(&worker(), &applications, &settings()), []);
}

#[test]
fn a_worker_goes_while_its_credentials_are_there() {
    let owners = owning_applications(&worker(), &worker_applications());
    let steps = removal_among(&worker(), &owners, false, &worker_applications());
    insta::assert_snapshot!(outline(&steps), @r"
    patch Secret argocd/cluster-10.0.0.2-3628164356 unless Missing
    patch Secret argocd/cluster-old-1 unless Missing
    delete Cluster nautes/worker-1 unless Missing
    patch Application argocd/tenant-1-management unless Missing
    patch Application argocd/worker-1-runtime unless Missing
    patch Application argocd/worker-1-runtime-argocd unless Missing
    patch Application argocd/worker-1-runtime-initial unless Missing
    patch Application argocd/worker-1-runtime-app unless Missing
    ");
    let Change::Patch(patch) = &steps[0].change else {
        panic!()
    };
    insta::with_settings!({sort_maps => true}, {
    insta::assert_json_snapshot!(patch, @r#"
    {
      "metadata": {
        "labels": {
          "cluster.nautes.io/usage": null
        },
        "ownerReferences": [
          {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "name": "worker-1-runtime",
            "uid": "uid-of-worker-1-runtime"
          },
          {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "name": "worker-1-runtime-argocd",
            "uid": "uid-of-worker-1-runtime-argocd"
          },
          {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "name": "worker-1-runtime-initial",
            "uid": "uid-of-worker-1-runtime-initial"
          }
        ],
        "uid": "uid-of-cluster-10.0.0.2-3628164356"
      }
    }
    "#);
    });
}

#[test]
fn credentials_go_at_once_where_nothing_waits_for_them() {
    let owners = owning_applications(&worker(), &worker_applications());
    for (cluster, owners, force) in [
        (worker(), &owners[..], true),
        (worker(), &[], false),
        (virtual_worker(), &owners[..], false),
    ] {
        let steps = removal(&cluster, owners, force);
        let secrets: Vec<&Step> = steps
            .iter()
            .filter(|s| s.target.kind == Kind::SECRET)
            .collect();
        assert_eq!(secrets.len(), 2);
        assert!(secrets.iter().all(|step| step.is_known()));
        let is_deleted = |step: &&Step| matches!(step.change, Change::Delete { .. });
        assert!(secrets.iter().all(is_deleted));
    }
}

#[test]
fn the_job_of_a_virtual_cluster_goes_before_its_secret() {
    let steps = removal(&virtual_worker(), &[], false);
    insta::assert_snapshot!(outline(&steps), @r"
    delete Job argocd/virtual-1-kubeconfig unless Missing
    delete Secret argocd/cluster-10.0.0.1-4027797069 unless Missing
    delete Secret argocd/cluster-old-1 unless Missing
    delete Cluster nautes/virtual-1 unless Missing
    patch Application argocd/tenant-1-management unless Missing
    ");
}

#[test]
fn an_operation_ends_with_what_is_deleted() {
    let kept = |name: &str, deleted: bool, phase: &str| {
        let (cluster, _) = name.rsplit_once('-').unwrap();
        let mut application = crate::fixtures::application(name, cluster, &[]);
        if deleted {
            application["metadata"]["deletionTimestamp"] = json!("2026-11-26T12:00:00Z");
        }
        application["operation"] = json!({"sync": {}});
        application["status"]["operationState"]["phase"] = json!(phase);
        application
    };
    let mut idle = kept("worker-1-idle", true, "Running");
    idle.as_object_mut().unwrap().remove("operation");
    let applications = [
        kept("worker-1-tekton", true, "Running"),
        kept("worker-1-vault", false, "Running"),
        kept("worker-1-hnc", true, "Terminating"),
        // Its operation has not begun: the state is that of the one before.
        kept("worker-1-traefik", true, "Succeeded"),
        kept("worker-1-b-tekton", true, "Running"),
        idle,
    ];
    for force in [false, true] {
        let steps = removal_among(&worker(), &[], force, &applications);
        let ended: Vec<_> = steps
            .iter()
            .filter(|step| step.change == Change::Patch(ended(&step.target.name)))
            .map(|step| step.target.to_string())
            .collect();
        assert_eq!(ended, ["Application argocd/worker-1-tekton"]);
    }
}

/// Ends the operation of the Application of this name that was looked at.
fn ended(name: &str) -> Value {
    let state = json!({"phase": "Terminating"});
    json!({"metadata": {"uid": format!("uid-of-{name}")}, "status": {"operationState": state}})
}

#[test]
fn nothing_goes_but_what_is_known() {
    let steps = uninstall(&UninstallInput {
        cluster: &virtual_worker(),
        holdings: &Holdings::default(),
        owners: &[],
        force: true,
        settings: &settings(),
    });
    insta::assert_snapshot!(outline(&steps), @"patch Application argocd/tenant-1-management unless Missing");
}

#[test]
fn the_project_goes_last() {
    insta::assert_snapshot!(outline(&tenant_removal(&settings())), @r"
    delete Application argocd/tenant-1-management unless Missing
    delete ApplicationSet argocd/host-cluster-appset unless Missing
    delete ApplicationSet argocd/runtime-appset unless Missing
    delete ApplicationSet argocd/runtime-argocd-appset unless Missing
    delete ApplicationSet argocd/runtime-initial-appset unless Missing
    delete AppProject argocd/tenant-1-workers unless Missing
    delete AppProject argocd/tenant-1 unless Missing
    ");
}
