//! Tests of how clusters are shown: claims, views, selections.

use domain::claim;
use domain::selector::Selector;

use crate::{host, virtual_worker};

#[test]
fn a_claim_names_its_cluster() {
    let cluster = virtual_worker();
    let path = claim::path(&cluster.api_server);
    let folder = "nautes/overlays/production/api-servers";
    assert_eq!(
        path,
        format!("{folder}/cluster-8.217.50.114-3236946220.yaml")
    );
    let text = claim::to_yaml(&cluster);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "# Keeps a second cluster from being registered with this API server.",
            "apiServer: \"https://8.217.50.114:31456\"",
            "cluster: \"v-1\"",
        ]
    );
    assert_eq!(claim::owner(text.as_bytes()), Some("v-1".to_owned()));
    for other in ["", "cluster: ../x", "cluster: [", "- cluster: a"] {
        assert_eq!(claim::owner(other.as_bytes()), None, "{other}");
    }
    assert_eq!(claim::owner(b"\xff"), None);
}

#[test]
fn selectors_select() {
    let (worker, host) = (virtual_worker(), host());
    for (text, selects_worker, selects_host) in [
        ("", true, true),
        ("cluster_type=virtual", true, false),
        ("usage=host", false, true),
        ("worker_type=pipeline", true, false),
        ("worker_type=", false, true),
        ("cluster_name=v-", true, false),
        ("cluster_name=1", true, true),
        ("cluster_name=1,usage=host", false, true),
        (" usage = worker , cluster_type=virtual,", true, false),
        ("usage=worker,cluster_type=physical", false, false),
        ("clusterType=virtual,usage=worker,usage=worker", true, false),
    ] {
        let selector = Selector::parse(text).unwrap();
        assert_eq!(selector.matches(&worker), selects_worker, "{text}");
        assert_eq!(selector.matches(&host), selects_host, "{text}");
    }
}

#[test]
fn unknown_selectors_are_refused_all_at_once() {
    let violations = Selector::parse(
        "host_cluster=a,usage,usage=host,Usage=host,usage=hosts,workerType=x,usage=worker",
    )
    .unwrap_err();
    let messages: Vec<&str> = violations.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "clusters can't be selected by `host_cluster`",
            "`usage` is not of the form key=value",
            "clusters can't be selected by `Usage`",
            "`usage` is host or worker, not `hosts`",
            "`worker_type` is deployment or pipeline, not `x`",
            "`usage=worker` asks for two values at once",
        ]
    );
    for violation in violations {
        assert_eq!(violation.field, "?field_selector");
        let hint = violation.hint.unwrap();
        assert!(
            hint == "send each key once"
                || hint.contains("cluster_name, cluster_type, usage, worker_type")
        );
    }
}
