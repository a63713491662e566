//! The component `env-variables` in the place of the host's variables.

use crate::support::{FixtureComponents, TestApplication, components, get};
use sandbox_host::compose::{imports, plug};

async fn host(environment: &str) -> sandbox_host::ComponentHost {
    let FixtureComponents {
        service,
        env_variables,
        ..
    } = components();
    let [service, adapter] = [service, env_variables].map(|path| std::fs::read(path).unwrap());
    let plugged = plug(&service, &[&adapter]).unwrap();
    let rest = imports(&plugged).unwrap();
    assert!(
        !rest.iter().any(|import| import.starts_with("spin:")),
        "{rest:?}"
    );
    let app = TestApplication::new(&crate::support::ONE.replace("SERVICE", "plugged.wasm"));
    std::fs::write(app.folder.path().join("plugged.wasm"), plugged).unwrap();
    let manifest = std::fs::read_to_string(&app.options.manifest).unwrap();
    let manifest = format!(
        "{manifest}environment = {{ {environment} }}\nvariables = {{ greeting = \"from the host\" }}"
    );
    std::fs::write(&app.options.manifest, manifest).unwrap();
    app.start().await
}

#[tokio::test]
async fn variables_come_from_the_environment() {
    let host = host(
        "NAUTES_GREETING = \"ours\", SPIN_VARIABLE_GREETING = \"spin\", SPIN_VARIABLE_OTHER = \"\"",
    )
    .await;
    assert_eq!(
        get(&host, "/variable?greeting").await,
        (200, "ours".to_owned())
    );
    assert_eq!(get(&host, "/variable?other").await, (200, String::new()));
}

#[tokio::test]
async fn errors_are_those_of_the_interface() {
    let host = host("").await;
    assert_eq!(
        get(&host, "/variable?greeting").await.1,
        "Error::Undefined(\"NAUTES_GREETING is not set\")"
    );
    assert_eq!(
        get(&host, "/variable?Greeting").await.1,
        "Error::InvalidName(\"`Greeting` is not in lower_snake_case\")"
    );
}
