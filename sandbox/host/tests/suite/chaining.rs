//! Components call each other in process.

use crate::support::{TestApplication, call};
use sandbox_host::LogSource;

/// `front` may reach `back`, which has no public route; nobody may reach `front`.
fn app(allowed: &str) -> TestApplication {
    TestApplication::new(&format!(
        r#"
spin_manifest_version = 2
[application]
name = "fixture"
[[trigger.http]]
route = "/front/..."
component = "front"
[[trigger.http]]
route = {{ private = true }}
component = "back"
[component.front]
source = "SERVICE"
allowed_outbound_hosts = ["{allowed}"]
dependencies = {{ "fixture:library" = {{ component = "library" }} }}
[component.back]
source = "SERVICE"
dependencies = {{ "fixture:library@0.1.0" = {{ component = "library", inherit_configuration = false }} }}
[component.library]
source = "LIBRARY"
"#
    ))
}

#[tokio::test]
async fn a_component_with_a_private_route_is_reached() {
    let host = app("http://back.spin.internal").start().await;
    let (status, body) = call(&host, "front", "/fetch?http://back.spin.internal/echo?x").await;
    assert_eq!((status, body.as_str()), (200, "GET /echo?x\n"));
}

#[tokio::test]
async fn a_wildcard_means_every_component() {
    let host = app("http://*.spin.internal").start().await;
    assert_eq!(
        call(&host, "front", "/fetch?http://back.spin.internal/library")
            .await
            .1,
        "42 b 1"
    );
}

#[tokio::test]
async fn chaining_has_to_be_allowed() {
    let app = app("http://front.spin.internal");
    let host = app.start().await;
    let (status, body) = call(&host, "front", "/fetch?http://back.spin.internal/echo").await;
    assert_eq!(
        (status, body.as_str()),
        (502, "ErrorCode::HttpRequestDenied")
    );
    assert!(app.lines(LogSource::Host)[0].contains("http://back.spin.internal"));
}

#[tokio::test]
async fn a_trap_reaches_the_caller_as_a_problem() {
    let host = app("http://back.spin.internal").start().await;
    let (status, body) = call(&host, "front", "/fetch?http://back.spin.internal/trap").await;
    assert_eq!(status, 500);
    assert!(body.contains("COMPONENT_FAILED"), "{body}");
}

#[tokio::test]
async fn a_component_that_does_not_exist_is_an_error() {
    let app = app("http://*.spin.internal");
    let host = app.start().await;
    let (_, body) = call(&host, "front", "/fetch?http://library.spin.internal/").await;
    assert_eq!(body, "ErrorCode::DestinationNotFound");
    assert!(
        app.lines(LogSource::Host)[0]
            .contains("`library`: no component with a trigger has this name")
    );
}
