//! Quotes from the caller's text, in messages.

/// Longest quote, in characters.
const LONGEST: usize = 80;

/// A value for a message: in backquotes, on one line, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
