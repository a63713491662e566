//! Dependencies and their rights.

use crate::support::{FixtureComponents, TestApplication, components, get};
use sandbox_host::compose::{ComposeError, PluggedComponent, deny, imports, plug, satisfy};
use sandbox_host::manifest::InheritedRights;

const LIBRARY: &str = "\"fixture:library/arithmetic\" = { path = \"LIBRARY\"";

fn bytes() -> (Vec<u8>, Vec<u8>) {
    let FixtureComponents {
        service, library, ..
    } = components();
    (
        std::fs::read(service).unwrap(),
        std::fs::read(library).unwrap(),
    )
}

#[tokio::test]
async fn a_dependency_sees_nothing_of_the_environment() {
    let host = TestApplication::one("environment = { SECRET = \"x\" }")
        .start()
        .await;
    assert_eq!(get(&host, "/surroundings").await.1, "0");
}

#[tokio::test]
async fn a_dependency_sees_the_environment_that_it_inherits() {
    for inherited in ["true", "[\"environment\"]"] {
        let manifest = crate::support::ONE.replace(
            LIBRARY,
            &format!("{LIBRARY}, inherit_configuration = {inherited}"),
        );
        let host = TestApplication::new(&format!("{manifest}environment = {{ SECRET = \"x\" }}"))
            .start()
            .await;
        assert_eq!(get(&host, "/surroundings").await.1, "1", "{inherited}");
    }
    let host = TestApplication::one(
        "dependencies_inherit_configuration = true\nenvironment = { SECRET = \"x\" }",
    );
    assert_eq!(get(&host.start().await, "/surroundings").await.1, "1");
}

#[tokio::test]
async fn a_dependency_that_asks_for_more_is_refused() {
    let refusal = TestApplication::new(&crate::support::ONE.replace("LIBRARY", "SERVICE"))
        .refusal()
        .await;
    assert!(
        refusal
            .contains("component `service`: dependency `fixture:library/arithmetic`: it imports"),
        "{refusal}"
    );
    assert!(
        refusal.ends_with("a capability that it does not inherit"),
        "{refusal}"
    );
}

#[test]
fn a_capability_is_refused_unless_inherited() {
    let (service, library) = bytes();
    let service = satisfy(&service, &[part("fixture:library", &library)]).unwrap();
    let error = deny(&service, &InheritedRights::Sets(vec!["variables".into()])).unwrap_err();
    assert!(
        matches!(&error, ComposeError::Denied(import) if import.starts_with("wasi:http/")),
        "{error}"
    );
    let error = deny(
        &service,
        &InheritedRights::Sets(vec!["allowed_outbound_hosts".into()]),
    )
    .unwrap_err();
    assert!(
        matches!(&error, ComposeError::Denied(import) if import.starts_with("spin:variables/")),
        "{error}"
    );
    let both = InheritedRights::Sets(vec!["variables".into(), "allowed_outbound_hosts".into()]);
    let rest = imports(&deny(&service, &both).unwrap()).unwrap();
    assert!(
        !rest
            .iter()
            .any(|import| import.starts_with("wasi:cli/environment")),
        "{rest:?}"
    );
}

fn part<'a>(name: &'a str, bytes: &'a [u8]) -> PluggedComponent<'a> {
    PluggedComponent {
        name,
        export: None,
        bytes,
    }
}

#[test]
fn a_satisfied_import_is_gone() {
    let (service, library) = bytes();
    let import = "fixture:library/arithmetic@0.1.0".to_owned();
    assert!(imports(&service).unwrap().contains(&import));
    let composed = satisfy(&service, &[part("fixture:library", &library)]).unwrap();
    assert!(!imports(&composed).unwrap().contains(&import));
    let plugged = plug(&service, &[&library]).unwrap();
    assert!(!imports(&plugged).unwrap().contains(&import));
}

#[test]
fn the_same_parts_give_the_same_bytes() {
    let (service, library) = bytes();
    assert_eq!(
        plug(&service, &[&library]).unwrap(),
        plug(&service, &[&library]).unwrap()
    );
}

#[test]
fn parts_that_do_not_fit_say_why() {
    let (service, library) = bytes();
    let refusal =
        |parts: &[PluggedComponent<'_>]| satisfy(&service, parts).unwrap_err().to_string();
    assert_eq!(
        refusal(&[part("other:package", &library)]),
        "`other:package` matches no import of the component"
    );
    assert_eq!(
        refusal(&[
            part("fixture:library", &library),
            part("fixture:library@0.1.0", &library)
        ]),
        "`fixture:library` and `fixture:library@0.1.0` are dependencies of the same package, `fixture:library`: Spin takes one of each"
    );
    assert_eq!(
        refusal(&[part("fixture:library", &service)]),
        "`fixture:library` does not export `fixture:library/arithmetic@0.1.0`"
    );
    assert_eq!(
        refusal(&[part("fixture:library", b"text")]),
        "`fixture:library` is not a WebAssembly component"
    );
    assert!(matches!(
        plug(&library, &[&library]).unwrap_err(),
        ComposeError::Unmatched(_)
    ));
}
