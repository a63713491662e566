//! Who may have installed or uninstalled what was merged: those who may write alone.

use reqwest::Method;
use serde_json::Value;
use tests::{Tenant, guide};

use super::{Body, NAME, body};

/// Proposes by a developer's request and merges it, which nobody follows up: the management cluster is as it was.
async fn merge_unfollowed(tenant: &Tenant, method: Method, name: &str, sent: String) -> Value {
    let tokens = tenant.gitlab.tokens();
    let objects = tenant.kubernetes.store().dump();
    let proposed = tenant.send(method, name, Some(&tokens.developer), sent);
    let proposed = proposed.await.ok();
    let iid = &proposed["merge_request"]["iid"];
    let (url, id) = (tenant.gitlab.url(), tenant.gitlab.project_id());
    let url = format!("{url}/api/v4/projects/{id}/merge_requests/{iid}/merge");
    let merged = tests::http_client()
        .put(url)
        .bearer_auth(&tokens.maintainer);
    assert_eq!(merged.send().await.unwrap().status(), 200);
    assert_eq!(tenant.kubernetes.store().dump(), objects);
    objects
}

/// Tokens of those who may neither write nor propose.
fn readers_and_strangers(tenant: &Tenant) -> Vec<(&'static str, String)> {
    let tokens = tenant.gitlab.tokens();
    let others = tokens.by_name().into_iter();
    others
        .filter(|(name, _)| !["maintainer", "owner", "developer"].contains(name))
        .map(|(name, token)| (name, token.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_merged_cluster_is_installed_for_those_who_may_write_alone() {
    let tenant = Tenant::start_with(&[("delivery", "merge-request")]).await;
    let objects = merge_unfollowed(&tenant, Method::POST, NAME, body(Body::Same)).await;
    for (name, token) in readers_and_strangers(&tenant) {
        for (query, sent) in [
            ("", Body::Same),
            ("", Body::Rotated),
            ("?delivery=commit", Body::Same),
            ("?sync=true", Body::Same),
            ("?sync=true", Body::Nothing),
            ("?adopt=true", Body::Same),
        ] {
            let path = format!("{NAME}{query}");
            let answer = tenant.send(Method::POST, &path, Some(&token), body(sent));
            let answer = answer.await;
            // Without a body it takes stored credentials, and there are none.
            assert!(
                [401, 403].contains(&answer.status)
                    || query == "?sync=true" && answer.status == 422,
                "{name} {query}: {}",
                answer.text
            );
            assert_eq!(tenant.kubernetes.store().dump(), objects, "{name} {query}");
        }
    }
    // Nobody has approved other credentials.
    let developer = tenant.gitlab.tokens().developer.clone();
    let path = format!("{NAME}?sync=true");
    let answer = tenant.send(Method::POST, &path, Some(&developer), body(Body::Rotated));
    answer.await.problem(409, "CREDENTIALS_NOT_APPROVED");
    assert_eq!(tenant.kubernetes.store().dump(), objects);
    let answer = tenant.send(Method::POST, NAME, Some(&developer), body(Body::Same));
    answer.await.ok();
    assert_ne!(tenant.kubernetes.store().dump(), objects);
}

#[tokio::test]
async fn a_removed_cluster_is_uninstalled_for_those_who_may_write_alone() {
    let tenant = Tenant::start_with(&[("delivery", "merge-request")]).await;
    let path = format!("{NAME}?delivery=commit");
    tenant.save(&path, guide("v0.4", NAME)).await.ok();
    let tokens = tenant.gitlab.tokens();
    let objects = merge_unfollowed(&tenant, Method::DELETE, NAME, String::new()).await;
    for (name, token) in readers_and_strangers(&tenant) {
        for query in [
            "",
            "?force=true",
            "?delivery=commit",
            "?delivery=commit&force=true",
        ] {
            let path = format!("{NAME}{query}");
            let answer = tenant
                .send(Method::DELETE, &path, Some(&token), String::new())
                .await;
            assert!(
                [401, 403].contains(&answer.status),
                "{name} {query}: {}",
                answer.text
            );
            assert_eq!(tenant.kubernetes.store().dump(), objects, "{name} {query}");
        }
    }
    let force = format!("{NAME}?force=true");
    let answer = tenant
        .send(
            Method::DELETE,
            &force,
            Some(&tokens.developer),
            String::new(),
        )
        .await;
    answer.problem(409, "FORCE_NOT_APPROVED");
    assert_eq!(tenant.kubernetes.store().dump(), objects);
    let answer = tenant
        .send(Method::DELETE, NAME, Some(&tokens.developer), String::new())
        .await;
    answer.ok();
    assert_ne!(tenant.kubernetes.store().dump(), objects);
}
