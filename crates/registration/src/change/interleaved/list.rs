//! A shared list that a foreign commit changed before it was overwritten.

use std::collections::BTreeSet;

use crate::paths;

/// One list, by lines.
pub(super) struct List {
    pub path: String,
    /// As it was read.
    pub base: Vec<u8>,
    /// As the foreign commit left it.
    pub theirs: Vec<u8>,
    /// Files of the entries that earlier repairs of this request brought back or took away. A foreign commit that came
    /// before such a repair knew nothing of the entry, only of the file.
    pub repaired: BTreeSet<String>,
}

/// The texts and their entries.
struct Texts {
    base: String,
    theirs: String,
    now: String,
}

impl List {
    /// Files of the entries that came or went with the foreign commit, or by earlier repairs: whether they are there
    /// now decides.
    pub(super) fn in_doubt(&self) -> BTreeSet<String> {
        let texts = self.texts(&[]);
        let [base, theirs, _] = texts.entries();
        let moved = base.symmetric_difference(&theirs);
        let moved = moved.filter_map(|entry| self.file_of(entry));
        moved.chain(self.repaired.iter().cloned()).collect()
    }

    /// What is there now, with the entries that came and without those that went by the foreign commit. It may have
    /// been made from an older list than this request's and have undone what it did not know of, and since then
    /// somebody may have taken an entry back or added it again. Files are never undone so: an entry whose file is
    /// there is wanted, and one whose file is not would break the whole list.
    pub(super) fn merged(&self, now: &[u8], is_there: impl Fn(&str) -> Option<bool>) -> Vec<u8> {
        let texts = self.texts(now);
        let [base, theirs, now] = texts.entries();
        let has_file = |entry: &str| is_there(&self.file_of(entry)?);
        let is_repaired = |entry: &str| {
            let file = self.file_of(entry);
            file.is_some_and(|file| self.repaired.contains(&file))
        };
        let wanted = |entry: &str| {
            let (was, is) = (base.contains(entry), now.contains(entry));
            match theirs.contains(entry) {
                theirs if theirs != was && is == was => has_file(entry).unwrap_or(theirs),
                theirs if theirs == was && is != was && is_repaired(entry) => {
                    has_file(entry).unwrap_or(is)
                }
                _ => is,
            }
        };
        // Everything but the entries is theirs as well, unless somebody has changed it since.
        let untouched = frame(&texts.base) == frame(&texts.now);
        let skeleton = if untouched { &texts.theirs } else { &texts.now };
        let mut lines: Vec<String> = skeleton
            .lines()
            .filter(|line| !is_entry(line) || wanted(line))
            .map(str::to_owned)
            .collect();
        for text in [&texts.now, &texts.theirs] {
            let mut previous = String::new();
            for line in text.lines() {
                if is_entry(line) && wanted(line) && !lines.iter().any(|other| other == line) {
                    insert(&mut lines, &previous, line);
                }
                if lines.iter().any(|other| key(other) == key(line)) {
                    line.clone_into(&mut previous);
                }
            }
        }
        (lines.join("\n") + "\n").into_bytes()
    }

    fn texts(&self, now: &[u8]) -> Texts {
        let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
        Texts {
            base: text(&self.base),
            theirs: text(&self.theirs),
            now: text(now),
        }
    }

    /// The file that an entry stands for, where that can be told.
    fn file_of(&self, entry: &str) -> Option<String> {
        let value = entry.trim().strip_prefix("- ")?.trim();
        if self.path == paths::HOST_APPLICATION_SET {
            let name = value.strip_prefix("cluster: ")?;
            return paths::is_cluster_name(name).then(|| cluster::resource::path(name));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        let is_path = value.bytes().all(plain)
            && !value
                .split('/')
                .any(|it| it.is_empty() || it.starts_with('.'));
        (is_path && value.ends_with(".yaml")).then(|| format!("{}/{value}", paths::RESOURCE_FILES))
    }
}

impl Texts {
    fn entries(&self) -> [BTreeSet<&str>; 3] {
        [&self.base, &self.theirs, &self.now]
            .map(|text| text.lines().filter(|line| is_entry(line)).collect())
    }
}

fn is_entry(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

/// An empty list opens for its first entry.
fn key(line: &str) -> &str {
    line.trim_end().trim_end_matches(" []")
}

fn frame(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !is_entry(line))
        .map(key)
        .collect()
}

/// Behind the line that it follows in the other text.
fn insert(lines: &mut Vec<String>, previous: &str, entry: &str) {
    let index = lines.iter().position(|line| key(line) == key(previous));
    if let Some(line) = index.and_then(|index| lines.get_mut(index)) {
        *line = key(line).to_owned();
    }
    let index = index.map_or(lines.len(), |index| index + 1);
    lines.insert(index, entry.to_owned());
}

#[cfg(test)]
mod tests;
