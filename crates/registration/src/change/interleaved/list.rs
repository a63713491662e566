//! A shared list that a foreign commit changed before it was overwritten.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths;

/// One list, by lines.
pub(super) struct List {
    pub path: String,
    /// As it was read.
    pub base: Vec<u8>,
    /// As the foreign commit left it.
    pub theirs: Vec<u8>,
    /// Files of the entries that came or went with it, as far as they were there then.
    pub files: BTreeSet<String>,
    /// Files of the entries that earlier repairs of this request brought back or took away, and whether they were
    /// there then. A foreign commit that came before such a repair knew nothing of the entry, only of the file.
    pub repaired: BTreeMap<String, bool>,
}

/// The texts and their entries.
struct Texts {
    base: String,
    theirs: String,
    now: String,
}

impl List {
    /// Files of the entries that came or went with the foreign commit.
    pub(super) fn moved(&self) -> Vec<String> {
        let texts = self.texts(&[]);
        let [base, theirs, _] = texts.entries();
        let moved = base.symmetric_difference(&theirs);
        moved.filter_map(|entry| self.file_of(entry)).collect()
    }

    /// Those of them, and of earlier repairs, that are in doubt now.
    pub(super) fn in_doubt(&self, now: &[u8]) -> Vec<String> {
        let texts = self.texts(now);
        let [base, theirs, now] = texts.entries();
        let moved = base.symmetric_difference(&theirs);
        moved
            .filter(|entry| base.contains(*entry) == now.contains(*entry))
            .filter_map(|entry| self.file_of(entry))
            .chain(self.repaired.keys().cloned())
            .collect()
    }

    /// What a later repair has to know of this one and of those before it.
    pub(super) fn repairs(&self) -> BTreeMap<String, bool> {
        let mut repaired = self.repaired.clone();
        let moved = self.moved().into_iter();
        repaired.extend(moved.map(|file| {
            let was_there = self.files.contains(&file);
            (file, was_there)
        }));
        repaired
    }

    /// What is there now, with the entries that came and without those that went by the foreign commit. Since
    /// then somebody may have taken them back or added them again: their files tell.
    pub(super) fn merged(&self, now: &[u8], is_there: impl Fn(&str) -> Option<bool>) -> Vec<u8> {
        let texts = self.texts(now);
        let [base, theirs, now] = texts.entries();
        let was_and_is = |entry: &str| {
            let file = self.file_of(entry)?;
            Some((self.files.contains(&file), is_there(&file)?))
        };
        let repaired_and_is = |entry: &str| {
            let file = self.file_of(entry)?;
            Some((*self.repaired.get(&file)?, is_there(&file)?))
        };
        let wanted = |entry: &str| match (
            base.contains(entry),
            theirs.contains(entry),
            now.contains(entry),
        ) {
            (false, true, false) => was_and_is(entry) != Some((true, false)),
            (true, false, true) => was_and_is(entry) == Some((false, true)),
            (false, false, true) => repaired_and_is(entry) != Some((true, false)),
            (true, true, false) => repaired_and_is(entry) == Some((false, true)),
            (_, _, is_now) => is_now,
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
