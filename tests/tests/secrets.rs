//! No credential appears where it does not belong.

use reqwest::Method;
use sandbox_kubernetes::{KubernetesFault, KubernetesFaultAction};
use tests::{Answer, Tenant, guide};

const NAME: &str = "physical-worker-deployment";

/// The secret parts of a guide's kubeconfig, each in the forms in which it could leak.
fn secrets(body: &str) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let kubeconfig = body["kubeconfig"].as_str().unwrap();
    let plain = String::from_utf8(STANDARD.decode(kubeconfig).unwrap()).unwrap();
    let mut secrets = vec![kubeconfig.to_owned()];
    for line in plain.lines() {
        if let Some(value) = line.trim().strip_prefix("client-key-data: ") {
            let pem = String::from_utf8(STANDARD.decode(value).unwrap()).unwrap();
            secrets.extend(
                pem.lines()
                    .filter(|line| !line.starts_with("-----"))
                    .map(str::to_owned),
            );
            secrets.push(value.to_owned());
        }
    }
    assert!(secrets.len() >= 3, "the example has no client key");
    secrets
}

#[tokio::test]
async fn kubeconfig_and_tokens_stay_out_of_git_logs_and_answers() {
    let tenant = Tenant::start().await;
    let body = guide("v0.4", NAME);
    let mut secrets = secrets(&body);
    secrets.push(tenant.gitlab.tokens().maintainer.clone());
    secrets.push(tenant.kubernetes.token().to_owned());

    let mut seen = Vec::new();
    seen.push(
        tenant
            .save(&format!("{NAME}?dry_run=true"), body.clone())
            .await
            .text,
    );
    seen.push(tenant.save(NAME, body.clone()).await.text);
    seen.push(tenant.save(NAME, body.clone()).await.text);
    seen.push(tenant.get(NAME).await.text);
    seen.push(tenant.get("").await.text);
    // Failures quote what they got more often than successes do.
    seen.push(tenant.save("other", body.clone()).await.text);
    seen.push(
        tenant
            .save(NAME, body.replace("\"usage\"", "\"usage\" \""))
            .await
            .text,
    );
    seen.push(
        tenant
            .save(NAME, body.replace("worker", "walker"))
            .await
            .text,
    );
    for query in [
        "sync=true",
        "delivery=merge-request",
        "delivery=merge-request&dry_run=true",
    ] {
        seen.push(
            tenant
                .save(&format!("{NAME}?{query}"), body.clone())
                .await
                .text,
        );
    }
    // A caller who puts a token where it does not belong.
    let token = &tenant.gitlab.tokens().maintainer;
    seen.push(
        tenant
            .get(&format!("{NAME}?private_token={token}"))
            .await
            .text,
    );
    seen.push(
        tenant
            .get(&format!("?field_selector=usage={token}"))
            .await
            .text
            .replace(token.as_str(), ""),
    );
    for path in ["/readyz", "/healthz", "/openapi.json", "/"] {
        let request = tenant.request(Method::GET, path).bearer_auth(token);
        seen.push(Answer::read(request.send().await.unwrap()).await.text);
    }
    // Services that fail, and a token that the management cluster refuses.
    tenant.kubernetes.faults().add(kubernetes_fault());
    seen.push(tenant.save(NAME, body.clone()).await.text);
    tenant.kubernetes.faults().clear();
    for query in ["?dry_run=true", "", "?force=true"] {
        seen.push(tenant.delete(&format!("{NAME}{query}")).await.text);
    }
    assert_every_operation(&tenant.log());
    seen.push(tenant.log());
    let objects = tenant.git_objects();
    assert!(objects.len() > 20, "nothing was committed");

    for secret in &secrets {
        for (number, text) in seen.iter().enumerate() {
            assert!(
                !text.contains(secret.as_str()),
                "a secret is in text {number}"
            );
        }
        for object in &objects {
            let found = object
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is in the repository");
        }
    }
}

/// Every request to the management cluster is refused.
fn kubernetes_fault() -> KubernetesFault {
    let answer =
        KubernetesFaultAction::answer(403, "application/json", r#"{"message": "forbidden"}"#);
    KubernetesFault::once("", answer).times(100)
}

/// A log in which no secret is found proves nothing about operations that are not in it.
fn assert_every_operation(log: &str) {
    for operation in [
        "SaveCluster",
        "DeleteCluster",
        "GetCluster",
        "ListClusters",
        "Readiness",
        "Liveness",
        "Description",
        "Index",
    ] {
        assert!(
            log.contains(&format!("\"operation\":\"{operation}\"")),
            "{operation}"
        );
    }
    for level in ["info", "warn", "error"] {
        assert!(log.contains(&format!("\"level\":\"{level}\"")), "{level}");
    }
}

#[tokio::test]
async fn the_canary_would_be_found() {
    let tenant = Tenant::start().await;
    let body = guide("v0.4", NAME);
    let secret = secrets(&body).remove(0);
    tenant.commit(&[("leak.txt", &format!("x{secret}y"))]).await;
    let objects = tenant.git_objects();
    let found = objects
        .iter()
        .any(|object| object.windows(secret.len()).any(|w| w == secret.as_bytes()));
    assert!(found);
}
