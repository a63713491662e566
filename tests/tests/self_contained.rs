//! Every function as a component of its own under `wasmtime serve`: what an API gateway routes to that
//! chooses the function itself.

use reqwest::{Method, RequestBuilder};
use tests::host::{WasmtimeServe, is_sandbox};
use tests::{Answer, Log, Tenant, guide};

const NAME: &str = "physical-worker-deployment";

struct Functions {
    save: WasmtimeServe,
    read: WasmtimeServe,
    delete: WasmtimeServe,
}

async fn functions(tenant: &Tenant, log: &Log) -> Functions {
    let variables = tenant.variables();
    Functions {
        save: WasmtimeServe::start("save-cluster", &variables, log).await,
        // A log of its own: the address is looked for in it.
        read: WasmtimeServe::start("read-clusters", &variables, &Log::default()).await,
        delete: WasmtimeServe::start("delete-cluster", &variables, &Log::default()).await,
    }
}

fn request(
    tenant: &Tenant,
    function: &WasmtimeServe,
    method: Method,
    path: &str,
) -> RequestBuilder {
    let request = tests::http_client().request(method, format!("{}{path}", function.url()));
    request.bearer_auth(&tenant.gitlab.tokens().maintainer)
}

async fn answer(request: RequestBuilder) -> Answer {
    Answer::read(request.send().await.expect("no answer")).await
}

#[tokio::test]
async fn each_function_answers_without_the_gateway() {
    if is_sandbox() {
        eprintln!("skipped under the sandbox's host: it composes the functions itself");
        return;
    }
    let tenant = Tenant::start().await;
    let before = tenant.files();
    let log = Log::default();
    let Functions { save, read, delete } = functions(&tenant, &log).await;
    let path = format!("/api/v1/clusters/{NAME}");

    let ready = answer(request(&tenant, &read, Method::GET, "/readyz")).await;
    assert_eq!(ready.ok()["status"], "ok");

    let saved = request(&tenant, &save, Method::POST, &path)
        .header("content-type", "application/json")
        .body(guide("v0.4", NAME));
    let saved = answer(saved).await.ok();
    assert_eq!(
        saved["message"],
        format!("Successfully saved {NAME} cluster")
    );
    assert!(log.text().contains("\"step\""), "{}", log.text());

    let one = answer(request(&tenant, &read, Method::GET, &path))
        .await
        .ok();
    assert_eq!(one["name"], NAME);
    // The application beside them sees the same cluster: nothing is kept in an instance.
    assert_eq!(tenant.get(NAME).await.ok()["name"], NAME);

    answer(request(&tenant, &delete, Method::DELETE, &path))
        .await
        .ok();
    assert_eq!(tenant.files(), before);
    answer(request(&tenant, &read, Method::GET, &path))
        .await
        .problem(404, "CLUSTER_NOT_FOUND");
}
