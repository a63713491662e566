//! Registering and changing.

use serde_json::json;

use crate::browser::{Browser, Functions, cluster};

#[test]
fn a_host_keeps_the_rights_of_products_that_it_has() {
    let functions = Functions::new();
    let mut host = cluster("h");
    host.usage = api::Usage::Host;
    let products = vec!["shop".to_owned()];
    host.reserved_namespaces_allowed_products = [("traefik".to_owned(), products)].into();
    functions.answer("GET /api/v1/clusters/h", 200, json!(host));
    let browser = Browser::logged_in(&functions);
    let page = browser.get("/clusters/h/change");
    assert!(page.has("traefik: shop</textarea>"), "{}", page.text);
    let page = browser.get("/register?kind=host");
    assert!(!page.has("name=\"namespaces\""), "{}", page.text);
}
