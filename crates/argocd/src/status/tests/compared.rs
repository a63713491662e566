//! Charts, whose revision says nothing of their values.

use super::*;

fn chart(version: &str, values: Value) -> Value {
    json!({"repoURL": "https://charts.example", "chart": "vault", "targetRevision": version,
        "helm": {"valuesObject": values}})
}

fn phase_of(spec: &Value, sync: &Value) -> Phase {
    let status = after("worker-1-vault", |application| {
        application["spec"] = spec.clone();
        application["status"]["sync"] = sync.clone();
        application["status"]["sync"]["status"] = json!("Synced");
    });
    let waits = message(&status, "vault");
    let is_ready = status.phase == Phase::Ready;
    assert_eq!(
        waits,
        if is_ready {
            ""
        } else {
            "Argo CD has not seen the last commit yet"
        }
    );
    status.phase
}

#[test]
fn a_chart_counts_once_argo_cd_has_compared_what_it_says_today() {
    let port = |number: u16| chart("1.2.3", json!({"service": {"port": number}}));
    let newer = chart("1.2.4", json!({"service": {"port": 1}}));
    // A merge patch, by which Argo CD writes its status, has no null.
    let with_null = chart(
        "1.2.3",
        json!({"service": {"port": 1, "class": null}, "image": null}),
    );
    for (source, phase) in [
        (port(1), Phase::Ready),
        (with_null, Phase::Ready),
        (port(2), Phase::Installing),
        (newer, Phase::Installing),
        (chart("1.2.3", json!({})), Phase::Installing),
    ] {
        let spec = json!({"source": source});
        let sync = json!({"revision": "1.2.3", "comparedTo": {"source": port(1)}});
        assert_eq!(phase_of(&spec, &sync), phase, "{spec}");
        let sync = json!({"revision": "1.2.3"});
        assert_eq!(phase_of(&spec, &sync), Phase::Ready, "{spec}");
    }
}

#[test]
fn each_chart_of_several_sources_counts() {
    let port = |number: u16| chart("1.2.3", json!({"port": number}));
    let ours = json!({"repoURL": "https://gitlab.example/tenant-1/management.git"});
    for (compared, phase) in [
        (json!({"sources": [port(2), ours]}), Phase::Ready),
        (json!({"sources": [port(1), ours]}), Phase::Installing),
        // It had one source.
        (json!({"source": port(2)}), Phase::Installing),
    ] {
        let spec = json!({"sources": [port(2), ours]});
        let sync = json!({"revisions": ["1.2.3", "head"], "comparedTo": compared});
        assert_eq!(phase_of(&spec, &sync), phase, "{sync}");
    }
}
