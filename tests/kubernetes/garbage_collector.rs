//! Tests of what goes on by itself after a removal.

use std::time::Duration;

use crate::removing::application;
use crate::server::{ARGO, skipped};
use crate::tenant::{Tenant, worker};

#[tokio::test]
async fn with_a_garbage_collector_the_credentials_go_with_the_last_application() {
    if skipped("a garbage collector") {
        return;
    }
    let tenant = Tenant::start().await;
    let name = tenant.name("worker");
    assert_eq!(
        tenant
            .save(&name, &worker("https://a.example.com:6443"))
            .await
            .0,
        200
    );
    for rest in ["runtime", "runtime-argocd"] {
        application(&tenant, &format!("{name}-{rest}")).await;
    }
    assert_eq!(tenant.delete(&name).await.0, 200);
    let path = |rest: &str| tenant.in_argocd(ARGO, &format!("applications/{name}-{rest}"));
    tenant.server.remove(&path("runtime")).await;
    tenant.secret(&name).await;
    tenant.server.remove(&path("runtime-argocd")).await;
    for _ in 0..300 {
        if !tenant.everything().await.contains_key("secrets") {
            tenant.end().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the Secret stays");
}
