//! Quotes from the caller's text, in messages.

/// Longest quote, in characters.
const LONGEST: usize = 120;

/// A value for a message: in backquotes, on one line, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|char| if is_harmful(char) { ' ' } else { char })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Characters that break lines or are none: terminals, logs and YAML readers stumble over them.
pub(crate) fn is_harmful(char: char) -> bool {
    // The last two of every plane, and a block (Unicode, section 23.7).
    let is_none = u32::from(char) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&char);
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') || is_none
}
