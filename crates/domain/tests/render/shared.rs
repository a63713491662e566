//! Lists that others write to as well.

use domain::render::{RenderError, SharedFiles, names, remove, render};

use crate::fixtures::{host, physical, settings};
use domain::WorkerType::Pipeline;
use domain::{Cluster, Surroundings};

fn with(kustomization: &str) -> SharedFiles {
    SharedFiles {
        kustomization: Some(kustomization.as_bytes().to_vec()),
        ..SharedFiles::default()
    }
}

fn saved(cluster: &Cluster, shared: &SharedFiles, path: &str) -> Result<String, RenderError> {
    let tree = render(cluster, &Surroundings::default(), shared, &settings())?;
    Ok(String::from_utf8(tree.files[path].clone()).unwrap())
}

fn listed(kustomization: &str) -> Result<String, RenderError> {
    saved(
        &physical(Pipeline),
        &with(kustomization),
        names::KUSTOMIZATION,
    )
}

#[test]
fn foreign_entries_and_keys_of_the_kustomization_stay() {
    let before = "kind: Kustomization\nresources:\n- z.yaml\n- a/\n- a/\ncommonAnnotations:\n  on: \"yes\"\n";
    let expected = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ncommonAnnotations:\n  \"on\": \"yes\"\nresources:\n- a/\n- physical-worker-pipeline.yaml\n- z.yaml\n";
    assert_eq!(listed(before).unwrap(), expected);
}

#[test]
fn an_empty_kustomization_is_no_obstacle() {
    let expected = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- physical-worker-pipeline.yaml\n";
    for before in ["", "# nothing\n", "resources:\n", "resources: []"] {
        assert_eq!(listed(before).unwrap(), expected, "{before:?}");
    }
}

#[test]
fn a_list_that_is_right_keeps_its_comments() {
    let before = "# mine\nresources:\n- physical-worker-pipeline.yaml # the one\n";
    assert_eq!(listed(before).unwrap(), before);
}

#[test]
fn what_is_no_kustomization_is_not_overwritten() {
    for before in [
        "- a",
        "resources: a",
        "resources: [1]",
        "a: [",
        "resources: []\nresources: []",
    ] {
        let error = listed(before).unwrap_err();
        let RenderError::UnreadableFile { path, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(path, names::KUSTOMIZATION);
    }
    let shared = SharedFiles {
        kustomization: Some(vec![0xff]),
        ..SharedFiles::default()
    };
    let error = render(
        &physical(Pipeline),
        &Surroundings::default(),
        &shared,
        &settings(),
    );
    assert!(matches!(error, Err(RenderError::UnreadableFile { .. })));
}

#[test]
fn the_set_over_the_hosts_is_the_same_whoever_they_are() {
    let set = |name: &str| {
        let cluster = Cluster {
            name: name.to_owned(),
            ..host()
        };
        let shared = SharedFiles::default();
        saved(&cluster, &shared, names::HOST_APPLICATION_SET).unwrap()
    };
    assert_eq!(set("host-a"), set("host-b"));
    let selector = "clusters:\n      selector:\n        matchLabels:\n          cluster.nautes.io/usage: host\n";
    assert!(set("host-a").contains(selector), "{}", set("host-a"));
}

#[test]
fn the_set_over_the_hosts_goes_with_the_last_of_them() {
    for other_hosts in [true, false] {
        let shared = SharedFiles {
            other_hosts,
            ..SharedFiles::default()
        };
        let tree = remove(&host(), &Surroundings::default(), &shared, &settings()).unwrap();
        let path = names::HOST_APPLICATION_SET;
        assert_eq!(tree.files.contains_key(path), other_hosts);
        assert_eq!(tree.absent.contains(path), !other_hosts);
    }
}

#[test]
fn workers_leave_the_hosts_alone() {
    let shared = SharedFiles {
        other_hosts: true,
        ..SharedFiles::default()
    };
    let tree = render(
        &physical(Pipeline),
        &Surroundings::default(),
        &shared,
        &settings(),
    )
    .unwrap();
    assert!(!tree.files.contains_key(names::HOST_APPLICATION_SET));
    assert!(tree.absent.is_empty());
}

#[test]
fn clusters_that_validation_would_refuse_are_refused() {
    let refused = |change: fn(&mut Cluster)| {
        let mut cluster = physical(Pipeline);
        change(&mut cluster);
        let error = render(
            &cluster,
            &Surroundings::default(),
            &SharedFiles::default(),
            &settings(),
        );
        error.unwrap_err()
    };
    let unreadable = |change: fn(&mut Cluster)| {
        let error = refused(change);
        assert!(
            matches!(error, RenderError::UnreadableFile { .. }),
            "{error:?}"
        );
    };
    unreadable(|cluster| cluster.name = "../../etc".into());
    unreadable(|cluster| cluster.name = "a".repeat(41));
    unreadable(|cluster| cluster.worker_type = None);
    unreadable(|cluster| cluster.host_cluster = Some("nowhere".into()));
    unreadable(|cluster| {
        cluster
            .components
            .values_mut()
            .for_each(|it| it.namespace = "a/b".into())
    });
    let error = refused(|cluster| {
        cluster
            .components
            .values_mut()
            .for_each(|it| it.additions.clear())
    });
    assert!(matches!(error, RenderError::Other(_)), "{error:?}");
}

#[test]
fn a_component_that_the_catalog_lacks_is_named() {
    let mut cluster = physical(Pipeline);
    cluster.components.values_mut().next().unwrap().name = "nginx".into();
    let error = render(
        &cluster,
        &Surroundings::default(),
        &SharedFiles::default(),
        &settings(),
    );
    let Err(RenderError::Catalog(message)) = error else {
        panic!("{error:?}");
    };
    assert!(
        message.contains("nginx") && message.contains("physical-worker-pipeline"),
        "{message}"
    );
}
