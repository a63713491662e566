//! Quotes from the caller's text, in messages.

/// Longest quote, in characters.
const LONGEST: usize = 120;

/// A value for a message: in backquotes, on one line, without user information, cut where it is long.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("`{}`", shortened(&without_user_information(text)))
}

/// A text from outside for an answer: on one line, cut where it is long.
#[must_use]
pub fn shortened(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|char| if is_harmful(char) { ' ' } else { char })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// The text behind `user:password@` or `token@`, which is a secret in whatever field somebody put it. What a path or a
/// query has before its own `@` is cut as well: passwords have slashes and question marks that should have been encoded.
fn without_user_information(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, rest)) if !before.is_empty() => format!("…@{rest}"),
        _ => text.to_owned(),
    }
}

/// Characters that break lines or are none: terminals, logs and YAML readers stumble over them.
pub(crate) fn is_harmful(char: char) -> bool {
    // The last two of every plane, and a block (Unicode, section 23.7).
    let is_none = u32::from(char) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&char);
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') || is_none
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, quoted};

    #[test]
    fn user_information_is_cut() {
        for (text, shown) in [
            ("https://u:secret@h:1/p", "`…@h:1/p`"),
            ("https://token@h", "`…@h`"),
            ("u:secret@h:1", "`…@h:1`"),
            ("https://u:s@e/cret@h", "`…@h`"),
            ("HTTP://u:p q@h", "`…@h`"),
            ("token@h", "`…@h`"),
            ("https://h:1", "`https://h:1`"),
            ("@h", "`@h`"),
        ] {
            assert_eq!(quoted(text), shown);
        }
        let long = format!("u:{}@h", "a".repeat(2 * LONGEST));
        assert_eq!(quoted(&long), "`…@h`");
    }

    #[test]
    fn long_quotes_are_cut() {
        for (length, end) in [(LONGEST - 1, "a`"), (LONGEST, "a`"), (LONGEST + 1, "a…`")] {
            let shown = quoted(&"a".repeat(length));
            assert!(shown.ends_with(end), "{length}");
            assert_eq!(
                shown.chars().filter(|char| *char == 'a').count(),
                length.min(LONGEST)
            );
        }
    }
}
