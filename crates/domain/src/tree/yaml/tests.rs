use serde_json::{Value, json};

use crate::tree::read::{Format, Reason, Unreadable, kubeconfig_yaml, strict_yaml, tree};
use crate::tree::{Node, Repetition};

fn value(text: &str) -> Value {
    match strict_yaml(text) {
        Ok(node) => node.into(),
        Err(error) => panic!("{text:?}: {error:?}"),
    }
}

fn error(text: &str) -> Unreadable {
    strict_yaml(text)
        .err()
        .unwrap_or_else(|| panic!("{text:?} is read"))
}

fn syntax(text: &str) -> (String, Option<(u32, u32)>) {
    let error = error(text);
    (error.reason.to_string(), error.at)
}

#[test]
fn plain_scalars_are_resolved_by_the_core_schema() {
    let cases = [
        (vec!["", "~", "null", "Null", "NULL"], json!(null)),
        (vec!["true", "True", "TRUE"], json!(true)),
        (vec!["false", "False", "FALSE"], json!(false)),
        (
            vec!["16", "+16", "0x10", "0o20", "0b10000", "1_6"],
            json!(16),
        ),
        (vec!["-16", "-0x10"], json!(-16)),
        (vec!["18446744073709551615"], json!(u64::MAX)),
        (vec!["-9223372036854775808"], json!(i64::MIN)),
        (vec!["18446744073709551616"], json!(18446744073709551616.0)),
        (vec!["1.5", "+1.5", "15e-1", "0.15E+1"], json!(1.5)),
        (vec!["-.5", "-0.5"], json!(-0.5)),
        (vec!["7.", "007", "7e0"], json!(7.0)),
    ];
    for (texts, expected) in cases {
        for text in texts {
            assert_eq!(value(&format!("a: {text}")), json!({"a": expected}));
            assert_eq!(value(&format!("- {text}\n- b"))[0], expected);
        }
    }
}

#[test]
fn other_scalars_are_strings() {
    let plain = [
        "yes",
        "No",
        "on",
        "off",
        "y",
        "inf",
        "nan",
        ".infinity",
        "+-1",
        "--1",
        "0x",
        "0xg",
        "1__0",
        "1_",
        "_1",
        "1_0.5",
        "12:30:45",
        "2001-01-01",
        "1.2.3",
        ".",
        "+",
        "-e",
        "nulls",
        "=",
    ];
    for text in plain {
        assert_eq!(value(&format!("a: {text}")), json!({"a": text}));
    }
    for text in ["'16'", "\"16\"", "|-\n  16", ">-\n  16", "!!str 16", "! 16"] {
        assert_eq!(value(&format!("a: {text}")), json!({"a": "16"}));
    }
    assert_eq!(
        value("a: ''\nb: !!str\nc: '~'"),
        json!({"a": "", "b": "", "c": "~"})
    );
}

#[test]
fn numbers_are_finite() {
    for text in [
        ".inf",
        "-.INF",
        "+.Inf",
        ".nan",
        ".NaN",
        "1e999",
        "!!float .inf",
    ] {
        let message = "a number that is not finite".to_owned();
        assert_eq!(
            syntax(&format!("a: {text}")),
            (
                message,
                Some((1, if text.starts_with('!') { 12 } else { 4 }))
            )
        );
    }
}

#[test]
fn tags_are_obeyed() {
    let cases = [
        ("!!int '16'", json!(16)),
        ("!!float 16", json!(16.0)),
        ("!!bool \"true\"", json!(true)),
        ("!!null 'x'", json!(null)),
        ("!!binary aMOp", json!("hé")),
        ("!mine 16", json!(16)),
        ("!mine '16'", json!("16")),
        ("!mine [1]", json!([1])),
        ("!!seq [1]", json!([1])),
        ("!!map {b: 1}", json!({"b": 1})),
        ("!<tag:yaml.org,2002:str> 16", json!("16")),
    ];
    for (text, expected) in cases {
        assert_eq!(
            value(&format!("a: {text}")),
            json!({"a": expected}),
            "{text}"
        );
    }
    let unfit = [
        "!!int x",
        "!!bool yes",
        "!!float x",
        "!!binary '*'",
        "!!binary /w==",
        "!!timestamp 2001-01-01",
        "!!seq {}",
        "!!map []",
        "!!str []",
        "!!int {}",
        "!!seq x",
    ];
    for text in unfit {
        let (message, at) = syntax(&format!("a: {text}"));
        assert_eq!(message, "a tag that does not fit its value", "{text}");
        assert!(at.is_some(), "{text}");
    }
    for text in ["!!int 1: a", "!!null x: a"] {
        assert_eq!(syntax(text).0, "a key that is tagged as no string");
    }
}

#[test]
fn aliases_repeat_values_and_keys() {
    assert_eq!(
        value("a: &x {b: &y 0x10}\nc: *x\n*y : *y\nd: [&x 1, *x]"),
        json!({"a": {"b": 16}, "c": {"b": 16}, "0x10": 16, "d": [1, 1]})
    );
    assert_eq!(
        syntax("a: *x"),
        ("an alias without an anchor".to_owned(), Some((1, 4)))
    );
    let (message, at) = syntax("a: &x [*x]");
    assert_eq!(
        (message.as_str(), at),
        ("an alias within its own anchor", Some((1, 8)))
    );
    assert_eq!(syntax("a: &x [1]\n*x : 1").1, Some((2, 1)));
}

#[test]
fn merge_keys_add_what_is_missing() {
    let bases = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: {k: 2}}\n";
    let cases = [
        ("{<<: *a, x: 3}", json!({"x": 3, "y": 1})),
        (
            "{x: 3, <<: [*b, *a]}",
            json!({"x": 3, "y": 2, "z": {"k": 2}}),
        ),
        ("{<<: *a, <<: *b}", json!({"x": 1, "y": 1, "z": {"k": 2}})),
        ("{<<: {<<: *a, y: 4}}", json!({"x": 1, "y": 4})),
        ("{<<: ~, <<: []}", json!({})),
        ("{!!merge <<: *a}", json!({"x": 1, "y": 1})),
        ("{'<<': *a}", json!({"<<": {"x": 1, "y": 1}})),
    ];
    for (text, expected) in cases {
        assert_eq!(value(&format!("{bases}c: {text}"))["c"], expected, "{text}");
    }
    for text in ["<<: x", "<<: [1]"] {
        let message = "a merge key whose value is neither a map nor a list of maps";
        assert_eq!(syntax(text), (message.to_owned(), Some((1, 5))));
    }
}

#[test]
fn repeated_keys_are_marked_or_refused() {
    let text = "a: 1\nb: {c: 1, c: 2}\n1: x\n'a': 2\n1: y\n";
    let Ok(Node::Map(entries)) = tree(text, Format::Yaml) else {
        panic!("a map");
    };
    let marks: Vec<_> = entries.iter().map(|entry| entry.repetition).collect();
    let at = |line, column| Some(Repetition::At(Some((line, column))));
    assert_eq!(marks, [None, None, None, at(4, 1), at(5, 1)]);
    let Node::Map(inner) = &entries[1].value else {
        panic!("a map");
    };
    assert_eq!(inner[1].repetition, at(2, 11));
    let refused = error(text);
    assert_eq!(
        (refused.reason, refused.at),
        (Reason::RepeatedKey("c".to_owned()), Some((2, 11)))
    );
}

#[test]
fn a_text_is_one_document() {
    for text in ["", "# a\n", "---\n", "---\n...\n"] {
        assert_eq!(value(text), json!(null), "{text:?}");
    }
    for text in [
        "a: 1\n...\n",
        "--- {a: 1}\n",
        "%YAML 1.2\n---\na: 1\n",
        "\u{feff}a: 1",
        "a: 1\n---\n",
        "a: 1\n---\n# nothing\n---\n",
    ] {
        assert_eq!(value(text), json!({"a": 1}), "{text:?}");
    }
    for text in [
        "a: 1\n---\na: 1",
        "---\n---\na: 1",
        "a: 1\n...\nb: 1",
        "a: 1\n---\n---\n''\n",
    ] {
        assert_eq!(error(text).reason, Reason::SeveralDocuments, "{text:?}");
    }
    assert!(matches!(error("a: 1\n...\n]").reason, Reason::Syntax(_)));
}

#[test]
fn what_a_text_asks_for_is_limited() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let on_aliases = |depth: usize| format!("a: &a {}\nb: [[*a]]", nested(depth));
    assert!(strict_yaml(&nested(64)).is_ok());
    assert!(strict_yaml(&on_aliases(61)).is_ok());
    for text in [
        nested(65),
        nested(10_000),
        "- ".repeat(65) + "a",
        on_aliases(62),
    ] {
        assert_eq!(error(&text).reason, Reason::Limit);
    }
    let long = "x".repeat(1 << 20);
    let times = |times: usize| format!("a: &a {long}\nb: [{}]", "*a,".repeat(times));
    assert!(strict_yaml(&times(2)).is_ok());
    assert_eq!(error(&times(5)).reason, Reason::Limit);
    let items = |items: usize| format!("[{}]", "x,".repeat(items - 1) + "x");
    // The list counts as well.
    assert!(strict_yaml(&items(49_999)).is_ok());
    assert_eq!(error(&items(50_000)).reason, Reason::Limit);
    // What a caller sends has less.
    assert!(tree(&items(9_999), Format::Yaml).is_ok());
    let above = tree(&items(10_000), Format::Yaml).err().unwrap();
    assert_eq!(above.reason, Reason::Limit);
    assert!(kubeconfig_yaml(&items(9_999)).is_ok());
    let above = kubeconfig_yaml(&items(10_000)).err().unwrap();
    assert_eq!(above.reason, Reason::Limit);
    let documents = |number: usize| "---\n".repeat(number);
    assert!(strict_yaml(&documents(49_000)).is_ok());
    assert_eq!(error(&documents(60_000)).reason, Reason::Limit);
    let kept = (0..64).map(|n| format!("&a{n} [")).collect::<String>();
    let kept = kept + &"x,".repeat(10_000) + &"]".repeat(64);
    assert_eq!(error(&kept).reason, Reason::Limit);
}

/// Go's reader is older than YAML 1.2, and a kubeconfig has to be read by both.
#[test]
fn what_only_yaml_1_2_takes_is_no_kubeconfig() {
    for text in [
        "{na\nme: a}",
        "- {na\nme: a}",
        "{:name: a}",
        "[:a]",
        "{a: :b}",
        "{a: b? c}",
        "{b? c: a}",
    ] {
        assert!(strict_yaml(text).is_ok(), "{text:?}");
        assert!(kubeconfig_yaml(text).is_err(), "{text:?}");
    }
    for text in [
        "a: :b",
        ":a: b",
        "a: b? c",
        "{a: b?c}",
        "{a: b}",
        "{a: \":b\"}",
        "a: b\n c",
    ] {
        assert!(kubeconfig_yaml(text).is_ok(), "{text:?}");
    }
}
