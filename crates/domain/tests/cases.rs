//! The cases in `tests/cases`: a file each, named by a sentence.
//!
//! `request` has the body as `json` or `yaml` (none for a removal), the fields of [`Case`] say what else is known, and
//! `accepted` or `refused`, which come last, is the whole answer. After a deliberate change,
//! `BLESS=1 cargo test -p domain --test cases` writes the answers anew; read the difference before committing it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "support/case_files.rs"]
mod case_files;
#[path = "advice/followed.rs"]
mod followed;

use std::fs;
use std::path::{Path, PathBuf};

use domain::{
    Checked, Cluster, Credentials, File, Login, Neighbours, Rejection, SaveRequest, Settings,
    Surroundings, check, check_removal, resource, survey,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Fields of a case besides its request and its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Case {
    name: String,
    /// `null` where none is sent.
    content_type: Option<String>,
    /// Files of `tests/registered`.
    registered: Vec<String>,
    api_server_owner: Option<String>,
    credentials_stored: bool,
    dependants: Vec<String>,
    now: u64,
    catalog: Option<String>,
    remove: bool,
}

/// Stands for the content type by the body's key.
const BY_KEY: &str = "by key";
/// Keys of the answer.
const ANSWERS: [&str; 2] = ["accepted", "refused"];

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "new-1".to_owned(),
            content_type: Some(BY_KEY.to_owned()),
            registered: Vec::new(),
            api_server_owner: None,
            credentials_stored: false,
            dependants: Vec::new(),
            now: 1_800_000_000,
            catalog: None,
            remove: false,
        }
    }
}

impl Case {
    fn of(document: &Value) -> Self {
        let mut fields = document.as_object().unwrap().clone();
        fields.retain(|key, _| key != "request" && !ANSWERS.contains(&key.as_str()));
        serde_json::from_value(Value::Object(fields)).unwrap()
    }
}

#[test]
fn every_case_has_its_answer() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut failures = Vec::new();
    let names = names();
    assert!(names.len() > 500, "only {} cases", names.len());
    for name in names {
        let document = case_files::read(&name);
        let (key, answer) = answer(&document);
        let held: Vec<_> = ANSWERS
            .iter()
            .filter_map(|key| document.get(*key))
            .collect();
        if document.get(key) == Some(&answer) && held.len() == 1 {
            continue;
        }
        let text = domain::yaml::to_string(&json!({ key: answer })).unwrap();
        match bless {
            true => bless_with(&name, &text),
            false => failures.push(format!("{name} should end with\n{text}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Writes an answer in the place of the one that a case has.
fn bless_with(name: &str, answer: &str) {
    let path = case_files::path(name);
    let text = fs::read_to_string(&path).unwrap();
    let mut places = ANSWERS
        .iter()
        .filter_map(|key| text.find(&format!("\n{key}:\n")));
    let given = places.next().map_or(text.as_str(), |at| &text[..=at]);
    fs::write(path, format!("{given}{answer}")).unwrap();
}

/// The word stands in every credential and every piece of text that could be one.
#[test]
fn no_answer_holds_a_secret() {
    for name in names() {
        let document = case_files::read(&name);
        let answers = ANSWERS.iter().filter_map(|key| document.get(*key));
        for text in answers.map(|answer| answer.to_string().to_lowercase()) {
            assert!(!text.contains("canary"), "{name}");
            assert!(!text.contains("ls0tls1crudjt"), "{name}: PEM in Base64");
        }
    }
}

/// Names of all cases.
fn names() -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.path().file_stem().unwrap().to_owned();
    let mut names: Vec<String> = fs::read_dir(root().join("cases"))
        .unwrap()
        .map(|entry| name(entry.unwrap()).into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn answer(document: &Value) -> (&'static str, Value) {
    let case = Case::of(document);
    let (neighbours, settings) = (neighbours(&case), settings(&case));
    let result = if case.remove {
        check_removal(&case.name, &neighbours, &settings).map(|it| removal(&it))
    } else {
        let request = request(document, &case);
        let result = check(&request, &neighbours, &settings);
        agrees_with_survey(&request, &result);
        result.map(|it| accepted(&it))
    };
    match result {
        Ok(value) => ("accepted", value),
        Err(rejection) => ("refused", rejected(&rejection)),
    }
}

fn neighbours(case: &Case) -> Neighbours {
    Neighbours {
        resource_files: case
            .registered
            .iter()
            .map(|name| registered(name))
            .collect(),
        api_server_owner: case.api_server_owner.clone(),
        credentials_stored: case.credentials_stored,
        dependants: case.dependants.clone(),
        now: case.now,
    }
}

fn settings(case: &Case) -> Settings {
    Settings {
        tenant: "tenant1".to_owned(),
        vault_url: "https://vault.example.com".to_owned(),
        catalog: case.catalog.clone(),
        ..Settings::default()
    }
}

fn registered(name: &str) -> File {
    let file = root().join("registered").join(format!("{name}.yaml"));
    File {
        path: resource::path(name),
        content: fs::read(file).unwrap(),
    }
}

fn request(document: &Value, case: &Case) -> SaveRequest {
    let (by_key, body) = case_files::request(document).unwrap();
    let given = case.content_type.as_deref();
    let content_type = given.map(|given| if given == BY_KEY { by_key } else { given });
    SaveRequest {
        name: case.name.clone(),
        content_type: content_type.map(str::to_owned),
        body,
    }
}

/// Asserts that the references read before the check are those that the check needs.
fn agrees_with_survey(request: &SaveRequest, result: &Result<Checked, Rejection>) {
    let survey = survey(request);
    match result {
        Ok(checked) => {
            let references = survey.unwrap();
            assert_eq!(references.host_cluster, checked.cluster.host_cluster);
            assert_eq!(
                references.api_server.as_ref(),
                Some(&checked.cluster.api_server)
            );
            assert_eq!(references.usage, Some(checked.cluster.usage));
            assert_eq!(references.has_kubeconfig, checked.credentials.is_some());
        }
        Err(rejection @ (Rejection::MalformedBody(_) | Rejection::UnsupportedMediaType(_))) => {
            assert_eq!(survey.as_ref(), Err(rejection));
        }
        // What is above a limit is not read any further.
        Err(rejection) => assert!(survey.is_ok() || survey.as_ref() == Err(rejection)),
    }
}

fn accepted(checked: &Checked) -> Value {
    json!({
        "cluster": resource::to_value(&checked.cluster, "nautes"),
        "surroundings": surroundings(&checked.surroundings),
        "current": checked.current.as_ref().map(removal),
        "credentials": checked.credentials.as_ref().map(credentials),
        "warnings": checked.warnings,
    })
}

fn removal((cluster, around): &(Cluster, Surroundings)) -> Value {
    json!({ "cluster": cluster.name, "surroundings": surroundings(around) })
}

fn surroundings(surroundings: &Surroundings) -> Value {
    let names = surroundings
        .virtual_clusters
        .iter()
        .map(|it| it.name.as_str());
    json!({
        "host": surroundings.host.as_ref().map(|host| host.name.as_str()),
        "virtual_clusters": names.collect::<Vec<_>>(),
    })
}

/// Everything but the secrets.
fn credentials(credentials: &Credentials) -> Value {
    json!({
        "login": match credentials.login {
            Login::ClientCertificate { .. } => "client certificate",
            Login::Token(_) => "token",
            Login::Basic { .. } => "basic",
        },
        "has_ca_data": credentials.ca_data.is_some(),
        "insecure": credentials.insecure,
        "server_name": credentials.server_name,
        "proxy_url": credentials.proxy_url,
        "expires_at": credentials.expires_at,
    })
}

fn rejected(rejection: &Rejection) -> Value {
    match rejection {
        Rejection::MalformedBody(it) => json!({
            "reason": "MALFORMED_BODY",
            "message": it.message,
            "line": it.line,
            "column": it.column,
            "hint": it.hint,
        }),
        Rejection::UnsupportedMediaType(it) => {
            json!({ "reason": "UNSUPPORTED_MEDIA_TYPE", "content_type": it })
        }
        Rejection::ValidationFailed(violations) => json!({
            "reason": "VALIDATION_FAILED",
            "violations": violations
                .iter()
                .map(|it| json!({ "field": it.field, "message": it.message, "hint": it.hint }))
                .collect::<Vec<_>>(),
        }),
        Rejection::ApiServerInUse(it) => json!({ "reason": "API_SERVER_IN_USE", "owner": it }),
        Rejection::ClusterInUse(it) => json!({ "reason": "CLUSTER_IN_USE", "by": it }),
        Rejection::ClusterNotFound => json!({ "reason": "CLUSTER_NOT_FOUND" }),
        Rejection::Other(it) => json!({ "reason": "OTHER", "message": it }),
    }
}
