//! Quotes from the caller's text, in messages.

/// Longest quote, in characters.
const LONGEST: usize = 120;

/// Characters of an invisible one that is written out, such as `\u{200b}`.
const WRITTEN_OUT: usize = 8;

/// A value for a message: in backquotes, on one line, without user information, cut where it is long.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("`{}`", shortened(&without_secrets(text)))
}

/// A text from outside for an answer: on one line, cut where it is long, with what nobody sees written out.
#[must_use]
pub fn shortened(text: &str) -> String {
    // Most are, and a body may have ten thousand.
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if text.len() <= LONGEST && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut room = LONGEST;
    for char in text.chars() {
        let width = if is_invisible(char) { WRITTEN_OUT } else { 1 };
        let Some(rest) = room.checked_sub(width) else {
            shown.push('…');
            break;
        };
        room = rest;
        match char {
            char if is_harmful(char) => shown.push(' '),
            char if is_invisible(char) => shown.extend(char.escape_unicode()),
            char => shown.push(char),
        }
    }
    shown
}

/// The text behind `user:password@` or `token@`, which is a secret in whatever field somebody put it. What a path or a
/// query has before its own `@` is cut as well: passwords have slashes and question marks that should have been encoded.
fn without_secrets(text: &str) -> String {
    let text = match text.rsplit_once('@') {
        Some((before, rest)) if !before.is_empty() => format!("…@{rest}"),
        _ => text.to_owned(),
    };
    // Of a URL: some servers take their tokens there.
    let from = text.find("://").map_or(0, |at| at + 3);
    match text.get(from..).and_then(|rest| rest.find(['?', '#'])) {
        Some(at) if from > 0 => format!("{}…", text.get(..=from + at).unwrap_or_default()),
        _ => text,
    }
}

/// A value without the blanks that whoever copies one takes along, those that nobody sees included.
pub(crate) fn trim_blanks(text: &str) -> &str {
    text.trim_matches(|char: char| char.is_whitespace() || is_invisible(char))
}

/// Characters without a shape of their own, which web pages and chats put beside or into what is copied from them: the soft
/// hyphen, and those of no width (Unicode, section 23.2).
const fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

/// Characters that break lines or are none: terminals, logs and YAML readers stumble over them.
pub(crate) fn is_harmful(char: char) -> bool {
    // The last two of every plane, and a block (Unicode, section 23.7).
    let is_none = u32::from(char) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&char);
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') || is_none
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, quoted, trim_blanks};

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
            ("https://h:1/p?access_token=secret", "`https://h:1/p?…`"),
            ("https://h:1/#secret", "`https://h:1/#…`"),
            ("a?b", "`a?b`"),
            ("@h", "`@h`"),
        ] {
            assert_eq!(quoted(text), shown);
        }
        let long = format!("u:{}@h", "a".repeat(2 * LONGEST));
        assert_eq!(quoted(&long), "`…@h`");
    }

    #[test]
    fn what_nobody_sees_is_dropped_beside_a_value_and_shown_in_it() {
        for blank in [
            ' ', '\t', '\u{a0}', '\u{ad}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{2060}',
            '\u{202c}', '\u{3000}', '\u{feff}',
        ] {
            assert_eq!(trim_blanks(&format!("{blank}{blank}a-b{blank}")), "a-b");
        }
        assert_eq!(trim_blanks("\u{200b} \u{feff}"), "");
        assert_eq!(quoted("a\u{200b}b\u{ad}"), "`a\\u{200b}b\\u{ad}`");
        assert_eq!(quoted("ä 名"), "`ä 名`");
        let many = quoted(&"\u{200b}".repeat(500));
        assert!(many.chars().count() <= LONGEST + 3, "{many}");
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
