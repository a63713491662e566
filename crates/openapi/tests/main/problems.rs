//! Failures.

use std::collections::BTreeSet;
use std::path::Path;

use regex_lite::Regex;
use serde_json::Value;

use crate::{document, fault, root};

/// Status and reason of the failures that the gateways of `deploy/gateways` answer themselves.
const GATEWAYS: [(u64, &str); 2] = [(429, "TOO_MANY_REQUESTS"), (400, "REQUEST_REFUSED")];

/// Status and reason of every failure that the sources of the functions make.
fn made() -> BTreeSet<(u64, String)> {
    let mut texts = Vec::new();
    for folder in [
        "crates/service/src",
        "crates/wasi/function/src",
        "components",
    ] {
        sources(&root().join(folder), &mut texts);
    }
    let pair = Regex::new(r"\b([45]\d\d),\s*Reason::(\w+)").unwrap();
    texts
        .iter()
        .flat_map(|text| pair.captures_iter(text))
        .map(|pair| (pair[1].parse().unwrap(), word(&pair[2])))
        .collect()
}

/// `RateLimited` → `RATE_LIMITED`.
fn word(variant: &str) -> String {
    let mut word = String::new();
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word
}

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
            texts.push(code);
        }
    }
}

/// The answers of every operation: status, answer.
fn answers(document: &Value) -> Vec<(&String, &Value)> {
    let items = document["paths"].as_object().unwrap().values();
    items
        .flat_map(|item| item.as_object().unwrap().values())
        .flat_map(|operation| operation["responses"].as_object().unwrap())
        .collect()
}

fn examples<'d>(document: &'d Value, answer: &Value) -> Vec<&'d Value> {
    let content = &answer["content"]["application/problem+json"]["examples"];
    let references = content
        .as_object()
        .into_iter()
        .flat_map(|examples| examples.values());
    references
        .map(|reference| {
            let pointer = reference["$ref"].as_str().unwrap().trim_start_matches('#');
            &document.pointer(pointer).unwrap()["value"]
        })
        .collect()
}

fn key(problem: &Value) -> (u64, String) {
    let reason = problem["reason"].as_str().unwrap();
    (problem["status"].as_u64().unwrap(), reason.to_owned())
}

#[test]
fn every_failure_that_is_made_is_described_and_no_other() {
    let document = document();
    let described: BTreeSet<_> = answers(&document)
        .into_iter()
        .flat_map(|(_, answer)| examples(&document, answer))
        .map(key)
        .collect();
    let mut expected = made();
    expected.extend(GATEWAYS.map(|(status, reason)| (status, reason.to_owned())));
    assert_eq!(described, expected);
    for (_, reason) in GATEWAYS {
        for file in ["envoy.yaml", "nginx.conf"] {
            let text = std::fs::read_to_string(root().join("deploy/gateways").join(file)).unwrap();
            assert!(text.contains(reason), "{file}: {reason}");
        }
    }
}

#[test]
fn the_reasons_are_listed() {
    let document = document();
    let listed = document["components"]["schemas"]["Reason"]["enum"]
        .as_array()
        .unwrap();
    let listed: BTreeSet<&str> = listed
        .iter()
        .map(|reason| reason.as_str().unwrap())
        .collect();
    let made = made();
    let mut made: BTreeSet<&str> = made.iter().map(|(_, reason)| reason.as_str()).collect();
    made.extend(GATEWAYS.map(|(_, reason)| reason));
    assert_eq!(listed, made);
}

#[test]
fn each_stands_under_its_status_and_is_a_problem() {
    let document = document();
    for (status, answer) in answers(&document) {
        for problem in examples(&document, answer) {
            let own = problem["status"].to_string();
            assert!(status == "default" || *status == own, "{status}: {problem}");
            assert_eq!(
                fault(&document, "/components/schemas/Problem", problem),
                None,
                "{problem}"
            );
            let line = format!("`{}`: ", problem["reason"].as_str().unwrap());
            assert!(
                answer["description"].as_str().unwrap().contains(&line),
                "{line}"
            );
        }
    }
}

#[test]
fn headers_stand_where_they_are_sent() {
    const SENT: [(&str, &[&str]); 4] = [
        ("WWW-Authenticate", &["UNAUTHENTICATED"]),
        (
            "Retry-After",
            &[
                "CONCURRENT_CHANGE",
                "RATE_LIMITED",
                "NOT_READY",
                "TOO_MANY_REQUESTS",
            ],
        ),
        ("Allow", &["METHOD_NOT_ALLOWED"]),
        ("Accept-Post", &["UNSUPPORTED_MEDIA_TYPE"]),
    ];
    let document = document();
    for (status, answer) in answers(&document) {
        let headers = answer["headers"].as_object().unwrap();
        assert!(headers.contains_key("X-Request-Id"), "{status}");
        let reasons: Vec<_> = examples(&document, answer).into_iter().map(key).collect();
        if reasons.is_empty() {
            continue;
        }
        for (header, senders) in SENT {
            let sent = reasons
                .iter()
                .any(|(_, reason)| senders.contains(&reason.as_str()));
            assert_eq!(sent, headers.contains_key(header), "{status} {header}");
        }
    }
}
