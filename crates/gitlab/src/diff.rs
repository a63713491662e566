//! Difference between the repository as it is and as it should be.

use std::collections::{BTreeMap, BTreeSet};

use gather::Gather as _;

use crate::blob::is_blob;
use crate::commit::Action;
use crate::path::{FilePathError, validate};

/// The repository as it should be.
#[derive(Debug, Clone, Default)]
pub struct DesiredFiles<'a> {
    /// Files that must be there, with exactly this content.
    pub files: BTreeMap<&'a str, &'a [u8]>,
    /// Files that must not be there.
    pub absent: BTreeSet<&'a str>,
    /// Folders (no trailing slash) in which only `files` may be.
    pub folders: BTreeSet<&'a str>,
}

/// The actions that lead there from `listing` (path → blob id, every file that was listed at the
/// commit `head`). Removals first, so that a file may take the place of a folder that goes; each
/// kind sorted by path; nothing for what is right already.
pub fn actions(
    desired: &DesiredFiles<'_>,
    listing: &BTreeMap<String, String>,
    head: &str,
) -> Result<Vec<Action>, FilePathError> {
    let paths = desired.files.keys().chain(&desired.absent);
    paths
        .chain(&desired.folders)
        .try_for_each(|p| validate(p))?;

    let gone: BTreeSet<&str> = listing
        .keys()
        .map(String::as_str)
        .filter(|path| is_unwanted(desired, path))
        .gather();
    let mut actions: Vec<Action> = gone
        .iter()
        .map(|path| Action::Delete {
            path: (*path).to_owned(),
            last_commit_id: head.to_owned(),
        })
        .collect();
    for (path, content) in &desired.files {
        if is_folder(path, listing, &gone) {
            return Err(FilePathError::Folder((*path).to_owned()));
        }
        actions.extend(write(path, content, listing.get(*path), head));
    }
    Ok(actions)
}

fn is_unwanted(desired: &DesiredFiles<'_>, path: &str) -> bool {
    let owned = desired.folders.iter().any(|folder| is_below(path, folder));
    (owned || desired.absent.contains(path)) && !desired.files.contains_key(path)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Tells whether files that stay lie below the path.
fn is_folder(path: &str, listing: &BTreeMap<String, String>, gone: &BTreeSet<&str>) -> bool {
    listing
        .range(format!("{path}/")..)
        .take_while(|(other, _)| is_below(other, path))
        .any(|(other, _)| !gone.contains(other.as_str()))
}

fn write(path: &str, content: &[u8], id: Option<&String>, head: &str) -> Option<Action> {
    let path = path.to_owned();
    let content = content.to_vec();
    match id {
        None => Some(Action::Create { path, content }),
        Some(id) if is_blob(id, &content) => None,
        Some(_) => Some(Action::Update {
            path,
            content,
            last_commit_id: head.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::blob_id;

    fn listing(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), blob_id(content.as_bytes())))
            .collect()
    }

    fn desired<'a>(
        files: &[(&'a str, &'a str)],
        absent: &[&'a str],
        folders: &[&'a str],
    ) -> DesiredFiles<'a> {
        DesiredFiles {
            files: files.iter().map(|(p, c)| (*p, c.as_bytes())).collect(),
            absent: absent.iter().copied().collect(),
            folders: folders.iter().copied().collect(),
        }
    }

    /// Such as `+a`, `~b`, `-c`.
    fn short(actions: &[Action]) -> Vec<String> {
        let sign = |action: &Action| match action {
            Action::Create { .. } => '+',
            Action::Update { last_commit_id, .. } => {
                assert_eq!(last_commit_id, "head");
                '~'
            }
            Action::Delete { last_commit_id, .. } => {
                assert_eq!(last_commit_id, "head");
                '-'
            }
        };
        actions
            .iter()
            .map(|a| format!("{}{}", sign(a), a.path()))
            .collect()
    }

    #[test]
    fn creates_updates_deletes_and_leaves_alone() {
        let wanted = desired(
            &[
                ("f/new", "1"),
                ("f/changed", "2"),
                ("f/same", "3"),
                ("shared", "4"),
            ],
            &["gone", "never-there"],
            &["f"],
        );
        let there = listing(&[
            ("f/changed", "old"),
            ("f/same", "3"),
            ("f/stale", "x"),
            ("f/deep/stale", "x"),
            ("ff/foreign", "x"),
            ("foreign", "x"),
            ("gone", "x"),
            ("shared", "4"),
        ]);
        let actions = actions(&wanted, &there, "head").unwrap();
        assert_eq!(
            short(&actions),
            ["-f/deep/stale", "-f/stale", "-gone", "~f/changed", "+f/new"]
        );
        assert_eq!(
            super::actions(
                &wanted,
                &listing(&[
                    ("f/new", "1"),
                    ("f/changed", "2"),
                    ("f/same", "3"),
                    ("shared", "4"),
                ]),
                "head"
            ),
            Ok(Vec::new())
        );
    }

    #[test]
    fn what_is_wanted_is_not_removed() {
        let wanted = desired(&[("f/a", "1")], &["f/a"], &["f"]);
        assert_eq!(
            actions(&wanted, &listing(&[("f/a", "1")]), "head"),
            Ok(Vec::new())
        );
    }

    #[test]
    fn a_file_takes_the_place_of_a_folder_only_when_all_of_it_goes() {
        let wanted = desired(&[("f/a", "1")], &[], &["f"]);
        let plan = actions(&wanted, &listing(&[("f/a/b", "x")]), "head").unwrap();
        assert_eq!(short(&plan), ["-f/a/b", "+f/a"]);

        let wanted = desired(&[("g", "1")], &[], &[]);
        assert_eq!(
            actions(
                &wanted,
                &listing(&[("g-", "x"), ("g/foreign", "x")]),
                "head"
            ),
            Err(FilePathError::Folder("g".to_owned()))
        );
    }

    #[test]
    fn no_path_is_left_to_gitlab_to_clean() {
        for wanted in [
            desired(&[("a/../b", "1")], &[], &[]),
            desired(&[], &["/a"], &[]),
            desired(&[], &[], &["a/"]),
        ] {
            assert!(matches!(
                actions(&wanted, &listing(&[]), "head"),
                Err(FilePathError::Invalid(_))
            ));
        }
    }
}
