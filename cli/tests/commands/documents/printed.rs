//! Output that a page says a command prints, held against what it prints.

use serde_json::Value;

/// A command of a session, and what it prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    pub command: &'a str,
    pub printed: Vec<&'a str>,
}

/// The commands of a session.
pub fn exchanges(session: &str) -> Vec<Exchange<'_>> {
    let mut exchanges: Vec<Exchange<'_>> = Vec::new();
    for line in session.lines().filter(|line| !line.trim().is_empty()) {
        match (line.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(command), _) => exchanges.push(Exchange {
                command,
                printed: Vec::new(),
            }),
            (None, Some(exchange)) => exchange.printed.push(line),
            (None, None) => panic!("a session begins with a command, not with {line:?}"),
        }
    }
    exchanges
}

/// The first line of the page that was not printed, in their order; `…` stands for anything, a line of its own too.
pub fn missing<'a>(page: &[&'a str], printed: &str) -> Option<&'a str> {
    let mut lines = printed.lines();
    page.iter()
        .copied()
        .filter(|line| line.trim() != "…")
        .find(|expected| !lines.any(|line| is_like(&masked(expected), &masked(line))))
}

/// Words with one space between them; dates, durations and ids, which change, by their kind.
fn masked(line: &str) -> String {
    let mask = |word: &str| {
        let bare = word.trim_matches(['(', ')']);
        let digits = bare.bytes().filter(u8::is_ascii_digit).count();
        let is_time =
            digits > 0 && digits + 1 == bare.len() && bare.ends_with(['s', 'm', 'h', 'd']);
        let is_id = bare.len() == 8 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_date = digits == 14 && bare.ends_with('Z') && bare.contains('T');
        match (is_time, is_id, is_date) {
            (true, ..) => "TIME".to_owned(),
            (_, true, _) => "ID".to_owned(),
            (.., true) => "DATE".to_owned(),
            _ => word.to_owned(),
        }
    };
    let words: Vec<String> = line.split_whitespace().map(mask).collect();
    words.join(" ")
}

fn is_like(expected: &str, actual: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = actual.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = part;
    }
    rest.is_empty() || (expected.contains('…') && (last.is_empty() || rest.ends_with(last)))
}

/// Where an answer is not like the page's: members that are missing, of another type, or that say something else.
/// `…` stands for anything, as an element too.
pub fn difference(page: &Value, answer: &Value, place: &str) -> Option<String> {
    match (page, answer) {
        (Value::Object(page), Value::Object(answer)) => page.iter().find_map(|(name, value)| {
            let place = format!("{place}/{name}");
            match answer.get(name) {
                Some(member) => difference(value, member, &place),
                None => Some(format!("{place} is missing")),
            }
        }),
        (Value::Array(page), Value::Array(answer)) => {
            let mut pairs = page.iter().zip(answer).enumerate();
            let pair = pairs.find_map(|(index, (page, answer))| match page.as_str() {
                Some("…") => None,
                _ => difference(page, answer, &format!("{place}/{index}")),
            });
            let is_short = page.len() > answer.len() && page.last().is_none_or(|it| it != "…");
            pair.or_else(|| is_short.then(|| format!("{place} is shorter")))
        }
        (Value::String(page), Value::String(answer)) if is_like(page, answer) => None,
        (page, answer) if page == answer => None,
        (page, answer) => Some(format!("{place} is {answer}, not {page}")),
    }
}

#[test]
fn what_changes_is_not_compared_and_the_rest_is() {
    let page = "$ get\nNAME  EXPIRES\na     3644d\n…\n└─ until (2036-11-18T03:46:28Z)\n\n$ next\nid: …, done";
    let exchanges = exchanges(page);
    assert_eq!(exchanges[0].command, "get");
    let printed = "NAME   EXPIRES\na      12d\nother\n└─ until (2026-01-01T00:00:00Z)\n";
    assert_eq!(missing(&exchanges[0].printed, printed), None);
    assert_eq!(
        missing(&exchanges[0].printed, &printed.replace("until", "from")),
        Some("└─ until (2036-11-18T03:46:28Z)")
    );
    assert_eq!(missing(&exchanges[1].printed, "id: 5, done"), None);
    assert_eq!(
        missing(&exchanges[1].printed, "id: 5, do"),
        Some("id: …, done")
    );
}

#[test]
fn an_answer_has_what_the_page_shows() {
    let page = serde_json::json!({"a": "x…", "b": {"n": 1}, "c": ["…"]});
    let answer = serde_json::json!({"a": "xyz", "b": {"n": 1, "more": 2}, "c": [], "d": 0});
    assert_eq!(difference(&page, &answer, ""), None);
    for wrong in [
        serde_json::json!({"a": "y", "b": {"n": 1}, "c": []}),
        serde_json::json!({"a": "x", "b": {"n": 2}, "c": []}),
        serde_json::json!({"a": "x", "b": {}, "c": []}),
        serde_json::json!({"a": "x", "b": {"n": 1}, "c": null}),
    ] {
        assert!(difference(&page, &wrong, "").is_some(), "{wrong}");
    }
}
