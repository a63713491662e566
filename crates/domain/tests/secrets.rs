//! Tests of what a kubeconfig becomes, and that nothing of it shows.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::kubeconfig::{Kubeconfig, credentials};
use domain::{Login, Neighbours, SaveRequest, Settings, check};

const CANARY: &str = "c4n4ry";

fn read(user: &str, cluster: &str) -> Kubeconfig {
    let text = format!("clusters: [{{cluster: {{{cluster}}}}}]\nusers: [{{user: {{{user}}}}}]\n");
    credentials(&text, 0).unwrap()
}

/// The kubeconfig of a guide, as its fields.
fn guide() -> (String, serde_json::Value) {
    let file = "../../tests/cases/requests/v0.3.9/physical-worker-deployment.json";
    let body = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let text = body["kubeconfig"].as_str().unwrap().to_owned();
    let fields = domain::yaml::from_str(&text).unwrap();
    (text, fields)
}

#[test]
fn data_is_passed_on_as_it_is() {
    let (text, fields) = guide();
    let cluster = &fields["clusters"][0]["cluster"];
    let user = &fields["users"][0]["user"];
    for text in [text.clone(), STANDARD.encode(&text)] {
        let read = credentials(&text, 0).unwrap().credentials;
        let ca_data = cluster["certificate-authority-data"].as_str();
        assert_eq!(read.ca_data.as_deref(), ca_data);
        assert!(!read.insecure);
        let cert_data = user["client-certificate-data"].as_str().unwrap().to_owned();
        let key_data = user["client-key-data"].as_str().unwrap().to_owned();
        assert!(
            read.login
                == Login::ClientCertificate {
                    cert_data,
                    key_data
                }
        );
        assert!(read.expires_at.is_some());
    }
}

#[test]
fn tokens_and_passwords_are_passed_on() {
    let token = read("token: abc", "").credentials;
    assert!(token.login == Login::Token("abc".to_owned()));
    assert_eq!((token.ca_data, token.expires_at), (None, None));
    let basic = read(
        "username: a, password: b",
        "proxy-url: http://p:1, tls-server-name: s",
    );
    let (username, password) = ("a".to_owned(), "b".to_owned());
    assert!(basic.credentials.login == Login::Basic { username, password });
    assert_eq!(basic.credentials.proxy_url.as_deref(), Some("http://p:1"));
    assert_eq!(basic.credentials.server_name.as_deref(), Some("s"));
    assert!(
        read("token: abc", "insecure-skip-tls-verify: true")
            .credentials
            .insecure
    );
}

fn hides(value: &impl Debug) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.to_lowercase().contains(CANARY), "{shown}");
}

#[test]
fn what_was_accepted_does_not_show_its_secrets() {
    hides(&read(&format!("token: {CANARY}"), ""));
    hides(&read(
        &format!("username: {CANARY}, password: {CANARY}"),
        &format!("tls-server-name: {CANARY}"),
    ));
    hides(&Login::ClientCertificate {
        cert_data: CANARY.to_owned(),
        key_data: CANARY.to_owned(),
    });
}

/// The word in every place of a kubeconfig, in turn: as a value, as a key, as a whole line.
#[test]
fn what_was_refused_does_not_show_its_secrets() {
    let (text, _) = guide();
    let encoded = STANDARD.encode(CANARY);
    let mut refused = 0;
    for (index, line) in text.lines().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let key = line.split(':').next().unwrap();
        for other in [
            format!("{key}: {CANARY}"),
            format!("{key}: {encoded}"),
            format!("{key}: [{CANARY}]"),
            format!("{key}: {{{CANARY}: {CANARY}}}"),
            format!("{key}: \"{CANARY}"),
            format!("{key}: *{CANARY}"),
            format!("{key}: !{CANARY} a"),
            format!("{indent}{CANARY}: {CANARY}"),
            format!("{indent}{CANARY}"),
            format!("{indent}{CANARY}: {CANARY}: {CANARY}"),
        ] {
            let mut lines: Vec<&str> = text.lines().collect();
            lines[index] = &other;
            let damaged = lines.join("\n");
            refused += usize::from(refuses_silently(&damaged));
        }
    }
    assert!(refused > 50, "{refused}");
}

/// Tells whether a kubeconfig is refused in a body, however the body was written; nothing of it may show.
fn refuses_silently(kubeconfig: &str) -> bool {
    let quoted = serde_json::Value::from(kubeconfig).to_string();
    let rest = "\"usage\": \"host\", \"cluster_type\": \"physical\", \"api_server\": \"https://a\"";
    let indented = kubeconfig.replace('\n', "\n  ");
    let plain = "usage: host\ncluster_type: physical\napi_server: https://a\n";
    let bodies = [
        (
            "application/json",
            format!("{{{rest}, \"kubeconfig\": {quoted}}}"),
        ),
        (
            "application/json",
            format!("{{{rest}, \"kubeconfig\": \"{kubeconfig}\"}}"),
        ),
        (
            "application/json",
            format!("{{{rest}, \"kubeconfig\": |\n{kubeconfig}}}"),
        ),
        (
            "application/json",
            format!("{{{rest}, \"kubeconfig\":\n{kubeconfig}}}"),
        ),
        ("application/json", kubeconfig.to_owned()),
        (
            "application/yaml",
            format!("{plain}kubeconfig: |\n  {indented}\n"),
        ),
        (
            "application/yaml",
            format!("{plain}kubeconfig:\n  {indented}\n"),
        ),
        (
            "application/yaml",
            format!("{plain}kubeconfig: {kubeconfig}\n"),
        ),
    ];
    let mut refused = false;
    for (index, (content_type, body)) in bodies.into_iter().enumerate() {
        let request = SaveRequest {
            name: "a".to_owned(),
            content_type: Some(content_type.to_owned()),
            body: body.into_bytes(),
        };
        let result = check(&request, &Neighbours::default(), &Settings::default());
        hides(&result);
        refused |= index == 0 && result.is_err();
    }
    refused
}

/// Every value of a request in turn, as far as a request is refused or warned of for it.
#[test]
fn user_information_is_not_shown_whatever_field_it_stands_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/requests");
    let mut refused = 0;
    for file in ["v0.2", "v0.3.9", "v0.4"]
        .iter()
        .flat_map(|version| files(&folder.join(version)))
    {
        let body: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        for at in leaves(&body, "") {
            for secret in [
                "http://u:c4n4ry@h",
                "https://u:c4n4ry@h",
                "https://c4n4ry@h",
                "u:c4n4ry@h:1",
            ] {
                let mut body = body.clone();
                *body.pointer_mut(&at).unwrap() = secret.into();
                refused += usize::from(is_refused_without_canary(&body));
            }
        }
    }
    assert!(refused > 300, "{refused}");
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// JSON pointers to what is neither an object nor a list.
fn leaves(value: &serde_json::Value, at: &str) -> Vec<String> {
    match value {
        serde_json::Value::Object(entries) => entries
            .iter()
            .flat_map(|(key, value)| leaves(value, &format!("{at}/{key}")))
            .collect(),
        serde_json::Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| leaves(item, &format!("{at}/{index}")))
            .collect(),
        _ => vec![at.to_owned()],
    }
}

fn is_refused_without_canary(body: &serde_json::Value) -> bool {
    let request = SaveRequest {
        name: "a".to_owned(),
        content_type: None,
        body: body.to_string().into_bytes(),
    };
    match check(&request, &Neighbours::default(), &Settings::default()) {
        Ok(checked) => {
            hides(&checked.warnings);
            false
        }
        Err(rejection) => {
            hides(&rejection);
            true
        }
    }
}
