//! How large a body may be once it is read, so that judging it costs little whatever it holds.

use crate::Violation;
use crate::body::quote::quoted;
use crate::tree::read::{Reason, Unreadable};
use crate::tree::{Entry, Node};

/// Values of every kind, those in lists and objects included. The largest guide's request has 60; one with every product
/// of a large tenant in every namespace stays below this.
const MOST_VALUES: usize = 10_000;
/// Characters of a key: a Kubernetes object's name has no more, and no key here is anything longer.
const LONGEST_KEY: usize = 253;
/// Objects and lists within each other. A manifest has six.
const DEEPEST: usize = 32;

/// Refuses a body that is above a limit, and names it.
///
/// # Errors
/// The first limit that is met.
pub(super) fn check(root: &Node) -> Result<(), Violation> {
    let mut values = 0;
    walk(root, "", 0, &mut values)
}

/// The limits of the parsers themselves, which are wider, and where they were met.
pub(super) fn of_parser(error: &Unreadable) -> Option<Violation> {
    let what = match &error.reason {
        Reason::Limit => {
            format!("more than {MOST_VALUES} keys and values, {DEEPEST} levels or too many aliases")
        }
        Reason::Syntax(text) if text == "recursion limit exceeded" => {
            format!("more than {DEEPEST} levels")
        }
        _ => return None,
    };
    let place = match error.at {
        Some((line, column)) => format!(" (line {line}, column {column})"),
        None => String::new(),
    };
    Some(above("", format!("has {what}{place}")))
}

fn walk(node: &Node, at: &str, depth: usize, values: &mut usize) -> Result<(), Violation> {
    *values += 1;
    if *values > MOST_VALUES {
        return Err(above("", format!("has more than {MOST_VALUES} values")));
    }
    if depth > DEEPEST {
        return Err(above(
            at,
            format!("is nested more than {DEEPEST} levels deep"),
        ));
    }
    // Where it is, is said by the field at the top alone: a pointer of such a depth tells nobody anything.
    match node {
        Node::List(items) => items
            .iter()
            .try_for_each(|item| walk(item, at, depth + 1, values)),
        Node::Map(entries) => entries
            .iter()
            .try_for_each(|entry| walk_entry(entry, at, depth, values)),
        _ => Ok(()),
    }
}

fn walk_entry(entry: &Entry, at: &str, depth: usize, values: &mut usize) -> Result<(), Violation> {
    if entry.key.chars().nth(LONGEST_KEY).is_some() {
        let message = format!(
            "has a key of more than {LONGEST_KEY} characters: {}",
            quoted(&entry.key)
        );
        return Err(above(at, message));
    }
    let own = crate::fields::pointer("", &entry.key);
    let at = if at.is_empty() { &own } else { at };
    walk(&entry.value, at, depth + 1, values)
}

fn above(at: &str, what: String) -> Violation {
    let subject = match at {
        "" => "the body".to_owned(),
        at => crate::fields::named(at),
    };
    Violation {
        field: at.to_owned(),
        message: format!("{subject} {what}"),
        hint: Some("send a cluster's fields alone".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::read::{Format, tree};

    fn refused(text: &str) -> Option<(String, String)> {
        let node = tree(text, Format::Json).map_err(|error| error.reason).ok();
        let violation = check(&node.unwrap()).err()?;
        Some((violation.field, violation.message))
    }

    /// A list of so many values, itself counted, and the object around it.
    fn values(number: usize) -> String {
        format!("{{\"a\": [{}]}}", vec!["1"; number - 2].join(","))
    }

    fn nested(levels: usize) -> String {
        format!(
            "{{\"a\": {}1{}}}",
            "[".repeat(levels - 1),
            "]".repeat(levels - 1)
        )
    }

    fn key(length: usize) -> String {
        format!("{{\"a\": {{\"{}\": 1}}}}", "ä".repeat(length))
    }

    #[test]
    fn at_below_and_above_every_limit() {
        for (text, limit) in [
            (values as fn(usize) -> String, MOST_VALUES),
            (nested, DEEPEST),
            (key, LONGEST_KEY),
        ] {
            assert_eq!(refused(&text(limit - 1)), None);
            assert_eq!(refused(&text(limit)), None);
            let (_, message) = refused(&text(limit + 1)).unwrap();
            assert!(message.contains(&limit.to_string()), "{message}");
            assert!(message.len() < 400, "{message}");
        }
        assert_eq!(refused(&key(LONGEST_KEY + 1)).unwrap().0, "/a");
    }
}
