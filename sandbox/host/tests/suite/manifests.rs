//! Manifests that are refused, and why.

use crate::support::{ONE, TestApplication, workspace};
use sandbox_host::{SpinManifest, build};

async fn refusal(manifest: &str) -> String {
    TestApplication::new(manifest).refusal().await
}

#[tokio::test]
async fn unknown_keys_are_named() {
    for (key, place) in [
        ("files = [\"x\"]", "[component.service]\n"),
        ("key_value_stores = [\"default\"]", "[component.service]\n"),
        ("vershion = \"1\"", "[application]\n"),
        ("executor = { type = \"wagi\" }", "[[trigger.http]]\n"),
    ] {
        let name = key.split_once(' ').unwrap().0;
        let refusal = refusal(&ONE.replace(place, &format!("{place}{key}\n"))).await;
        assert!(
            refusal.contains(&format!("unknown field `{name}`")),
            "{refusal}"
        );
    }
    let refusal = refusal(&format!("{ONE}\n[[trigger.redis]]\n")).await;
    assert!(refusal.contains("unknown field `redis`"), "{refusal}");
}

#[tokio::test]
async fn contradictions_are_explained() {
    for (from, to, reason) in [
        (
            "spin_manifest_version = 2",
            "spin_manifest_version = 1",
            "spin_manifest_version is 1, not 2",
        ),
        (
            "component = \"service\"",
            "component = \"x\"",
            "a trigger names the component `x`, which does not exist",
        ),
        (
            "route = \"/...\"",
            "route = \"x\"",
            "a route is a path that starts with `/`, or { private = true }",
        ),
        (
            "route = \"/...\"",
            "route = { private = false }",
            "a route is a path that starts with",
        ),
        (
            "greeting = {",
            "Greeting = {",
            "the variable name `Greeting` is not in lower_snake_case",
        ),
        (
            "{ default = \"hello\" }",
            "{}",
            "variable `greeting` needs `required = true` or a default",
        ),
        (
            "{ default = \"hello\" }",
            "{ default = \"hello\", required = true }",
            "it can only be one of both",
        ),
        (
            "{ path = \"LIBRARY\" }",
            "{ component = \"x\" }",
            "names the component `x`, which does not exist",
        ),
        (
            "{ path = \"LIBRARY\" }",
            "{ url = \"x\" }",
            "unknown field `url`",
        ),
        (
            "{ path = \"LIBRARY\" }",
            "{}",
            "a dependency needs either `component` or `path`",
        ),
        (
            "{ path = \"LIBRARY\" }",
            "{ path = \"LIBRARY\", inherit_configuration = 1 }",
            "expected true, false or a list",
        ),
        (
            "/arithmetic\" = { path = \"LIBRARY\" }",
            "\" = { path = \"LIBRARY\", export = \"x\" }",
            "can't have an `export`",
        ),
    ] {
        assert!(ONE.contains(from), "{from}");
        let refusal = refusal(&ONE.replace(from, to)).await;
        assert!(refusal.contains(reason), "{to}: {refusal}");
    }
}

#[tokio::test]
async fn a_component_that_is_not_built_is_named() {
    let refusal = refusal(&ONE.replace("SERVICE", "nowhere.wasm")).await;
    assert!(
        refusal.starts_with("component `service`: cannot read ")
            && refusal.contains("nowhere.wasm: is it built?"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_component_whose_import_nothing_satisfies_is_refused() {
    let refusal = refusal(&ONE.replace(
        "\"fixture:library/arithmetic\" = { path = \"LIBRARY\" }",
        "",
    ))
    .await;
    assert!(
        refusal.starts_with("component `service`: ")
            && refusal.contains("fixture:library/arithmetic"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_manifest_that_is_not_there_is_named() {
    let app = TestApplication::one("");
    std::fs::remove_file(&app.options.manifest).unwrap();
    let refusal = app.refusal().await;
    assert!(
        refusal.starts_with(&format!("cannot read {}", app.options.manifest.display())),
        "{refusal}"
    );
}

fn build_with(command: &str) -> String {
    let app = TestApplication::new(&format!("{ONE}build.command = \"{command}\""));
    let manifest = SpinManifest::load(&app.options.manifest).unwrap();
    build::components(&workspace(), &manifest, &mut |_| {})
        .unwrap_err()
        .to_string()
}

#[test]
fn a_build_that_fails_says_what_cargo_said() {
    let failure = build_with("cargo build -p no-such-package");
    assert!(
        failure.starts_with("building the components failed:")
            && failure.contains("no-such-package"),
        "{failure}"
    );
    let failure = build_with("npm run build");
    assert_eq!(
        failure,
        "component `service` is built with `npm run build`: only `cargo build` is supported here"
    );
}
