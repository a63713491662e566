//! Life of a session.

use serde_json::json;

use crate::browser::{Browser, Functions, Page};

const LIST: &str = "GET /api/v1/clusters?include_status=true&per_page=500";
const EXCHANGE: &str = "POST /oauth/token";
const HOUR: u64 = 3600;

fn functions() -> Functions {
    let functions = Functions::new();
    functions.answer(LIST, 200, json!({"items": []}));
    functions
}

/// Comes back from GitLab with the state that it was sent with.
fn come_back(browser: &Browser<'_>, leave: &Page) -> Page {
    let (_, state) = leave.header("location").split_once("&state=").unwrap();
    let state = state.split('&').next().unwrap();
    browser.get(&format!("/login/callback?code=code&state={state}"))
}

/// A browser that GitLab let in, with a token that lasts so many seconds.
fn let_in(functions: &Functions, seconds: u64) -> Browser<'_> {
    let token = json!({"access_token": "gloas-1", "expires_in": seconds});
    functions.answer(EXCHANGE, 200, token);
    let browser = Browser::new(functions);
    let leave = browser.get("/login/gitlab?to=%2F");
    let arrived = come_back(&browser, &leave);
    assert_eq!(arrived.status, 200, "{}", arrived.text);
    browser
}

fn is_over(browser: &Browser<'_>) -> bool {
    let page = browser.get("/");
    page.header("location") == "/login?to=%2F&expired=1"
}

#[test]
fn a_session_lasts_eight_hours_whatever_the_browser_keeps() {
    let functions = functions();
    let browser = Browser::logged_in(&functions);
    functions.pass(8 * HOUR - 1);
    assert_eq!(browser.get("/").status, 200);
    functions.pass(1);
    let calls = functions.calls().len();
    assert!(is_over(&browser));
    assert_eq!(functions.calls().len(), calls, "its token is not used");
}

#[test]
fn a_session_ends_with_the_token_that_gitlab_gave_for_it() {
    for (token, session) in [(2 * HOUR, 2 * HOUR), (24 * HOUR, 8 * HOUR)] {
        let functions = functions();
        let browser = let_in(&functions, token);
        functions.pass(session - 1);
        assert_eq!(browser.get("/").status, 200);
        functions.pass(1);
        assert!(is_over(&browser), "{token}");
    }
}

#[test]
fn a_login_at_gitlab_takes_ten_minutes_at_most() {
    let functions = functions();
    functions.answer(EXCHANGE, 200, json!({"access_token": "gloas-1"}));
    for (seconds, status) in [(599, 200), (600, 401)] {
        let browser = Browser::new(&functions);
        let leave = browser.get("/login/gitlab?to=%2F");
        functions.pass(seconds);
        assert_eq!(come_back(&browser, &leave).status, status);
        assert_eq!(browser.get("/").status == 200, status == 200);
    }
    assert_eq!(
        functions.calls(),
        [EXCHANGE, LIST],
        "a late one has no code changed"
    );
}

#[test]
fn logging_out_ends_the_token_that_gitlab_gave_and_leaves_ones_own() {
    const REVOKE: &str = "POST /oauth/revoke";
    let functions = functions();
    functions.answer(REVOKE, 200, json!({}));
    let browser = let_in(&functions, 2 * HOUR);
    let out = browser.post("/logout", &[]);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(functions.calls(), [EXCHANGE, REVOKE]);
    let browser = Browser::logged_in(&functions);
    let thief = browser.stolen();
    let out = browser.post("/logout", &[]);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert!(browser.get("/").header("location").starts_with("/login"));
    assert_eq!(
        functions.calls(),
        [EXCHANGE, REVOKE],
        "a pasted token is its owner's"
    );
    // As docs/console.md says: a copy of such a session ends with its eight hours.
    assert_eq!(thief.get("/").status, 200);
    functions.pass(8 * HOUR);
    assert!(is_over(&thief));
}
