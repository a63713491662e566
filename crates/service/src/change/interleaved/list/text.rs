//! The lines of a YAML file, comparable whoever wrote it: people and programs indent, quote and comment their lists
//! differently. No parser, because what is not understood has to stay as it is.

/// One string for every line, and for every entry of a list with all that belongs to it. Entries begin where their
/// key begins; those that are files are without quotes and comments.
pub(super) fn lines(content: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    for line in String::from_utf8_lossy(content).lines() {
        open(line.trim_end(), &mut lines);
    }
    align(&mut lines);
    let mut joined: Vec<String> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some(entry) if is_entry(entry) && indent(&line) > indent(entry) => {
                entry.push('\n');
                entry.push_str(&line);
            }
            _ => joined.push(line),
        }
    }
    joined
}

/// Whether a line is an entry, and not what holds further lists.
pub(super) fn is_entry(line: &str) -> bool {
    let first = line.lines().next().unwrap_or_default();
    is_entry_or_list(first) && !first.ends_with(':')
}

/// What makes a line the same as another: of an entry not the indentation, and an empty list opens for its first one.
pub(super) fn key(line: &str) -> &str {
    if is_entry(line) {
        line.trim_start()
    } else {
        line.strip_suffix(" []").unwrap_or(line)
    }
}

/// An entry where those of its list begin.
pub(super) fn beside(neighbour: &str, entry: &str) -> String {
    let (from, to) = (indent(entry), indent(neighbour));
    let margin = |width| format!("\n{}", " ".repeat(width));
    let moved = format!("\n{entry}").replace(&margin(from), &margin(to));
    moved.trim_start_matches('\n').to_owned()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// `key: [a.yaml, b.yaml]` is a line for the key and one for each entry.
fn open(line: &str, lines: &mut Vec<String>) {
    let entries = line.strip_suffix(']').and_then(|it| it.split_once(": ["));
    if let Some((key, entries)) = entries
        && !key.contains('#')
        && entries.split(',').all(|it| file(it).is_some())
    {
        lines.push(format!("{key}:"));
        let dashes = " ".repeat(indent(key));
        let entries = entries.split(',').filter_map(file);
        lines.extend(entries.map(|it| format!("{dashes}- {it}")));
        return;
    }
    let entry = line.split_once("- ").filter(|(it, _)| it.trim().is_empty());
    let plain = entry.and_then(|(dashes, value)| {
        let bare = value.split(" #").next().and_then(file)?;
        Some(format!("{dashes}- {bare}"))
    });
    lines.push(plain.unwrap_or_else(|| line.to_owned()));
}

/// A value that is a file, which says the same with and without quotes.
fn file(value: &str) -> Option<&str> {
    let quotes = |it: char| it == '"' || it == '\'';
    let bare = value.trim().trim_matches(quotes);
    is_file(bare).then_some(bare)
}

/// Whether a text is the path of a YAML file and needs no quotes.
pub(super) fn is_file(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    text.ends_with(".yaml") && text.bytes().all(plain)
}

/// Lists begin where their key begins.
fn align(lines: &mut [String]) {
    let mut rest = lines;
    while let Some((key, below)) = rest.split_first_mut() {
        // The key of `- list:` begins behind the dash.
        let begins = key.len() - key.trim_start_matches([' ', '-']).len();
        let depth = match below.first() {
            Some(first) if key.ends_with(':') && is_entry_or_list(first) => indent(first),
            _ => 0,
        };
        if depth > begins {
            for line in below.iter_mut() {
                if indent(line) >= depth {
                    line.drain(..depth - begins);
                } else if !line.is_empty() {
                    break;
                }
            }
        }
        rest = below;
    }
}

fn is_entry_or_list(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

#[cfg(test)]
mod tests;
