//! A unified diff in colours.

use maud::{Markup, html};

/// One file of a diff.
struct FileDiff<'a> {
    path: &'a str,
    lines: Vec<&'a str>,
}

/// Every file of a unified diff, folded but for the first ones.
pub(super) fn diff(text: &str) -> Markup {
    let files = split(text);
    let open = files.len().min(3);
    html! {
        div.diff {
            @for (index, file) in files.iter().enumerate() {
                details open[index < open] {
                    summary { code { (file.path) } span.sub { (count(file, '+')) " added, " (count(file, '-')) " removed" } }
                    pre tabindex="0" role="region" aria-label={ "Changes of " (file.path) } {
                        @for line in &file.lines { span class=(class(line)) { (line) "\n" } }
                    }
                }
            }
        }
    }
}

fn split(text: &str) -> Vec<FileDiff<'_>> {
    let mut files: Vec<FileDiff<'_>> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let next_is_new = lines.peek().is_some_and(|next| next.starts_with("+++ "));
        if line.starts_with("--- ") && next_is_new {
            let new = lines.next().unwrap_or_default();
            let path = if new.contains("/dev/null") { line } else { new };
            let path = path.get(4..).unwrap_or_default();
            let path = path
                .strip_prefix("a/")
                .or_else(|| path.strip_prefix("b/"))
                .unwrap_or(path);
            files.push(FileDiff {
                path,
                lines: Vec::new(),
            });
        } else if let Some(file) = files.last_mut() {
            file.lines.push(line);
        }
    }
    files
}

fn count(file: &FileDiff<'_>, sign: char) -> usize {
    file.lines
        .iter()
        .filter(|line| line.starts_with(sign))
        .count()
}

fn class(line: &str) -> &'static str {
    match line.chars().next() {
        Some('+') => "added",
        Some('-') => "gone",
        Some('@') => "place",
        _ => "same",
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn files_are_told_apart_and_a_removed_line_is_no_file() {
        let text = "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1 @@\n a\n--- b\n--- a/y\n+++ /dev/null\n@@ -1 +0,0 @@\n-z\n";
        let files = split(text);
        let found: Vec<_> = files
            .iter()
            .map(|file| (file.path, file.lines.len()))
            .collect();
        assert_eq!(found, [("x.yaml", 3), ("y", 2)]);
    }
}
