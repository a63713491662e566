//! A shared list that a foreign commit changed before it was overwritten.

mod text;

use std::collections::BTreeSet;

use gather::Gather as _;

use crate::paths;
use text::{beside, is_entry, is_file, key, lines};

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

type Entries<'a> = BTreeSet<&'a str>;

impl List {
    /// Files of the entries that came or went with the foreign commit, or by earlier repairs: whether they are there
    /// now decides.
    pub(super) fn in_doubt(&self) -> BTreeSet<String> {
        let (base, theirs) = (lines(&self.base), lines(&self.theirs));
        let (base, theirs) = (entries(&base), entries(&theirs));
        let moved = base.symmetric_difference(&theirs);
        let moved = moved.filter_map(|entry| self.file_of(entry));
        moved.chain(self.repaired.iter().cloned()).gather()
    }

    /// What is there now, with the entries that came and without those that went by the foreign commit. It may have
    /// been made from an older list than this request's and have undone what it did not know of, and since then
    /// somebody may have taken an entry back or added it again. Files are never undone so: an entry whose file is
    /// there is wanted, and one whose file is not would break the whole list.
    pub(super) fn merged(&self, now: &[u8], is_there: impl Fn(&str) -> Option<bool>) -> Vec<u8> {
        let texts = [&self.base, &self.theirs, now].map(lines);
        let sets = [&texts[0], &texts[1], &texts[2]].map(|it| entries(it));
        let [base, theirs, now_lines] = &texts;
        let wanted = |line: &str| self.is_wanted(&sets, line, &is_there);
        // Everything but the entries is theirs as well, unless somebody has changed it since.
        let untouched = frame(base) == frame(now_lines);
        let skeleton = if untouched { theirs } else { now_lines };
        let mut merged: Vec<String> = skeleton.clone();
        merged.retain(|line| !is_entry(line) || wanted(line));
        let mut there: BTreeSet<String> = merged.iter().map(|line| key(line).to_owned()).gather();
        for text in [now_lines, theirs] {
            let mut previous = "";
            for line in text {
                if is_entry(line) && !there.contains(key(line)) && wanted(line) {
                    insert(&mut merged, previous, line);
                    there.insert(key(line).to_owned());
                }
                if there.contains(key(line)) {
                    previous = line;
                }
            }
        }
        // What says the same stays as somebody wrote it.
        if frame(&merged) == frame(now_lines) && entries(&merged) == entries(now_lines) {
            return now.to_vec();
        }
        (merged.join("\n") + "\n").into_bytes()
    }

    /// What the foreign commit left, where the list is not there any more: without what came with it and has gone
    /// since.
    pub(super) fn theirs_still_there(&self, is_there: impl Fn(&str) -> Option<bool>) -> Vec<u8> {
        let (base, mut theirs) = (lines(&self.base), lines(&self.theirs));
        let base = entries(&base);
        theirs.retain(|line| {
            let file = || self.file_of(line);
            !is_entry(line)
                || base.contains(key(line))
                || file().and_then(|it| is_there(&it)) != Some(false)
        });
        (theirs.join("\n") + "\n").into_bytes()
    }

    /// Whether an entry is to be in the list, by what the three texts say of it.
    fn is_wanted(
        &self,
        [base, theirs, now]: &[Entries<'_>; 3],
        line: &str,
        is_there: &impl Fn(&str) -> Option<bool>,
    ) -> bool {
        let (was, is) = (base.contains(key(line)), now.contains(key(line)));
        let foreign = theirs.contains(key(line));
        let Some(file) = self.file_of(line) else {
            return if foreign != was && is == was {
                foreign
            } else {
                is
            };
        };
        // The same file in other words.
        let came = |it: &&str| !base.contains(*it) && self.file_of(it).as_ref() == Some(&file);
        if was && !foreign && theirs.iter().any(came) {
            return false;
        }
        let is_lost = foreign != was && is == was;
        let is_undone = foreign == was && is != was && self.repaired.contains(&file);
        if is_lost || is_undone {
            is_there(&file).unwrap_or(if is_lost { foreign } else { is })
        } else {
            is
        }
    }

    /// The file that an entry stands for, where that can be told.
    fn file_of(&self, entry: &str) -> Option<String> {
        let value = entry.trim_start().strip_prefix("- ")?;
        if self.path == paths::HOST_APPLICATION_SET {
            let mut members = value.lines().map(str::trim);
            let name = members.find_map(|member| member.strip_prefix("cluster: "))?;
            let name = name.trim_matches(['"', '\'']);
            return paths::is_cluster_name(name).then(|| domain::resource::path(name));
        }
        // A path that leads out of the folder is nothing that can be looked at.
        let is_below = |it: &str| !it.is_empty() && !it.starts_with('.');
        let is_path = is_file(value) && value.split('/').all(is_below);
        is_path.then(|| format!("{}/{value}", paths::RESOURCE_FILES))
    }
}

fn entries(lines: &[String]) -> Entries<'_> {
    let lines = lines.iter().filter(|line| is_entry(line));
    lines.map(|line| key(line)).gather()
}

/// Everything but the entries, and the comments, which go with the first change by a function.
fn frame(lines: &[String]) -> Vec<&str> {
    let is_comment = |line: &str| line.is_empty() || line.trim_start().starts_with('#');
    let lines = lines
        .iter()
        .filter(|line| !is_entry(line) && !is_comment(line));
    lines.map(|line| key(line)).collect()
}

/// Behind the line that it follows in the other text.
fn insert(lines: &mut Vec<String>, previous: &str, entry: &str) {
    let mut place = lines.len();
    for (index, line) in lines.iter_mut().enumerate() {
        if key(line) == key(previous) {
            // An empty list opens for its first entry.
            if !is_entry(line) {
                *line = key(line).to_owned();
            }
            place = index + 1;
            break;
        }
    }
    let mut neighbours = lines.iter().skip(place.saturating_sub(1)).take(2);
    let neighbour = neighbours.find(|line| is_entry(line));
    let entry = neighbour.map_or_else(|| entry.to_owned(), |it| beside(it, entry));
    lines.insert(place, entry);
}

#[cfg(test)]
mod tests;
