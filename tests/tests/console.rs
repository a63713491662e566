//! The console as a component: what it reaches, and that it writes nothing that nobody asked for. Every screen is tried
//! in a browser, too: `tests/console/run`.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use tests::host::skipped;
use tests::{Tenant, guide};

use crate::merge_requests::merge;

const NAME: &str = "physical-worker-deployment";
const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn tenant() -> Option<Tenant> {
    // The application in one component has no console.
    if skipped("the console is a component of its own") {
        return None;
    }
    let variables = [
        ("console_key", KEY),
        ("gitlab_oauth_client_id", sandbox_gitlab::CLIENT_ID),
    ];
    Some(Tenant::start_with(&variables).await)
}

/// A request that stays where it is sent.
fn request(tenant: &Tenant, method: Method, path: &str) -> RequestBuilder {
    // Prepares TLS for the process.
    drop(tests::http_client());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let url = format!("{}{path}", tenant.host.url());
    client.build().unwrap().request(method, url)
}

/// A form of the console's own page.
fn form(tenant: &Tenant, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    request(tenant, Method::POST, path)
        .header("origin", tenant.host.url())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

fn cookie(response: &Response) -> String {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn log_in(tenant: &Tenant) -> String {
    log_in_with(tenant, &tenant.gitlab.tokens().maintainer).await
}

async fn log_in_with(tenant: &Tenant, token: &str) -> String {
    let response = form(tenant, "/login", &[("token", token), ("to", "/")]);
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let line = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        line.contains("; HttpOnly") && line.contains("; SameSite=Strict") && !line.contains(token),
        "{line}"
    );
    cookie(&response)
}

async fn page(tenant: &Tenant, path: &str, session: &str) -> (StatusCode, String) {
    let request = request(tenant, Method::GET, path).header("cookie", session);
    let response = request.header("accept", "text/html").send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn whoever_logs_in_sees_the_clusters_and_no_token() {
    let Some(tenant) = tenant().await else { return };
    let token = tenant.gitlab.tokens().maintainer.clone();
    assert_eq!(tenant.save(NAME, guide("v0.4", NAME)).await.status, 200);
    let (status, _) = page(&tenant, "/", "").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "to the login");
    let session = log_in(&tenant).await;
    let (status, list) = page(&tenant, "/", &session).await;
    assert_eq!(status, StatusCode::OK);
    assert!(list.contains(NAME), "{list}");
    let (status, cluster) = page(&tenant, &format!("/clusters/{NAME}"), &session).await;
    assert_eq!(status, StatusCode::OK);
    for text in [list, cluster, tenant.log()] {
        assert!(!text.contains(&token), "the token shows");
    }
    let index = tenant.request(Method::GET, "/").send().await.unwrap();
    assert_eq!(
        index.headers()["content-type"],
        "application/json",
        "programs get JSON"
    );
}

#[tokio::test]
async fn a_form_of_another_site_and_a_changed_cookie_write_nothing() {
    let Some(tenant) = tenant().await else { return };
    assert_eq!(tenant.save(NAME, guide("v0.4", NAME)).await.status, 200);
    let session = log_in(&tenant).await;
    let written = tenant.written();
    let path = format!("/clusters/{NAME}/remove");
    let fields = [("confirm", NAME), ("action", "commit")];
    let foreign = form(&tenant, &path, &fields).header("cookie", &session);
    let mut foreign = foreign.build().unwrap();
    foreign
        .headers_mut()
        .insert("origin", "https://evil.example".parse().unwrap());
    let answer = tests::http_client().execute(foreign).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let changed = session.replacen('=', "=A", 1);
    let answer = form(&tenant, &path, &fields)
        .header("cookie", changed)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let mistyped = [("confirm", "another"), ("action", "commit")];
    let answer = form(&tenant, &path, &mistyped)
        .header("cookie", &session)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    // The API itself takes no cookie.
    let direct = tenant.request(Method::DELETE, &format!("/api/v1/clusters/{NAME}"));
    let answer = direct.header("cookie", &session).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(tenant.written(), written);
}

#[tokio::test]
async fn a_watch_arrives_as_fragments() {
    let Some(tenant) = tenant().await else { return };
    assert_eq!(tenant.save(NAME, guide("v0.4", NAME)).await.status, 200);
    let session = log_in(&tenant).await;
    let request = tenant.request(Method::GET, &format!("/clusters/{NAME}/events"));
    let mut response = request.header("cookie", &session).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let piece = response.chunk().await.unwrap().unwrap();
    let text = String::from_utf8(piece.to_vec()).unwrap();
    assert!(text.starts_with("event: fragment\ndata: <"), "{text}");
}

#[tokio::test]
async fn without_a_key_nobody_logs_in_and_the_api_works() {
    if skipped("the console is a component of its own") {
        return;
    }
    let tenant = Tenant::start().await;
    let (status, text) = page(&tenant, "/login", "").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.contains("console_key"), "{text}");
    assert_eq!(tenant.get("").await.status, 200);
}

#[tokio::test]
async fn the_page_of_the_api_is_where_the_guides_look() {
    if skipped("the page of the API is a component of its own") {
        return;
    }
    let tenant = Tenant::start().await;
    for path in ["/docs", "/q/swagger-ui", "/docs/swagger-ui-bundle.js"] {
        let browser = tenant.request(Method::GET, path);
        let browser = browser.header("accept-encoding", "gzip, deflate, br");
        let answer = browser.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{path}");
        let plain = tenant.request(Method::GET, path).send().await.unwrap();
        assert!(!plain.headers().contains_key("content-encoding"), "{path}");
        assert!(plain.text().await.unwrap().len() > 500, "{path}");
    }
}

#[tokio::test]
async fn merge_requests_for_clusters_are_listed() {
    let tenant = Tenant::start().await;
    let saved = tenant
        .save(
            &format!("{NAME}?delivery=merge-request"),
            guide("v0.4", NAME),
        )
        .await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let request = tenant.request(Method::GET, "/api/v1/merge-requests");
    let request = request.bearer_auth(&tenant.gitlab.tokens().maintainer);
    let list: api::MergeRequestList = request.send().await.unwrap().json().await.unwrap();
    let [proposal] = &list.items[..] else {
        panic!("{list:?}");
    };
    assert_eq!(proposal.cluster_name, NAME);
    assert_eq!(proposal.change, api::ProposedChange::Register);
    assert_eq!(proposal.merge_request.state, "opened");
    let without = tenant
        .request(Method::GET, "/api/v1/merge-requests")
        .send()
        .await
        .unwrap();
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
}

/// Whoever may only propose still has installed and uninstalled what somebody else has merged, as it was merged.
#[tokio::test]
async fn a_developer_follows_up_what_was_merged() {
    if skipped("the console is a component of its own") {
        return;
    }
    let variables = [
        ("console_key", KEY),
        ("gitlab_oauth_client_id", sandbox_gitlab::CLIENT_ID),
        ("delivery", "merge-request"),
    ];
    let tenant = Tenant::start_with(&variables).await;
    let path = format!("{NAME}?delivery=commit");
    assert_eq!(tenant.save(&path, guide("v0.4", NAME)).await.status, 200);
    let developer = tenant.gitlab.tokens().developer.clone();
    let session = log_in_with(&tenant, &developer).await;
    let remove = format!("/clusters/{NAME}/remove");
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let form = form(&tenant, path, fields).header("cookie", &session);
        let answer = form.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let proposal = [("confirm", NAME), ("action", "propose"), ("force", "true")];
    let (status, page_of_proposal) = send(&remove, &proposal).await;
    assert_eq!(status, StatusCode::OK, "{page_of_proposal}");
    assert_eq!(merge(&tenant, &1.into()).await, 200);

    let (status, list) = page(&tenant, "/merge-requests", &session).await;
    assert_eq!(status, StatusCode::OK);
    for field in [
        r#"name="delivery" value="merge-request""#,
        r#"name="force" value="true""#,
    ] {
        assert!(list.contains(field), "{field}: {list}");
    }
    let objects = tenant.kubernetes.store().dump();
    // As the form was before: a direct commit is not theirs.
    let direct = [("confirm", NAME), ("action", "follow"), ("force", "true")];
    assert_eq!(send(&remove, &direct).await.0, StatusCode::FORBIDDEN);
    assert_eq!(tenant.kubernetes.store().dump(), objects);
    let merged = [
        ("confirm", NAME),
        ("action", "follow"),
        ("force", "true"),
        ("delivery", "merge-request"),
    ];
    let (status, removed) = send(&remove, &merged).await;
    assert_eq!(status, StatusCode::OK, "{removed}");
    assert_ne!(tenant.kubernetes.store().dump(), objects);
    // When nothing is left, nothing is to be done about the merge request any more.
    let is_gone = async || tenant.get(&format!("/{NAME}")).await.status == 404;
    for _ in 0..600 {
        if is_gone().await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let (_, list) = page(&tenant, "/merge-requests", &session).await;
    assert!(
        list.contains("Everything that was merged is installed."),
        "{list}"
    );
}

/// Whoever may only propose reviews what they would propose, whatever the operator's way is.
#[tokio::test]
async fn a_developer_reviews_what_they_may_propose() {
    let Some(tenant) = tenant().await else { return };
    assert_eq!(tenant.save(NAME, guide("v0.4", NAME)).await.status, 200);
    let session = log_in_with(&tenant, &tenant.gitlab.tokens().developer).await;
    let written = tenant.written();
    let (status, removal) = page(&tenant, &format!("/clusters/{NAME}/remove"), &session).await;
    assert_eq!(status, StatusCode::OK, "{removal}");
    assert!(removal.contains("Open merge request"), "{removal}");
    assert!(!removal.contains(r#"value="commit""#), "{removal}");
    let change = [
        ("kind", "deployment"),
        ("api_server", "https://8.217.50.114:6443"),
    ];
    let form = form(&tenant, &format!("/clusters/{NAME}/change"), &change);
    let answer = form.header("cookie", &session).send().await.unwrap();
    let (status, review) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{review}");
    assert!(review.contains(r#"value="propose""#), "{review}");
    assert!(!review.contains(r#"value="commit""#), "{review}");
    assert_eq!(tenant.written(), written);
}
