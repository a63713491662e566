//! Facts beside the state: labels, credentials, times.

use super::*;

#[test]
fn applications_without_the_label_are_found_by_their_names() {
    let all = worker_applications();
    let root = &all[0];
    let none = std::iter::empty;
    assert!(unlisted("worker-1", &all, none()).is_empty());
    // Everything is older than the label.
    let names = unlisted("worker-1", &[], [root].into_iter());
    let expected = [
        "worker-1",
        "worker-1-runtime",
        "worker-1-runtime-app",
        "worker-1-runtime-argocd",
        "worker-1-runtime-initial",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
    // The components are.
    let names = unlisted("worker-1", &all[..4], [root].into_iter());
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["worker-1-tekton", "worker-1-vault"]
    );
    // What Argo CD has yet to create is no reason to look for it.
    let mut roots = all[..4].to_vec();
    for child in roots[1]["status"]["resources"].as_array_mut().unwrap() {
        child["health"] = json!({"status": "Missing"});
    }
    assert!(unlisted("worker-1", &roots, none()).is_empty());
    assert_eq!(selector(&["a"]), "cluster.nautes.io/name=a");
    assert_eq!(selector(&["a", "b"]), "cluster.nautes.io/name in (a,b)");
}

#[test]
fn credentials_are_told_from_those_that_were_approved() {
    let cases = [
        (
            Some("sha256:a:b"),
            json!({"cluster.nautes.io/credentials": "sha256:a:b"}),
            Some(true),
        ),
        (
            Some("sha256:a:b"),
            json!({"cluster.nautes.io/credentials": "sha256:c:d"}),
            Some(false),
        ),
        (Some("sha256:a:b"), json!({}), Some(false)),
        (
            None,
            json!({"cluster.nautes.io/credentials": "sha256:a:b"}),
            None,
        ),
    ];
    for (in_file, annotations, expected) in cases {
        let mut cluster = worker();
        cluster.credentials = in_file.map(str::to_owned);
        let secret = json!({"metadata": {"annotations": annotations}});
        let status = of(&ClusterObservation {
            cluster: &cluster,
            applications: &[],
            root: None,
            secret: Some(&secret),
            revisions: &[],
            now: 0,
            settings: &settings(),
        });
        let approved = status.credentials.and_then(|known| known.approved);
        assert_eq!(approved, expected, "{in_file:?} {annotations}");
    }
}

#[test]
fn a_component_tells_since_when_its_health_is_so() {
    let since = |health: Value, made: Value| {
        let mut applications = worker_applications();
        let application = applications
            .iter_mut()
            .find(|application| application["metadata"]["name"] == "worker-1-tekton")
            .unwrap();
        application["status"]["health"] = health;
        application["metadata"]["creationTimestamp"] = made;
        let components = status(&applications).components;
        let tekton = components.into_iter().find(|it| it.name == "tekton");
        tekton.unwrap().since
    };
    let healthy = json!({"status": "Healthy", "lastTransitionTime": "2026-01-01T00:05:00Z"});
    let made = json!("2026-01-01T00:00:00Z");
    assert_eq!(
        since(healthy, made.clone()).as_deref(),
        Some("2026-01-01T00:05:00Z")
    );
    // Argo CD before 2.13, and what is no time.
    for health in [
        json!({"status": "Healthy"}),
        json!({"status": "Healthy", "lastTransitionTime": "soon"}),
    ] {
        assert_eq!(
            since(health, made.clone()).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
    }
    assert_eq!(since(json!({"status": "Healthy"}), json!(null)), None);
}
