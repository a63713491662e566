//! Registering and changing.

use serde_json::{Value, json};

use crate::browser::{Browser, Functions, KUBECONFIG, cluster};

const PLAN: &str = "POST /api/v1/clusters/a?dry_run=true";

fn yaml() -> String {
    let kubeconfig = KUBECONFIG.replace('\n', "\n  ");
    format!("api_server: x\nusage: host\nkubeconfig: |\n  {kubeconfig}")
}

#[test]
fn a_review_shows_whose_credentials_are_sent() {
    let functions = Functions::new();
    let planned = api::SaveClusterResponse::default();
    functions.answer(PLAN, 200, json!(planned));
    let browser = Browser::logged_in(&functions);
    let yaml = yaml();
    for field in [("kubeconfig", KUBECONFIG), ("yaml", yaml.as_str())] {
        let page = browser.post("/register", &[("name", "a"), field]);
        assert_eq!(page.status, 200, "{}", page.text);
        for fact in ["https://10.0.0.7:6443", "robot", "no end known"] {
            assert!(page.has(fact), "{fact}: {}", page.text);
        }
        assert!(!page.has("secret-token"), "{}", page.text);
    }
    let page = browser.post(
        "/register",
        &[("name", "a"), ("kind", "virtual-deployment")],
    );
    assert!(!page.has("no end known"), "{}", page.text);
}

/// Field and text of each note while somebody types.
fn notes(browser: &Browser<'_>, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let answer = browser.post("/check", fields);
    let answer: Value = serde_json::from_str(&answer.text).unwrap();
    let text = |note: &Value, name: &str| note[name].as_str().unwrap().to_owned();
    let notes = answer["notes"].as_array().unwrap().iter();
    notes
        .map(|note| (text(note, "field"), text(note, "text")))
        .collect()
}

#[test]
fn the_rules_of_a_request_as_yaml_name_its_lines_while_somebody_types() {
    let functions = Functions::new();
    let faults = [
        ("/cluster_name", "is taken"),
        ("/usage", "is wrong"),
        ("/worker_type", "is missing"),
    ];
    functions.find_fault(PLAN, &faults);
    let browser = Browser::logged_in(&functions);
    let yaml = yaml();
    let found = notes(&browser, &[("name", "a"), ("yaml", yaml.as_str())]);
    let expected = [
        ("name", "Is taken."),
        ("yaml", "Line 2: Is wrong."),
        ("yaml", "Is missing."),
    ];
    let expected = expected.map(|(field, text)| (field.to_owned(), text.to_owned()));
    assert_eq!(found, expected);
    functions.refuse(PLAN, 400, api::Reason::MalformedBody);
    let found = notes(&browser, &[("name", "a"), ("yaml", yaml.as_str())]);
    assert_eq!(found, [("yaml".to_owned(), "This was refused.".to_owned())]);
    functions.find_fault(
        PLAN,
        &[("/api_server", "is no URL"), ("/usage", "is wrong")],
    );
    let found = notes(&browser, &[("name", "a"), ("api_server", "x")]);
    assert_eq!(found, [("api_server".to_owned(), "Is no URL.".to_owned())]);
}

#[test]
fn a_line_with_two_mistakes_is_marked_once() {
    let functions = Functions::new();
    functions.find_fault(PLAN, &[("/usage", "is wrong"), ("/usage", "is long")]);
    let browser = Browser::logged_in(&functions);
    let page = browser.post("/register", &[("name", "a"), ("yaml", yaml().as_str())]);
    assert_eq!(
        page.text.matches("id=\"line-2\"").count(),
        1,
        "{}",
        page.text
    );
}

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
