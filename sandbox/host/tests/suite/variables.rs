//! The variables of the application.

use crate::support::{TestApplication, get};

const VARIABLES: &str =
    "variables = { message = \"{{ greeting }} world, {{greeting}}\", fixed = \"1\" }";

#[tokio::test]
async fn a_component_reads_its_own_variables() {
    let mut app = TestApplication::one(VARIABLES);
    assert_eq!(
        get(&app.start().await, "/variable?message").await.1,
        "hello world, hello"
    );
    app.options.variables.insert("greeting".into(), "hi".into());
    let host = app.start().await;
    assert_eq!(get(&host, "/variable?message").await.1, "hi world, hi");
    assert_eq!(get(&host, "/variable?fixed").await.1, "1");
}

#[tokio::test]
async fn variables_of_the_application_alone_are_not_visible() {
    let host = TestApplication::one(VARIABLES).start().await;
    let (status, body) = get(&host, "/variable?token").await;
    assert_eq!(
        (status, body.as_str()),
        (
            400,
            "Error::Undefined(\"the component has no variable `token`\")"
        )
    );
}

#[tokio::test]
async fn names_that_variables_cannot_have_are_an_error_of_their_own() {
    let host = TestApplication::one(VARIABLES).start().await;
    let (_, body) = get(&host, "/variable?MESSAGE").await;
    assert_eq!(
        body,
        "Error::InvalidName(\"`MESSAGE` is not in lower_snake_case\")"
    );
}

#[tokio::test]
async fn all_missing_variables_are_named() {
    let manifest = crate::support::ONE.replace(
        "[variables]",
        "[variables]\nb = { required = true }\na = { required = true }",
    );
    let mut app = TestApplication::new(&manifest);
    assert_eq!(
        app.refusal().await,
        "these variables are required and have no value: a, b"
    );
    app.options.variables.insert("a".into(), String::new());
    assert_eq!(
        app.refusal().await,
        "these variables are required and have no value: b"
    );
}

#[tokio::test]
async fn values_for_variables_that_do_not_exist_are_refused() {
    let mut app = TestApplication::one("");
    app.options.variables.insert("greting".into(), "hi".into());
    assert_eq!(
        app.refusal().await,
        "the manifest has no variable named greting"
    );
}

#[tokio::test]
async fn templates_refer_to_variables_that_exist() {
    let refusal = TestApplication::one("variables = { message = \"{{ nobody }}\" }")
        .refusal()
        .await;
    assert_eq!(
        refusal,
        "component `service`: `{{ nobody }}` refers to the variable `nobody`, which does not exist"
    );
    let refusal = TestApplication::one("variables = { message = \"{{ nobody\" }")
        .refusal()
        .await;
    assert_eq!(
        refusal,
        "component `service`: `{{` without `}}` in `{{ nobody`"
    );
}
