//! The commonest slips in YAML, and what to write instead.

/// Hint at what to write instead, if the cause of an error is a known one. `message` is the parser's.
pub(crate) fn in_yaml(text: &str, at: Option<(u32, u32)>, message: &str) -> Option<&'static str> {
    let starts = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    if starts("<<<<<<< ") && starts(">>>>>>> ") {
        return Some("resolve the merge conflict first: its marks are in the text");
    }
    if message.contains("non-breaking") {
        return Some(ODD_SPACES);
    }
    let (number, column) = at?;
    // What is missing at the end is missed on the line behind it.
    let line = line(text, number).unwrap_or_default();
    let rest = rest(line, column);
    if rest.trim_end() == "," {
        return Some("remove the comma at the end of the line: YAML has none between fields");
    }
    if indentation(line).contains('\t') {
        return Some(SPACES);
    }
    if line.contains("\\n") && !line.contains('"') {
        return Some("make line breaks real ones: \\n stands in the text in their place");
    }
    // A folded text keeps its deeper lines.
    let is_folded = has_lost_lines(line) && !line.contains(['{', '[', '"']);
    if is_folded || has_lost_lines(text) {
        return Some(LOST_LINES);
    }
    if line.starts_with("\u{60}\u{60}\u{60}") {
        return Some(FENCES);
    }
    if line.contains("{{") {
        return Some(
            "put the value itself in the place of {{…}}: a template has not been filled in",
        );
    }
    if line.contains(": ") && rest.starts_with(RESERVED) || message.contains("without an anchor") {
        return Some("put the value in quotes: its first character means something else in YAML");
    }
    // At the line's own key: the one before has none.
    let is_own_key = rest.starts_with(':') && line.find(':') == line.find(rest);
    if message.contains("mapping values") && is_own_key && number > 1 {
        return Some(
            "the line before is no field: leave it out, or indent this one as its neighbours are",
        );
    }
    by_message(message)
}

/// Returns line and column of a space that is none of YAML's and stands in place of one: in the indentation, or behind a hyphen there
/// or a line's first colon. Line breaks for Go's reader, which are characters like others since YAML 1.2, are none anywhere.
pub(crate) fn odd_space(text: &str) -> Option<(usize, usize)> {
    if text.is_ascii() {
        return None;
    }
    let (mut line, mut column) = (1, 0);
    let (mut is_indentation, mut has_colon, mut may_be_space) = (true, false, true);
    for char in text.chars() {
        column += 1;
        match char {
            '\n' => {
                (line, column) = (line + 1, 0);
                (is_indentation, has_colon, may_be_space) = (true, false, true);
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => return Some((line, column)),
            char if may_be_space && is_odd_space(char) => return Some((line, column)),
            ' ' | '-' if is_indentation => {}
            char => {
                may_be_space = char == ':' && !has_colon;
                // No colon of a comment is one.
                has_colon |= char == ':' || (is_indentation && char == '#');
                is_indentation = false;
            }
        }
    }
    None
}

/// A space or line break that only looks like one of ASCII.
pub(crate) fn is_odd_space(char: char) -> bool {
    !char.is_ascii() && char.is_whitespace() || char == '\u{200b}'
}

/// Hint at [`odd_space`].
pub(crate) const ODD_SPACES: &str = "write common spaces in place of non-breaking and other ones, or copy the file itself, not a web page or document that shows it";

/// Hint at how to keep the line breaks of a file.
pub(crate) const LOST_LINES: &str = "keep the line breaks, which are lost: `curl --data-binary @FILE` does, and so do quotes in a shell, \"$(cat FILE)\", and | in \
     place of > in YAML";

/// Hint at the marks of a code block.
pub(crate) const FENCES: &str = "leave out the two lines with the marks of a code block";

/// True where the line breaks of YAML were lost: its only line has three keys, as many as every body has, and does not begin with a
/// bracket or quote.
pub(crate) fn has_lost_lines(text: &str) -> bool {
    let text = text.trim();
    // The line breaks of Windows lose their second half alone.
    !text.contains('\n') && !text.starts_with(['{', '[', '"']) && has_keys(text)
}

/// True where lost line breaks made a comment of the remaining lines, so that the YAML can be read but lacks their keys.
pub(crate) fn has_lost_comment(text: &str) -> bool {
    let text = text.trim();
    // A comment ends at either half of a line break.
    if text.contains('\r') || !has_lost_lines(text) {
        return false;
    }
    let begins = text.starts_with('#').then_some(("", text));
    let Some((before, comment)) = begins.or_else(|| text.split_once(" #")) else {
        return false;
    };
    // Within brackets or quotes it is no comment.
    let is_even = |quote: char| before.matches(quote).count() % 2 == 0;
    let is_outside = !before.contains(['{', '[']) && is_even('"') && is_even('\'');
    is_outside && has_keys(comment)
}

fn has_keys(text: &str) -> bool {
    let is_key = |before: &str| before.ends_with(|char: char| char.is_ascii_alphanumeric());
    let colons = text.match_indices(": ");
    let mut keys = colons.filter(|(at, _)| text.get(..*at).is_some_and(is_key));
    keys.nth(2).is_some()
}

/// Characters that begin no plain scalar, or something else than one (YAML 1.2.2, section 5.3).
const RESERVED: [char; 6] = ['@', '`', '%', '*', '&', '!'];

fn by_message(message: &str) -> Option<&'static str> {
    let known = KNOWN.iter().find(|(part, _)| message.contains(part));
    known.map(|(_, hint)| *hint)
}

/// Parts of the parser's messages.
const KNOWN: [(&str, &str); 14] = [
    ("tab", SPACES),
    (
        "mapping values are not allowed",
        "put the value in quotes where it has a colon and a blank behind it, or indent the line as its neighbours are",
    ),
    ("unclosed quote", "a closing quote is missing"),
    ("multiline quoted scalar", "a closing quote is missing"),
    (
        "invalid trailing content",
        "put all of the value in quotes, and nothing behind them",
    ),
    ("unclosed bracket", "a closing bracket or brace is missing"),
    (
        "expected ',' or",
        "a comma, or a closing bracket or brace, is missing",
    ),
    (
        "bracket",
        "close each bracket and brace once, the last one first",
    ),
    (
        "string scalar",
        "a key is a word: put it in quotes, or indent the line as its neighbours are",
    ),
    (
        "parsing a quoted scalar",
        "write a backslash in double quotes as \\\\, or put the value in single quotes",
    ),
    (
        "simple key expected",
        "a key needs a colon and a blank behind it (`key: value`), or the line has to be indented as a part of the value before it",
    ),
    (
        "block scalar, did",
        "begin the text on the line behind | or >",
    ),
    (
        "block scalar",
        "indent all lines of the text alike, blank ones as well",
    ),
    (
        "did not find expected key",
        "indent all fields of an object alike, and begin none with a hyphen",
    ),
];

const SPACES: &str = "indent with spaces: YAML takes no tabs there";

fn line(text: &str, number: u32) -> Option<&str> {
    text.lines()
        .nth(usize::try_from(number).ok()?.checked_sub(1)?)
}

/// Returns the text from a column on. Columns of YAML count characters.
fn rest(line: &str, column: u32) -> &str {
    let before = usize::try_from(column)
        .unwrap_or_default()
        .saturating_sub(1);
    let start = line.char_indices().nth(before).map(|(at, _)| at);
    start.and_then(|at| line.get(at..)).unwrap_or_default()
}

fn indentation(line: &str) -> &str {
    let inner = line.trim_start_matches([' ', '\t']);
    line.get(..line.len() - inner.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{has_lost_comment, odd_space};

    #[test]
    fn spaces_that_are_none_have_a_place() {
        for (text, at) in [
            ("a:\n\u{a0}\u{a0}b: c", (2, 1)),
            ("a:\n  -\u{a0}b: c", (2, 4)),
            ("ä:\u{3000}b", (1, 3)),
            ("-\u{200b}a: b", (1, 2)),
            ("a: b\nab\u{85}c: d", (2, 3)),
            ("a: b\r\n\u{2003}c: d", (2, 1)),
        ] {
            assert_eq!(odd_space(text), Some(at), "{text:?}");
        }
        for text in ["name: a\u{a0}b", "  # see:\u{a0}a", "a: ä", "a: b"] {
            assert_eq!(odd_space(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_comment_ends_at_any_line_break() {
        let lines = ["# mine", "api_server: x", "cluster_type: y", "usage: z"];
        assert!(has_lost_comment(&lines.join(" ")));
        for line_break in ["\r", "\n", "\r\n"] {
            assert!(!has_lost_comment(&lines.join(line_break)), "{line_break:?}");
        }
    }
}
