//! Pages about failures.

use api::Reason;
use http::Method;
use serde_json::json;

use crate::browser::{Browser, Functions, HOSTS, cluster};

#[test]
fn a_form_is_shown_again_also_where_the_hosts_cannot_be_listed() {
    let functions = Functions::new();
    let browser = Browser::logged_in(&functions);
    functions.refuse(HOSTS, 502, Reason::GitlabUnavailable);
    functions.find_fault(
        "POST /api/v1/clusters/v?dry_run=true",
        &[("/api_server", "is no URL")],
    );
    let typed = [
        ("kind", "virtual-deployment"),
        ("name", "v"),
        ("host_cluster", "my-host"),
        ("api_server", "typed"),
    ];
    let page = browser.post("/register", &typed);
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(page.value("api_server"), "typed", "{}", page.text);
    assert!(page.has("The hosts can't be listed now."), "{}", page.text);
    let chosen = r#"<option value="my-host" selected>my-host</option>"#;
    assert!(page.has(chosen), "{}", page.text);
    let invalid = r#"aria-describedby="hint-api_server error-api_server" aria-invalid="true""#;
    assert!(page.has(invalid), "{}", page.text);
}

#[test]
fn a_chosen_host_that_is_no_host_stays_chosen() {
    let functions = Functions::new();
    functions.answer(HOSTS, 200, json!({"items": [cluster("other-host")]}));
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/register?kind=virtual-deployment&host=my-host");
    let chosen = r#"<option value="my-host" selected>my-host</option>"#;
    assert!(page.has(chosen) && page.has("other-host"), "{}", page.text);
    let page = browser.get("/register?kind=virtual-deployment");
    let chosen = r#"<option value="" selected>Choose a host</option>"#;
    assert!(page.has(chosen), "{}", page.text);
}

#[test]
fn only_what_was_read_is_tried_again() {
    let functions = Functions::new();
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/clusters/a");
    assert_eq!(page.status, 502);
    assert!(page.has("Try again"), "{}", page.text);
    // The cluster can't be read for it.
    let page = browser.post("/clusters/a/install", &[("kubeconfig", "typed")]);
    assert_eq!(page.status, 502);
    assert!(!page.has("Try again"), "{}", page.text);
    assert!(!page.value("draft").is_empty(), "{}", page.text);
}

#[test]
fn another_method_is_told_which_there_are() {
    let functions = Functions::new();
    let browser = Browser::new(&functions);
    let page = browser.send(Method::PUT, "/register", "");
    assert_eq!(page.status, 405);
    assert_eq!(page.header("allow"), "GET, HEAD, POST");
}
