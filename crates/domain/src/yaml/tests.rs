use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// Strings that some Go reader takes for something else, or for structure, when they stand unquoted.
const TREACHEROUS: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "False",
    "TRUE",
    "y",
    "Y",
    "n",
    "N",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "0",
    "-1",
    "+1",
    "007",
    "0777",
    "0o7",
    "0x1F",
    "0b11",
    "1_000",
    "1e3",
    "1E3",
    "1.",
    ".5",
    "-.5e+1",
    "1_0.5",
    ".inf",
    "-.INF",
    "+.Inf",
    ".nan",
    ".NaN",
    "12:30:45",
    "1:20",
    "190:20:30.15",
    "2001-01-01",
    "2001-1-1",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43.10 -5",
    "<<",
    "=",
    "-",
    "?",
    ":",
    "- a",
    "? a",
    "a: b",
    "a:",
    "# a",
    "a # b",
    " a",
    "a ",
    "\ta",
    "a\t",
    "{a}",
    "[a]",
    "{{x}}",
    "*a",
    "&a",
    "!a",
    "!!str a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "'a'",
    "\"a\"",
    "---",
    "...",
    "--- a",
    "a\u{85}b",
    "a\u{2028}b",
    "a\u{2029}b",
    "\u{feff}a",
    "\u{0}",
    "\u{7f}",
    "\u{1b}[0m",
    "a\rb",
    "\u{fffe}",
];

/// Several lines, with what makes block scalars go wrong.
const MULTILINE: &[&str] = &[
    "\n",
    "a\n",
    "a\n\n\n",
    "\na",
    "\n\n a",
    " a\nb",
    "a\n b",
    "\ta\nb",
    "a\n\tb\n",
    "a\n---\nb",
    "a\n# b",
    "a\r\nb",
    "a \nb",
    "a\n ",
    " \n a",
    "-----BEGIN CERTIFICATE-----\nMII+/w==\n-----END CERTIFICATE-----\n",
];

#[test]
fn strings_that_look_like_something_else_are_quoted_as_values_and_keys() {
    for text in TREACHEROUS {
        let written = to_string(&BTreeMap::from([(text, text)])).unwrap();
        let quoted = |text: &str| text.starts_with(['"', '\'']);
        assert!(quoted(&written), "{written}");
        assert!(quoted(&to_string(text).unwrap()), "{text:?}");
    }
}

#[test]
fn every_string_comes_back() {
    for text in TREACHEROUS.iter().chain(MULTILINE) {
        let value = json!({*text: [{"a": [text]}], "b": {"c": text}});
        for written in [to_string(&value), to_string(&Manifest(&value))] {
            let written = written.unwrap();
            assert_eq!(from_str(&written).unwrap(), value, "{written}");
        }
    }
}

#[test]
fn manifests_have_the_usual_order_and_blocks_for_plain_lines_only() {
    let manifest = json!({
        "data": {"pem": "a+b/c==\nd: e\n", "tab": "\ta\nb", "accent": "é\nb"},
        "metadata": {"namespace": "b", "labels": {"y": "on"}, "name": "a"},
        "kind": "ConfigMap",
        "apiVersion": "v1",
    });
    let expected = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  namespace: b
  labels:
    \"y\": \"on\"
data:
  accent: \"é\\nb\"
  pem: |
    a+b/c==
    d: e
  tab: \"\\ta\\nb\"
";
    assert_eq!(to_string(&Manifest(&manifest)).unwrap(), expected);
}

#[test]
fn documents_start_with_content_and_end_with_one_line_break() {
    let long = "a ".repeat(80) + "b";
    let value = json!({"a": long, "b": [], "c": {}, "d": null, "e": [1, true]});
    let expected = format!("a: {long}\nb: []\nc: {{}}\nd: null\ne:\n- 1\n- true\n");
    assert_eq!(to_string(&value).unwrap(), expected);
}

#[test]
fn errors_say_where_and_show_no_value() {
    let cases = [
        ("a: 1\na: 2", "key `a` stands twice", (2, 1)),
        (
            "a: 1\n---\nb: 1",
            "several documents where one is expected",
            (3, 1),
        ),
        (
            "a: s3cret: x",
            "mapping values are not allowed in this context",
            (1, 10),
        ),
        ("a: [s3cret", "unclosed bracket '['", (1, 4)),
    ];
    for (text, message, at) in cases {
        let error = from_str(text).unwrap_err();
        assert_eq!((error.message.as_str(), error.at), (message, Some(at)));
    }
}

/// `kubectl` is the Go reader that is at hand; what Argo CD and kustomize use shares its code.
#[test]
fn a_go_reader_takes_every_string_for_what_it_is() {
    let texts = TREACHEROUS.iter().chain(MULTILINE);
    let numbered = texts.enumerate().map(|(n, text)| (format!("k{n}"), *text));
    let mut data: BTreeMap<String, &str> = numbered.collect();
    data.extend(TREACHEROUS.iter().map(|text| (text.to_string(), *text)));
    let manifest =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data});
    let Some(read) = kubectl(&to_string(&Manifest(&manifest)).unwrap()) else {
        eprintln!("SKIPPED: there is no kubectl to read YAML with");
        return;
    };
    assert_eq!(read["data"], manifest["data"]);
}

fn kubectl(manifest: &str) -> Option<Value> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("kubectl")
        .args(["annotate", "--local", "-f", "-", "-o", "json", "a=b"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    input.write_all(manifest.as_bytes()).unwrap();
    drop(input);
    Some(serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap())
}
