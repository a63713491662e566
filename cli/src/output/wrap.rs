//! Sentences in a window: broken between words, not within them.

/// Breaks lines that are wider than the window. What follows a break begins below the line's own beginning, two columns in.
/// A word that has no room in a line of its own, such as a URL, stays where it is, whole, so that it can be copied.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| wrap_line(line, width)).collect();
    lines.join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    if console::measure_text_width(line) <= width {
        return line.to_owned();
    }
    let sentence = line.trim_start();
    let margin = line.len() - sentence.len();
    let indent = margin + 2;
    let mut wrapped = " ".repeat(margin);
    let mut column = margin;
    for (number, word) in sentence.split(' ').enumerate() {
        let length = console::measure_text_width(word);
        let is_too_far = column + 1 + length > width;
        if number > 0 && is_too_far && indent + length <= width {
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            column = indent;
        } else if number > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn sentences_break_between_words() {
        insta::assert_snapshot!(wrap("  ✖ there is no such thing in the namespace argocd: nothing is installed\nshort", 30), @r"
          ✖ there is no such thing in
            the namespace argocd:
            nothing is installed
        short
        ");
    }

    #[test]
    fn a_word_that_is_longer_than_a_line_stays_whole() {
        let url = format!("https://{}.example.com", "a".repeat(40));
        let wrapped = wrap(&format!("error: {url} does not answer in time"), 30);
        assert_eq!(wrapped, format!("error: {url}\n  does not answer in time"));
    }

    #[test]
    fn colours_take_no_room() {
        let line = "\x1b[33mwarning\x1b[0m: ten letters";
        assert_eq!(wrap(line, 20), line);
    }
}
