//! Spaces that look like one and are none for YAML.

use super::KubeconfigError;
use super::kinds::SPACES;

/// Refuses a text whose spaces are none of YAML's, which takes them for parts of names.
pub(in super::super) fn spaces(text: &str) -> Option<KubeconfigError> {
    has_odd_spaces(text).then_some(SPACES)
}

/// In the indentation, or behind a colon or hyphen.
fn has_odd_spaces(text: &str) -> bool {
    let is_odd =
        |char: char| char != ' ' && char.is_whitespace() && !char.is_ascii() || char == '\u{200b}';
    // Line breaks for Go's reader, characters like others since YAML 1.2.
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return true;
    }
    text.lines().any(|line| {
        let inner =
            line.trim_start_matches(|char: char| char == ' ' || char == '-' || is_odd(char));
        let indentation = line.get(..line.len() - inner.len()).unwrap_or_default();
        let behind_key = line
            .split(':')
            .nth(1)
            .and_then(|value| value.chars().next());
        indentation.contains(is_odd) || behind_key.is_some_and(is_odd)
    })
}
