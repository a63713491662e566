//! Beside Argo CD, or what stands in for it.

use std::sync::Arc;
use std::time::Duration;

use sandbox_argocd::ArgoCd;
use sandbox_gitlab::GitLab;
use tempfile::TempDir;

use crate::server::{Server, skipped};
use crate::tenant::{Tenant, worker};

#[tokio::test]
async fn with_argo_cd_a_worker_becomes_ready_and_is_uninstalled() {
    if skipped("Argo CD") {
        return;
    }
    let data = TempDir::new().unwrap();
    let gitlab = GitLab::start(sandbox_gitlab::GitLabOptions::new(data.path()))
        .await
        .unwrap();
    let repository = gitlab.repository().to_owned();
    let server = Server::start(|options| {
        let argo = ArgoCd::new(repository, Duration::from_millis(20));
        options.controllers.push(Arc::new(argo));
    });
    // The stand-in works in Argo CD's own namespace.
    let namespaces = ["argocd", "nautes"].map(str::to_owned);
    let tenant = Tenant::over(server.await, gitlab, data, "a".to_owned(), namespaces);
    let name = tenant.name("worker");
    assert_eq!(
        tenant
            .save(&name, &worker("https://a.example.com:6443"))
            .await
            .0,
        200
    );

    let client = tenant.server.client.anew();
    let mut watch = tenant.watch(&name).await;
    let mut last = String::new();
    while let Some(text) = watch.next(&client).await {
        last = text;
    }
    assert!(last.contains("\"reason\":\"ready\""), "{last}");

    for _ in 0..300 {
        let (status, _) = tenant.delete(&name).await;
        if status == 404 {
            assert_eq!(tenant.everything().await, [].into());
            return;
        }
        assert_eq!(status, 200);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is never gone: {:#?}", tenant.everything().await);
}
