//! Forms whose session has ended.

use serde_json::json;

use crate::browser::{Browser, Functions, KUBECONFIG, cluster};

const INSTALL: &str = "POST /api/v1/clusters/a?sync=true&adopt=true";

/// A page of merge requests whose form is sent without a session.
fn interrupted_install(functions: &Functions) -> (Browser<'_>, String) {
    functions.answer("GET /api/v1/clusters/a", 200, json!(cluster("a")));
    let saved = api::SaveClusterResponse::default();
    functions.answer(INSTALL, 200, json!(saved));
    let browser = Browser::logged_in(functions);
    browser.forget_session();
    let typed = [("kubeconfig", KUBECONFIG), ("adopt", "true")];
    let login = browser.post("/clusters/a/install", &typed);
    assert_eq!(login.status, 401);
    assert!(login.has("what you typed is kept"), "{}", login.text);
    assert!(!login.has("secret-token"), "{}", login.text);
    let draft = login.value("draft").to_owned();
    (browser, draft)
}

#[test]
fn going_on_after_a_login_carries_out_no_install_and_keeps_what_was_typed() {
    let functions = Functions::new();
    let (browser, draft) = interrupted_install(&functions);
    browser.post("/login", &[("token", "glpat-1"), ("to", "/")]);
    let again = browser.post(
        "/clusters/a/install",
        &[("draft", draft.as_str()), ("action", "edit")],
    );
    assert_eq!(again.status, 200, "{}", again.text);
    assert!(functions.calls().is_empty(), "{:?}", functions.calls());
    let draft = again.value("draft");
    let saved = browser.post("/clusters/a/install", &[("draft", draft)]);
    assert_eq!(saved.status, 200, "{}", saved.text);
    assert_eq!(functions.calls().last().unwrap(), INSTALL);
    assert_eq!(functions.last_body()["kubeconfig"], KUBECONFIG.trim());
}

#[test]
fn a_token_that_is_pasted_leads_back_to_the_install() {
    let functions = Functions::new();
    let (browser, draft) = interrupted_install(&functions);
    let fields = [
        ("token", "glpat-1"),
        ("to", "/clusters/a/install"),
        ("draft", draft.as_str()),
    ];
    let again = browser.post("/login", &fields);
    assert_eq!(again.status, 200, "{}", again.text);
    assert!(functions.calls().is_empty(), "{:?}", functions.calls());
    browser.post("/clusters/a/install", &[("draft", again.value("draft"))]);
    assert_eq!(functions.last_body()["kubeconfig"], KUBECONFIG.trim());
}

#[test]
fn a_removal_comes_back_with_its_name_and_by_force() {
    const PLAN: &str = "DELETE /api/v1/clusters/a?dry_run=true&force=true";
    let functions = Functions::new();
    functions.answer(PLAN, 200, json!(api::DeleteClusterResponse::default()));
    let browser = Browser::logged_in(&functions);
    browser.forget_session();
    let typed = [("confirm", "a"), ("force", "true"), ("action", "commit")];
    let login = browser.post("/clusters/a/remove", &typed);
    let draft = login.value("draft").to_owned();
    let fields = [
        ("token", "glpat-1"),
        ("to", "/clusters/a/remove"),
        ("draft", draft.as_str()),
    ];
    let edit = [("draft", draft.as_str()), ("action", "edit")];
    for again in [
        browser.post("/login", &fields),
        browser.post("/clusters/a/remove", &edit),
    ] {
        assert_eq!(again.status, 200, "{}", again.text);
        assert_eq!(again.value("confirm"), "a", "{}", again.text);
        assert_eq!(again.value("force"), "true", "{}", again.text);
    }
    assert_eq!(functions.calls(), [PLAN, PLAN]);
}

#[test]
fn only_a_session_expires() {
    let functions = Functions::new();
    let browser = Browser::new(&functions);
    assert_eq!(browser.get("/").header("location"), "/login?to=%2F");
    browser.post("/login", &[("token", "glpat-1"), ("to", "/")]);
    functions.refuse(
        "GET /api/v1/clusters?include_status=true&per_page=500",
        401,
        api::Reason::Unauthenticated,
    );
    let login = browser.get("/");
    assert_eq!(login.header("location"), "/login?to=%2F&expired=1");
}
