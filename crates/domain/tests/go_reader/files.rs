//! Kubeconfigs of the cases.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::{Credentials, Login, kubeconfig};
use serde_json::{Value, json};

use crate::{case_files, slips};

/// Every kubeconfig in a request of `tests/cases`, with the case's name.
pub fn of_cases() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let body = case_files::request(&case_files::read(&name)).map(|(_, body)| body);
        // JSON is YAML as well.
        let request = domain::yaml::from_str(&String::from_utf8_lossy(&body.unwrap_or_default()));
        if let Some(text) = request.unwrap_or_default()["kubeconfig"].as_str() {
            files.push((name, text.to_owned()));
        }
    }
    files.sort();
    assert!(
        files.len() > 60,
        "only {} cases have a kubeconfig",
        files.len()
    );
    files
}

/// The bytes of the file, which a request may hold in Base64; `None` where it holds neither.
pub fn plain(text: &str) -> Option<Vec<u8>> {
    if text.trim().is_empty() {
        return None;
    }
    // A whole file in quotes is taken out of them, as one with a byte order mark is out of that.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let without = |quote: char| {
        let inner = text.trim().strip_prefix(quote)?.strip_suffix(quote)?;
        (!first(inner).contains(quote)).then_some(inner)
    };
    let text = without('"').or_else(|| without('\'')).unwrap_or(text);
    if text.contains(':') {
        return Some(text.as_bytes().to_vec());
    }
    let joined: String = text.split_whitespace().collect();
    BASE64_STANDARD.decode(joined).ok()
}

/// The values that a field has in the cases' files.
pub fn values(field: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (_, text) in of_cases() {
        let Ok(config) = domain::yaml::from_str(&text) else {
            continue;
        };
        for (list, inner) in [("clusters", "cluster"), ("users", "user")] {
            let entries = config[list].as_array().into_iter().flatten();
            let values = entries.filter_map(|entry| entry[inner][field].as_str());
            found.extend(values.map(str::to_owned));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A certificate, and the key it was made with in several forms, all of them PEM in Base64.
#[derive(Debug, Clone)]
pub struct Pair {
    pub kind: String,
    pub certificate: String,
    pub keys: Vec<String>,
}

/// `pairs.yaml`: two of each kind of key.
pub fn pairs() -> Vec<Pair> {
    let entries = domain::yaml::from_str(include_str!("pairs.yaml")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pair = |entry: &Value| Pair {
        kind: text(&entry["type"]),
        certificate: text(&entry["certificate"]),
        keys: entry["keys"].as_array().unwrap().iter().map(text).collect(),
    };
    entries.as_array().unwrap().iter().map(pair).collect()
}

/// The certificates and keys of [`pairs`], and those of the cases that are accepted.
pub fn whole() -> &'static BTreeSet<String> {
    static WHOLE: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let accepted = of_cases()
            .into_iter()
            .filter(|(_, text)| kubeconfig::credentials(text, crate::NOW).is_ok());
        let accepted: String = accepted.map(|(_, text)| text + "\n").collect();
        let of_cases = slips::data(&accepted).into_iter();
        let of_cases = of_cases.map(|word| accepted[word].to_owned());
        let of_pairs = pairs().into_iter();
        of_pairs
            .flat_map(|pair| pair.keys.into_iter().chain([pair.certificate]))
            .chain(of_cases)
            .collect()
    });
    &WHOLE
}

/// Tells whether one of a file's certificates or keys holds some bytes, in the first block of its PEM.
pub fn has_der(content: &[u8], bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let words = slips::data(&text).into_iter();
    let pems = words.filter_map(|word| BASE64_STANDARD.decode(&text[word]).ok());
    let mut ders = pems.filter_map(|pem| Some(slips::first_block(str::from_utf8(&pem).ok()?)?.1));
    ders.any(|der| der.windows(bytes.len()).any(|window| window == bytes))
}

/// A kubeconfig of what is kept of another one.
pub fn of_credentials(credentials: &Credentials) -> String {
    let mut cluster = json!({"server": "https://a.example.com"});
    if credentials.insecure {
        cluster["insecure-skip-tls-verify"] = json!(true);
    }
    let texts = [
        ("certificate-authority-data", &credentials.ca_data),
        ("tls-server-name", &credentials.server_name),
        ("proxy-url", &credentials.proxy_url),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            cluster[key] = json!(text);
        }
    }
    let user = match &credentials.login {
        Login::ClientCertificate {
            cert_data,
            key_data,
        } => json!({"client-certificate-data": cert_data, "client-key-data": key_data}),
        Login::Token(token) => json!({"token": token}),
        Login::Basic { username, password } => {
            json!({"username": username, "password": password})
        }
    };
    json!({
        "clusters": [{"name": "a", "cluster": cluster}],
        "users": [{"name": "a", "user": user}],
    })
    .to_string()
}
