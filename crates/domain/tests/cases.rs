//! The cases in `tests/cases`: a folder each, named by a sentence.
//!
//! `request.json` or `request.yaml` is the body (none for a removal), `case.json` says what else is known,
//! `expected.json` or `error.json` is the whole answer. After a deliberate change,
//! `BLESS=1 cargo test -p domain --test cases` writes the answers anew; read the difference before committing it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

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

/// `case.json`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Case {
    name: String,
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

/// The content type that stands for the request's file name.
const BY_FILE_NAME: &str = "by file name";

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "new-1".to_owned(),
            content_type: Some(BY_FILE_NAME.to_owned()),
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
    fn of(folder: &Path) -> Self {
        match fs::read(folder.join("case.json")) {
            Ok(text) => serde_json::from_slice(&text).unwrap(),
            Err(_) => Self::default(),
        }
    }
}

#[test]
fn every_case_has_its_answer() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut failures = Vec::new();
    let folders = folders();
    assert!(folders.len() > 200, "only {} cases", folders.len());
    for folder in folders {
        let (file, answer) = answer(&folder);
        let other = if file == "error.json" {
            "expected.json"
        } else {
            "error.json"
        };
        let text = format!("{}\n", serde_json::to_string_pretty(&answer).unwrap());
        if bless {
            fs::write(folder.join(file), text).unwrap();
            let _ = fs::remove_file(folder.join(other));
        } else if folder.join(other).exists()
            || fs::read_to_string(folder.join(file)).ok().as_deref() != Some(&text)
        {
            failures.push(format!("{}: {file} should be\n{text}", folder.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The word stands in every credential and every piece of text that could be one.
#[test]
fn no_answer_holds_a_secret() {
    for folder in folders() {
        for file in ["expected.json", "error.json"] {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
            let text = text.to_lowercase();
            assert!(!text.contains("canary"), "{}", folder.display());
            assert!(
                !text.contains("ls0tls1crudjt"),
                "{}: PEM in Base64",
                folder.display()
            );
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn answer(folder: &Path) -> (&'static str, Value) {
    let case = Case::of(folder);
    let (neighbours, settings) = (neighbours(&case), settings(&case));
    let result = if case.remove {
        check_removal(&case.name, &neighbours, &settings).map(|it| removal(&it))
    } else {
        let request = request(folder, &case);
        let result = check(&request, &neighbours, &settings);
        agrees_with_survey(&request, &result);
        result.map(|it| accepted(&it))
    };
    match result {
        Ok(value) => ("expected.json", value),
        Err(rejection) => ("error.json", rejected(&rejection)),
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

fn request(folder: &Path, case: &Case) -> SaveRequest {
    let json = folder.join("request.json");
    let (file, content_type) = match json.exists() {
        true => (json, "application/json"),
        false => (folder.join("request.yaml"), "application/yaml"),
    };
    let given = case.content_type.as_deref();
    let content_type = given.map(|given| {
        if given == BY_FILE_NAME {
            content_type
        } else {
            given
        }
    });
    SaveRequest {
        name: case.name.clone(),
        content_type: content_type.map(str::to_owned),
        body: fs::read(file).unwrap(),
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
