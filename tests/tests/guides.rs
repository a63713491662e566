//! Every example of the guides registers in a fresh tenant, and leaves nothing behind.

use tests::{Tenant, guide};

/// Version, cluster, and the host it needs.
const GUIDES: [(&str, &str, Option<&str>); 13] = [
    ("v0.2", "cluster-host-demo", None),
    ("v0.2", "cluster-physical-demo", None),
    ("v0.2", "cluster-virtual-demo", Some("cluster-host-demo")),
    ("v0.3.9", "cluster-host", None),
    ("v0.3.9", "physical-worker-deployment", None),
    ("v0.3.9", "physical-worker-pipeline", None),
    ("v0.3.9", "virtual-worker-deployment", Some("cluster-host")),
    ("v0.3.9", "virtual-worker-pipeline", Some("cluster-host")),
    ("v0.4", "cluster-host", None),
    ("v0.4", "physical-worker-deployment", None),
    ("v0.4", "physical-worker-pipeline", None),
    ("v0.4", "virtual-worker-deployment", Some("cluster-host")),
    ("v0.4", "virtual-worker-pipeline", Some("cluster-host")),
];

#[tokio::test]
async fn every_example_registers_and_is_removed_without_a_trace() {
    let tenant = Tenant::start().await;
    let before = tenant.files();
    for (version, name, host) in GUIDES {
        if let Some(host) = host {
            tenant.save(host, guide(version, host)).await.ok();
        }
        let saved = tenant.save(name, guide(version, name)).await;
        assert_eq!(
            saved.ok()["message"],
            format!("Successfully saved {name} cluster"),
            "{version}"
        );
        assert_eq!(
            tenant.save(name, guide(version, name)).await.ok()["commit"],
            serde_json::Value::Null,
            "{version} {name}"
        );
        assert_eq!(tenant.get(name).await.ok()["name"], name);
        tenant.delete(name).await.ok();
        if let Some(host) = host {
            tenant.delete(host).await.ok();
        }
        let after = tenant.files();
        let left: Vec<_> = after
            .keys()
            .filter(|path| !before.contains_key(*path))
            .collect();
        assert_eq!(left, Vec::<&String>::new(), "{version} {name}");
        assert_eq!(after, before, "{version} {name}");
    }
}

#[tokio::test]
async fn a_misspelt_field_is_reported_with_the_right_name() {
    let tenant = Tenant::start().await;
    tenant
        .save("cluster-host", guide("v0.3.9", "cluster-host"))
        .await
        .ok();
    let saved = tenant
        .save(
            "virtual-worker-pipeline",
            guide("v0.3.9", "virtual-worker-pipeline"),
        )
        .await
        .ok();
    let warnings = saved["warnings"].to_string();
    assert!(
        warnings.contains("teoken_host") && warnings.contains("tekton_host"),
        "{warnings}"
    );
}

#[tokio::test]
async fn a_host_with_virtual_clusters_stays() {
    let tenant = Tenant::start().await;
    tenant
        .save("cluster-host", guide("v0.4", "cluster-host"))
        .await
        .ok();
    tenant
        .save(
            "virtual-worker-pipeline",
            guide("v0.4", "virtual-worker-pipeline"),
        )
        .await
        .ok();
    let before = tenant.written();
    let problem = tenant
        .delete("cluster-host")
        .await
        .problem(409, "CLUSTER_IN_USE");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("virtual-worker-pipeline"),
        "{problem:#}"
    );
    assert_eq!(tenant.written(), before);
}
