//! Removing.

use api::Reason;
use serde_json::json;

use crate::browser::{Browser, Functions};

const PLAN: &str = "DELETE /api/v1/clusters/a?dry_run=true";
const FORCED: &str = "DELETE /api/v1/clusters/a?dry_run=true&force=true";

fn functions() -> Functions {
    let functions = Functions::new();
    let planned = |warning: &str| {
        json!(api::DeleteClusterResponse {
            warnings: vec![warning.to_owned()],
            ..api::DeleteClusterResponse::default()
        })
    };
    functions.answer(PLAN, 200, planned("volumes stay"));
    functions.answer(FORCED, 200, planned("everything stays"));
    functions
}

#[test]
fn force_is_not_preset_and_its_plan_is_seen_before_its_button() {
    let functions = functions();
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/clusters/a/remove");
    assert!(page.has("Volumes stay.") && page.value("force").is_empty());
    let page = browser.get("/clusters/a/remove?force=true");
    assert!(page.has("Everything stays."), "{}", page.text);
    assert_eq!(page.value("force"), "true");
    assert_eq!(functions.calls(), [PLAN, FORCED]);
}

#[test]
fn a_mistyped_name_leaves_force_as_it_was() {
    let functions = functions();
    let browser = Browser::logged_in(&functions);
    let typed = [("confirm", "b"), ("force", "true"), ("action", "commit")];
    let page = browser.post("/clusters/a/remove", &typed);
    assert_eq!(page.status, 422);
    assert_eq!(page.value("force"), "true", "{}", page.text);
    assert_eq!(page.value("confirm"), "b", "{}", page.text);
    assert_eq!(functions.calls(), [FORCED]);
}

#[test]
fn a_removal_that_failed_leads_back_to_its_form() {
    let functions = functions();
    let remove = "DELETE /api/v1/clusters/a?delivery=commit";
    functions.refuse(remove, 502, Reason::GitlabUnavailable);
    let browser = Browser::logged_in(&functions);
    let typed = [("confirm", "a"), ("action", "commit")];
    let page = browser.post("/clusters/a/remove", &typed);
    assert_eq!(page.status, 502);
    assert!(page.has("href=\"/clusters/a/remove\""), "{}", page.text);
    assert!(!page.has("Try again"), "{}", page.text);
}
