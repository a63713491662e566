//! Routes, and what is handed on.

use super::*;

#[test]
fn method_and_path_choose_the_function() {
    for (method, path, function) in [
        (Method::GET, "/api/v1/clusters", Function::Read),
        (Method::GET, "/api/v1/clusters/a", Function::Read),
        (Method::HEAD, "/api/v1/clusters/a", Function::Read),
        (Method::GET, "/readyz", Function::Read),
        (Method::POST, "/api/v1/clusters/a", Function::Save),
        (Method::DELETE, "/api/v1/clusters/a", Function::Delete),
    ] {
        assert_eq!(
            route(&method, path).unwrap(),
            Route::Function(function),
            "{method} {path}"
        );
    }
    assert_eq!(route(&Method::GET, "/healthz").unwrap(), Route::Health);
    assert_eq!(
        route(&Method::GET, "/openapi.json").unwrap(),
        Route::Description
    );
    assert_eq!(route(&Method::GET, "/").unwrap(), Route::Index);
}

#[test]
fn a_page_says_that_an_address_is_mistyped_and_json_that_a_call_is() {
    assert!(is_mistyped(&Method::GET, "/cluster/a"));
    assert!(!is_mistyped(&Method::POST, "/cluster/a"));
    assert!(!is_mistyped(&Method::GET, "/api/v1/clustersa"));
}

#[test]
fn a_probe_asks_every_function_that_has_settings() {
    let [functions, with_console] = [false, true].map(|it| probed_first(it).to_vec());
    assert_eq!(functions, [Function::Save, Function::Delete]);
    let all = [Function::Save, Function::Delete, Function::Console];
    assert_eq!(with_console, all);
}

#[test]
fn other_methods_are_refused_with_those_that_work() {
    for (method, path, allow) in [
        (Method::PUT, "/api/v1/clusters/a", "GET, HEAD, POST, DELETE"),
        (Method::POST, "/api/v1/clusters", "GET, HEAD"),
        (Method::POST, "/healthz", "GET, HEAD"),
        (Method::DELETE, "/openapi.json", "GET, HEAD"),
    ] {
        let problem = route(&method, path).unwrap_err();
        assert_eq!(
            (problem.status, &problem.reason),
            (405, &Reason::MethodNotAllowed)
        );
        assert_eq!(problem.headers, [("allow", allow.to_owned())]);
    }
}

#[test]
fn other_paths_are_not_found() {
    assert_eq!(
        route(&Method::GET, "/api/v2/clusters").unwrap_err().reason,
        Reason::RouteNotFound
    );
}

#[test]
fn forwarding_keeps_what_the_function_needs_and_nothing_else() {
    let request = http::Request::post("https://api.example.com/api/v1/clusters/a?dry_run=true")
        .header("authorization", "Bearer t")
        .header("host", "api.example.com")
        .header("cookie", "c")
        .header("connection", "keep-alive")
        .body(b"{}".to_vec())
        .unwrap();
    let forwarded = forward(request, Function::Save, "id1").unwrap();
    assert_eq!(
        forwarded.uri(),
        "http://save-cluster.spin.internal/api/v1/clusters/a?dry_run=true"
    );
    let mut names: Vec<_> = forwarded
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "cookie", "x-request-id"]);
    // That there was one, and nothing of it.
    assert_eq!(forwarded.headers()["cookie"], "x");
    assert_eq!(forwarded.body(), b"{}");
}

#[test]
fn pages_go_to_the_console_with_cookies_and_without_tokens() {
    for path in [
        "/login",
        "/login/callback",
        "/clusters/a/events",
        "/assets/console.js",
    ] {
        let routed = route(&Method::POST, path).unwrap();
        assert_eq!(routed, Route::Function(Function::Console), "{path}");
    }
    assert!(route(&Method::GET, "/loginx").is_err());
    for path in ["/docs", "/docs/", "/docs/docs.js", "/q/swagger-ui"] {
        let routed = route(&Method::GET, path).unwrap();
        assert_eq!(routed, Route::Function(Function::ApiDocs), "{path}");
    }
    assert!(route(&Method::GET, "/docsx").is_err());
    let request = http::Request::get("https://c.example.com/login")
        .header("host", "c.example.com")
        .header("cookie", "a=b")
        .header("authorization", "Bearer t")
        .body(Vec::new())
        .unwrap();
    let forwarded = forward(request, Function::Console, "id1").unwrap();
    assert_eq!(forwarded.uri(), "http://console.spin.internal/login");
    assert_eq!(forwarded.headers()["cookie"], "a=b");
    assert_eq!(forwarded.headers()["x-forwarded-host"], "c.example.com");
    assert!(!forwarded.headers().contains_key("authorization"));
}

#[test]
fn browsers_want_pages_and_programs_do_not() {
    let headers = |accept: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("accept", accept.parse().unwrap());
        headers
    };
    assert!(wants_page(&headers(
        "text/html,application/xhtml+xml,*/*;q=0.8"
    )));
    assert!(!wants_page(&headers("*/*")));
    assert!(!wants_page(&HeaderMap::new()));
}

#[test]
fn a_description_that_the_caller_has_is_not_sent_again() {
    let first = description(&HeaderMap::new());
    assert_eq!(first.headers()["cache-control"], "no-cache");
    let tag = first.headers()["etag"].to_str().unwrap();
    for (known, status) in [
        (tag.to_owned(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("if-none-match", known.parse().unwrap());
        let again = finish(description(&headers), &Method::GET, "id1");
        assert_eq!(again.status(), status, "{known}");
        assert_eq!(again.headers()["etag"], tag);
        assert_eq!(again.body().is_empty(), status == 304);
        let has_length = again.headers().contains_key("content-length");
        assert_eq!(has_length, status == 200);
    }
}

#[test]
fn the_description_is_json_of_its_length() {
    let response = description(&HeaderMap::new());
    assert_eq!(response.headers()["content-type"], "application/json");
    let length = response.body().len().to_string();
    assert_eq!(response.headers()["content-length"], length.as_str());
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn a_head_request_gets_the_headers_alone() {
    let response = finish(health(), &Method::HEAD, "id1");
    assert_eq!(response.headers()["content-length"], "15");
    assert_eq!(response.headers()["x-request-id"], "id1");
    assert!(response.body().is_empty());
}
