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
    /// Files of the entries that came or went with it, as far as they were there then.
    pub files: BTreeSet<String>,
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

    /// Those of them that are in doubt now.
    pub(super) fn in_doubt(&self, now: &[u8]) -> Vec<String> {
        let texts = self.texts(now);
        let [base, theirs, now] = texts.entries();
        let moved = base.symmetric_difference(&theirs);
        moved
            .filter(|entry| base.contains(*entry) == now.contains(*entry))
            .filter_map(|entry| self.file_of(entry))
            .collect()
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
        let wanted = |entry: &str| match (
            base.contains(entry),
            theirs.contains(entry),
            now.contains(entry),
        ) {
            (false, true, false) => was_and_is(entry) != Some((true, false)),
            (true, false, true) => was_and_is(entry) == Some((false, true)),
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
mod tests {
    use super::*;

    fn text(entries: &[&str]) -> String {
        let lines: String = entries.iter().map(|it| format!("- {it}.yaml\n")).collect();
        let empty = if entries.is_empty() { " []" } else { "" };
        format!("kind: Kustomization\nresources:{empty}\n{lines}")
    }

    fn merged(base: &[&str], theirs: &[&str], now: &[&str], files: &[&str]) -> String {
        let path = |it: &&str| format!("{}/{it}.yaml", paths::RESOURCE_FILES);
        let list = List {
            path: paths::KUSTOMIZATION.to_owned(),
            base: text(base).into_bytes(),
            theirs: text(theirs).into_bytes(),
            files: theirs.iter().map(path).collect(),
        };
        let files: Vec<String> = files.iter().map(path).collect();
        let is_there = |file: &str| Some(files.iter().any(|it| it == file));
        String::from_utf8(list.merged(text(now).as_bytes(), is_there)).unwrap()
    }

    #[test]
    fn what_came_comes_back_and_what_went_goes() {
        let cases: [[&[&str]; 4]; 7] = [
            [&["a"], &["a", "p"], &["a", "w"], &["a", "p", "w"]],
            [&[], &["p"], &["w"], &["p", "w"]],
            [&["a", "x"], &["a"], &["a", "w", "x"], &["a", "w"]],
            // The entry's neighbour went.
            [&["a", "x"], &["a"], &["a", "x", "y"], &["a", "y"]],
            [&["x"], &[], &["x", "y"], &["y"]],
            // Taken back since, and added again since.
            [&["a"], &["a", "p"], &["a"], &["a"]],
            [&["a", "x"], &["a"], &["a", "x"], &["a", "x"]],
        ];
        for [base, theirs, now, wanted] in cases {
            let mut lines: Vec<&str> = wanted.to_vec();
            lines.sort_unstable();
            let merged = merged(base, theirs, now, wanted);
            let mut found: Vec<&str> = merged
                .lines()
                .filter_map(|line| line.strip_prefix("- ")?.strip_suffix(".yaml"))
                .collect();
            found.sort_unstable();
            assert_eq!(found, lines, "{base:?} {theirs:?} {now:?}: {merged}");
            assert!(
                merged.starts_with("kind: Kustomization\nresources:\n"),
                "{merged}"
            );
        }
    }

    #[test]
    fn entries_whose_files_did_not_change_since_follow_the_foreign_commit() {
        for (base, theirs, wanted) in [
            (text(&[]), text(&["p"]), true),
            (text(&["p"]), text(&[]), false),
        ] {
            for is_there in [None, Some(false), Some(true)] {
                let list = List {
                    path: paths::KUSTOMIZATION.to_owned(),
                    base: base.clone().into_bytes(),
                    theirs: theirs.clone().into_bytes(),
                    files: (is_there == Some(true))
                        .then(|| format!("{}/p.yaml", paths::RESOURCE_FILES))
                        .into_iter()
                        .collect(),
                };
                assert_eq!(list.moved().len(), 1);
                let merged = String::from_utf8(list.merged(base.as_bytes(), |_| is_there)).unwrap();
                assert_eq!(
                    merged.contains("- p.yaml"),
                    wanted,
                    "{is_there:?}: {merged}"
                );
            }
        }
    }

    #[test]
    fn other_lines_are_theirs_unless_somebody_changed_them_since() {
        let list = List {
            path: paths::KUSTOMIZATION.to_owned(),
            base: text(&["a"]).into_bytes(),
            theirs: (text(&["a"]) + "namePrefix: p-\n").into_bytes(),
            files: BTreeSet::new(),
        };
        let merged = |now: &str| String::from_utf8(list.merged(now.as_bytes(), |_| None)).unwrap();
        let both = text(&["a", "w"]) + "namePrefix: p-\n";
        assert_eq!(merged(&text(&["a", "w"])), both);
        let other = text(&["a"]) + "namePrefix: q-\n";
        assert_eq!(merged(&other), other);
    }

    #[test]
    fn files_are_known_of_plain_entries_alone() {
        let of = |path: &str, entry: &str| {
            let list = List {
                path: path.to_owned(),
                base: Vec::new(),
                theirs: Vec::new(),
                files: BTreeSet::new(),
            };
            list.file_of(entry)
        };
        let folder = paths::RESOURCE_FILES;
        let file = |name: &str| Some(format!("{folder}/{name}"));
        assert_eq!(of(paths::KUSTOMIZATION, "- a.yaml"), file("a.yaml"));
        assert_eq!(of(paths::KUSTOMIZATION, "- b/a.yaml"), file("b/a.yaml"));
        assert_eq!(
            of(paths::HOST_APPLICATION_SET, "   - cluster: h"),
            file("h.yaml")
        );
        for entry in [
            "- ../a.yaml",
            "- https://x/a.yaml",
            "- folder",
            "- path: a.yaml",
            "- ./a.yaml",
        ] {
            assert_eq!(of(paths::KUSTOMIZATION, entry), None, "{entry}");
        }
        assert_eq!(of(paths::HOST_APPLICATION_SET, "- git: x"), None);
    }
}
