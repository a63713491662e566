//! The list of the clusters, and one of them.

use serde_json::{Value, json};

use crate::browser::{Browser, Functions, cluster};

const FIRST: &str = "GET /api/v1/clusters?include_status=true&per_page=500";
const SECOND: &str = "GET /api/v1/clusters?include_status=true&per_page=500&page_token=a%2Eb%3D";

#[test]
fn thousands_of_clusters_come_in_pages() {
    let functions = Functions::new();
    let items = |numbers: std::ops::Range<u32>| -> Value {
        numbers
            .map(|number| json!(cluster(&format!("c-{number:03}"))))
            .collect()
    };
    let first = json!({"items": items(0..500), "next_page_token": "a.b="});
    functions.answer(FIRST, 200, first);
    functions.answer(SECOND, 200, json!({"items": items(500..510)}));
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/?sort=-name");
    assert!(page.has("510 in this tenant"), "{}", page.text);
    assert_eq!(functions.calls(), [FIRST, SECOND]);
    assert_eq!(page.text.matches("id=\"row-").count(), 200);
    assert!(page.has("row-c-509") && !page.has("row-c-309"));
    assert!(page.has("Page 1 of 3") && page.has("href=\"/?sort=-name&amp;page=2\""));
    let page = browser.get("/?sort=-name&page=3");
    assert_eq!(page.text.matches("id=\"row-").count(), 110);
    assert!(page.has("row-c-000") && page.has("href=\"/?sort=-name&amp;page=2\""));
    // Another order begins at its first page, a page that is not there is the last.
    assert!(page.has("href=\"/?sort=phase\""), "{}", page.text);
    assert!(browser.get("/?page=99").has("Page 3 of 3"));
}

#[test]
fn a_file_that_nobody_can_read_is_told_of() {
    let functions = Functions::new();
    let unreadable = json!([{"name": "broken", "path": "clusters/broken.yaml", "detail": "clusters/broken.yaml can't be read"}]);
    let list = json!({"items": [], "unreadable": unreadable});
    functions.answer(FIRST, 200, list);
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/");
    let sentence = "The list is without broken: clusters/broken.yaml can't be read.";
    assert!(page.has(sentence), "{}", page.text);
    assert!(!page.has("No cluster is registered yet"), "{}", page.text);
}

#[test]
fn only_a_failure_moves_a_component() {
    let functions = Functions::new();
    let component = |name: &str, sync: &str, health: &str, message: &str| json!({"name": name, "sync": sync, "health": health, "message": message});
    let status = json!({"phase": "Degraded", "components": [
        component("a", "Synced", "Healthy", ""),
        component("b", "OutOfSync", "Missing", "Argo CD has not created it yet"),
        component("c", "Synced", "Progressing", ""),
        component("d", "Synced", "Degraded", "it failed"),
    ]});
    let mut cluster = json!(cluster("x"));
    cluster["status"] = status;
    functions.answer("GET /api/v1/clusters/x", 200, cluster);
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/clusters/x");
    let rows = ["d", "a", "b", "c"].map(|name| format!("id=\"component-{name}\""));
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert!(page.in_order(&rows), "{}", page.text);
    assert!(page.has("<p class=\"message\">it failed</p>"));
    assert!(page.has("<span class=\"sub\">Argo CD has not created it yet</span>"));
}
