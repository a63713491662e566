//! The slips that the guides of the original have, and the commonest others.

use crate::tree::read::Reason;
use crate::tree::slip;

/// What to write instead, if the cause of an error in JSON is a known one.
pub(super) fn in_json(text: &str, line: u32, column: u32, message: &str) -> Option<String> {
    let offset = offset(text, line, column)?;
    let (before, after) = (text.get(..offset)?, text.get(offset..)?);
    let is_json = begins_json(text);
    let hint = match after.chars().next() {
        Some('#') if is_json => COMMENT.to_owned(),
        Some('/') => COMMENT.replace('#', "//"),
        Some('|' | '>') => BLOCK_SCALAR.to_owned(),
        Some('\'') => "JSON has double quotes only: write \" instead of '".to_owned(),
        Some('，' | '：' | '“' | '”' | '｛' | '｝') => FULL_WIDTH.to_owned(),
        Some(char) if slip::is_odd_space(char) => slip::ODD_SPACES.to_owned(),
        Some('\\') => BACKSLASHES.to_owned(),
        Some('`') => slip::FENCES.to_owned(),
        _ if !is_json => YAML.to_owned(),
        _ => by_message(before, after, message)?,
    };
    Some(hint)
}

/// True where an object or list of JSON begins behind blank lines and comments, which many put before either.
pub(super) fn begins_json(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    let is_comment =
        |line: &str| line.is_empty() || line.starts_with('#') || line.starts_with("//");
    let first = lines.find(|line| !is_comment(line));
    first.is_some_and(|line| line.starts_with(['{', '[']))
}

/// What to write instead, if the cause of an error in YAML is a known one.
pub(super) fn in_yaml(text: &str, at: (u32, u32), reason: &Reason) -> Option<String> {
    if *reason == Reason::SeveralDocuments {
        return Some("send one request for each cluster".to_owned());
    }
    slip::in_yaml(text, Some(at), &reason.to_string()).map(str::to_owned)
}

const COMMENT: &str = "JSON has no comments: remove everything from # to the end of the line";

const BLOCK_SCALAR: &str = "JSON has no block scalars: write the text as one string with \\n for every line break, \
     or its Base64 form, or send YAML with Content-Type: application/yaml";

const FULL_WIDTH: &str =
    "JSON has the punctuation of ASCII only: write , : \" instead of their full-width forms";

const BACKSLASHES: &str =
    "remove the backslashes before the quotes: a shell, or a second encoding, has put them in";

const FILL_IN: &str =
    "put the value itself there, in double quotes: a placeholder has not been filled in";

const YAML: &str = "a JSON body begins with {; for YAML send Content-Type: application/yaml";

fn by_message(before: &str, after: &str, message: &str) -> Option<String> {
    let last = || format!("line {}", before.trim_end().lines().count());
    let first = after.chars().next();
    let hint = match message {
        "trailing comma" => {
            format!("remove the comma after the last entry, in {}", last())
        }
        "expected `,` or `}`" | "expected `,` or `]`"
            if first.is_some_and(|char| char.is_alphanumeric() || "\"{[-".contains(char)) =>
        {
            format!("a comma is missing at the end of {}", last())
        }
        "key must be a string" if after.starts_with('{') => FILL_IN.to_owned(),
        "key must be a string" => "put the field's name in double quotes".to_owned(),
        "expected value" if first.is_some_and(|char| "$<".contains(char)) => FILL_IN.to_owned(),
        "expected value" | "expected ident" if first.is_some_and(char::is_alphabetic) => {
            "put the value in double quotes, or write true, false or null as JSON does".to_owned()
        }
        "expected value" => {
            "put the value itself between the colon or comma and this character".to_owned()
        }
        "number out of range" => {
            "write the number in digits, or as a string in double quotes".to_owned()
        }
        "expected `,` or `}`" | "expected `,` or `]`" => {
            "remove this character: nothing was opened that it closes".to_owned()
        }
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a line break inside a string is written \\n; a kubeconfig can also be sent in Base64"
                .to_owned()
        }
        "invalid escape" => "write a backslash inside a string as \\\\".to_owned(),
        "trailing characters" => "remove what follows the closing brace".to_owned(),
        message if message.starts_with("EOF while parsing") => {
            "the body ends too early: a closing quote, bracket or brace is missing".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

/// The byte that a line and a column, both from 1, stand for. serde_json counts columns in bytes.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let offset = start.checked_add(column)?;
    // An error at the end of the text is one behind it.
    Some(offset.min(text.len())).filter(|offset| text.is_char_boundary(*offset))
}
