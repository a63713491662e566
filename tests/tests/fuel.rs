//! Costs of judging a body, whatever it holds: counted in the component itself, so that a slow machine fails no test.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use build::cargo::everything;
use build::workspace;
use serde_json::{Value, json};
use service::incoming::MAX_BODY;
use tests::guide;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};

use generated::nautes::clusters::types::{Neighbours, SaveRequest, Settings};

/// The world `validate`.
#[allow(missing_docs, clippy::all, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({ path: "../wit", world: "validate" });
}

/// A hundred milliseconds: memory that is moved counts by the byte, so a core of 2026 burns seven to nine units in a nanosecond;
/// six are taken.
const LIMIT: u64 = 6 * 100_000_000;

static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
    let built = everything(workspace(), &mut build::cargo::print_lines).unwrap();
    let validate = built.iter().find(|it| it.component == "validate").unwrap();
    let mut config = Config::new();
    config.consume_fuel(true);
    Component::from_file(&Engine::new(&config).unwrap(), &validate.path).unwrap()
});

/// Units of fuel that a body costs a save, which surveys it once and checks it twice: as soon as it may, and in earnest.
fn fuel(content_type: &str, body: &[u8]) -> u64 {
    let engine = COMPONENT.engine();
    let request = SaveRequest {
        name: "worker".to_owned(),
        content_type: Some(content_type.to_owned()),
        body: body.to_vec(),
    };
    let spent = |check: bool| {
        let mut store = Store::new(engine, ());
        store.set_fuel(u64::MAX).unwrap();
        let linker = Linker::new(engine);
        let validate = generated::Validate::instantiate(&mut store, &COMPONENT, &linker).unwrap();
        let before = store.get_fuel().unwrap();
        let validation = validate.nautes_clusters_cluster_validation();
        if check {
            let (neighbours, settings) = (alone(), settings());
            let checked = validation.call_check(&mut store, &request, &neighbours, &settings);
            checked.unwrap().ok();
        } else {
            validation.call_survey(&mut store, &request).unwrap().ok();
        }
        before - store.get_fuel().unwrap()
    };
    spent(false) + 2 * spent(true)
}

fn alone() -> Neighbours {
    Neighbours {
        resource_files: Vec::new(),
        api_server_owner: None,
        credentials_stored: false,
        dependants: Vec::new(),
        now: 1_790_000_000,
    }
}

fn settings() -> Settings {
    Settings {
        tenant: "tenant1".to_owned(),
        repository_url: "https://gitlab.example.com/nautes/management.git".to_owned(),
        target_revision: "HEAD".to_owned(),
        argocd_namespace: "argocd".to_owned(),
        nautes_namespace: "nautes".to_owned(),
        git_url: "https://gitlab.example.com".to_owned(),
        oidc_issuer_url: String::new(),
        oidc_client_id: "nautes".to_owned(),
        vault_url: String::new(),
        ca_bundle: String::new(),
        catalog: None,
    }
}

/// The text as often as it fits.
fn full(text: &str) -> String {
    text.repeat(MAX_BODY / text.len())
}

fn request() -> Value {
    serde_json::from_str(&guide("v0.4", "physical-worker-deployment")).unwrap()
}

/// The guide's request with another member.
fn with(name: &str, value: Value) -> String {
    let mut request = request();
    request[name] = value;
    request.to_string()
}

/// The guide's request with a kubeconfig that fills it, sent in Base64.
fn with_kubeconfig(text: &str) -> String {
    let room = (MAX_BODY - with("kubeconfig", json!("")).len()) / 4 * 3;
    assert!(text.len() <= room, "{} of {room}", text.len());
    with("kubeconfig", json!(STANDARD.encode(text)))
}

/// The kubeconfig of the guide.
fn kubeconfig() -> String {
    let text = request()["kubeconfig"].as_str().unwrap().to_owned();
    let text: String = text.split_whitespace().collect();
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

/// The kubeconfig of the guide whose certificate for clients stands in it so often.
fn with_chain(times: usize) -> String {
    let text = kubeconfig();
    let key = "client-certificate-data: ";
    let (_, rest) = text.split_once(key).unwrap();
    let encoded = rest.split_whitespace().next().unwrap();
    let certificate = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    text.replace(encoded, &STANDARD.encode(certificate.repeat(times)))
}

fn json_bodies() -> Vec<(&'static str, String)> {
    let numbered = |number: usize| (0..number).map(|it| format!("\"key{it:05}\":1"));
    let products: Vec<String> = (0..9_800).map(|it| format!("product-{it}")).collect();
    vec![
        ("the guide's request", request().to_string()),
        ("white space", full(" ")),
        (
            "lists in a list",
            format!("[{}[]]", full("[],").split_at(MAX_BODY - 8).0),
        ),
        ("lists within each other", full("[")),
        (
            "9,900 unknown fields",
            format!("{{{}}}", numbered(9_900).collect::<Vec<_>>().join(",")),
        ),
        (
            "one field for 9,000 times",
            format!("{{{}\"usage\":1}}", "\"usage\":1,".repeat(9_000)),
        ),
        (
            "9,800 products",
            with(
                "reserved_namespaces_allowed_products",
                json!({"argocd": products}),
            ),
        ),
        (
            "a long word",
            with("primary_domain", json!("a.".repeat(MAX_BODY / 2 - 10_000))),
        ),
        (
            "escapes",
            with("api_server", json!("\u{1}".repeat(MAX_BODY / 6 - 10_000))),
        ),
        (
            "no Base64",
            with("kubeconfig", json!("!".repeat(MAX_BODY - 10_000))),
        ),
        (
            "a kubeconfig of white space",
            with_kubeconfig(&" ".repeat(180_000)),
        ),
        (
            "a kubeconfig of lists",
            with_kubeconfig(&"- - -\n".repeat(29_000)),
        ),
        (
            "a kubeconfig of flows",
            with_kubeconfig(&format!("[{}]", "[],".repeat(59_000))),
        ),
        (
            "a kubeconfig of quotes",
            with_kubeconfig(&"\"a\": \"b\"\n".repeat(18_000)),
        ),
        ("20 certificates", with_kubeconfig(&with_chain(20))),
        ("300 certificates", with_kubeconfig(&with_chain(120))),
        ("a kubeconfig of aliases", with_kubeconfig(&aliases())),
        ("200 contexts", with_kubeconfig(&contexts(200))),
    ]
}

/// Lists of lists of lists.
fn aliases() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let former = format!("*a{}, ", level - 1).repeat(10);
        text += &format!("a{level}: &a{level} [{former}]\n");
    }
    text
}

fn contexts(number: usize) -> String {
    let entry =
        |it: usize| format!("- name: c{it}\n  context: {{cluster: default, user: default}}\n");
    let entries: String = (0..number).map(entry).collect();
    kubeconfig().replace("contexts:\n", &format!("contexts:\n{entries}"))
}

fn yaml_bodies() -> Vec<(&'static str, String)> {
    vec![
        ("line breaks", full("\n")),
        ("comments", full("# a\n")),
        ("dashes", full("- ")),
        ("items", full("- a\n")),
        (
            "keys",
            (0..20_000).map(|it| format!("k{it:05}: 1\n")).collect(),
        ),
        ("question marks", full("? a\n")),
        ("flows", full("{a: ")),
        ("a plain scalar", full("word ")),
        ("lines of a plain scalar", full("word\n  ")),
        (
            "a block scalar",
            format!("a: |\n{}", full("  word\n").split_at(MAX_BODY - 7).0),
        ),
        ("quotes", full("'a' ")),
        ("anchors", full("- &a b\n")),
        ("tags", full("- !!str b\n")),
        ("documents", full("---\n")),
        ("directives", full("%YAML 1.2\n")),
        ("aliases", aliases()),
        (
            "merges",
            format!(
                "a: &a {{b: 1}}\nc:\n{}",
                full("  <<: *a\n").split_at(MAX_BODY - 40).0
            ),
        ),
    ]
}

#[test]
fn no_body_within_the_limits_costs_more_than_a_hundred_milliseconds() {
    let mut expensive = Vec::new();
    let bodies = [
        ("application/json", json_bodies()),
        ("application/yaml", yaml_bodies()),
    ];
    for (content_type, bodies) in bodies {
        for (name, body) in bodies {
            assert!(body.len() <= MAX_BODY, "{name}: {} bytes", body.len());
            let spent = fuel(content_type, body.as_bytes());
            println!("{name}: {spent}");
            if spent > LIMIT {
                expensive.push((name, spent));
            }
        }
    }
    assert_eq!(expensive, []);
}
