//! Changes that a request would make: files as a coloured difference, and objects of the management cluster.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use api::{FileAction, FileChange, InstalledObject};

use super::{FAINT, styled};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();
const FILE: Style = Style::new().bold();

/// A unified difference in the colours of `git diff`.
pub(crate) fn coloured(diff: &str) -> String {
    let style = |line: &str| match line {
        line if line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ") => {
            Some(FILE)
        }
        line if line.starts_with('+') => Some(ADDED),
        line if line.starts_with('-') => Some(REMOVED),
        line if line.starts_with("@@") => Some(HUNK),
        _ => None,
    };
    let mut text = String::with_capacity(diff.len());
    for line in diff.lines() {
        let line = match style(line) {
            Some(style) => styled(style, line),
            None => line.to_owned(),
        };
        writeln!(text, "{line}").ok();
    }
    text
}

/// The difference for somebody who has to decide: files that come or go in a line each, changes of a file with their
/// lines, and objects. `full` has every line.
pub(crate) fn readable(
    diff: &str,
    changes: &[FileChange],
    installs: &[InstalledObject],
    full: bool,
) -> String {
    let shown: String = sections(diff)
        .filter(|section| full || !section.contains("/dev/null\n"))
        .map(coloured)
        .collect();
    let mut text = listed(changes, &[]);
    text += &shown;
    text + &listed(&[], installs)
}

/// The parts of a difference, one a file. A line of a file that begins with `--- ` has another sign before it.
fn sections(diff: &str) -> impl Iterator<Item = &str> {
    let mut starts: Vec<usize> = diff.match_indices("\n--- ").map(|(at, _)| at + 1).collect();
    if !diff.is_empty() {
        starts.insert(0, 0);
    }
    starts.push(diff.len());
    let ends = starts.clone();
    starts
        .into_iter()
        .zip(ends.into_iter().skip(1))
        .filter_map(move |(start, end)| diff.get(start..end))
}

/// Files and objects, one line each.
pub(crate) fn listed(changes: &[FileChange], installs: &[InstalledObject]) -> String {
    let mut text = String::new();
    for change in changes {
        let (mark, style) = match change.action {
            FileAction::Create => ("+", ADDED),
            FileAction::Delete => ("-", REMOVED),
            FileAction::Update | FileAction::Other(_) => ("~", HUNK),
        };
        writeln!(text, "{} {}", styled(style, mark), change.path).ok();
    }
    for object in distinct(installs) {
        let name = format!("{} {}/{}", object.kind, object.namespace, object.name);
        writeln!(text, "{} {name}", styled(FAINT, "▸")).ok();
    }
    text
}

/// Counts files and objects in a few words: `31 files (30 new, 1 changed), 4 objects in the management cluster`.
pub(crate) fn summary(changes: &[FileChange], installs: &[InstalledObject]) -> String {
    format!(
        "{}, {} in the management cluster",
        files_in_words(changes),
        objects_in_words(installs)
    )
}

/// Counts what a save changes, in a few words. Objects are written whether they differ or not: without a file they are no difference.
pub(crate) fn difference(changes: &[FileChange], installs: &[InstalledObject]) -> String {
    match changes.is_empty() {
        true => "no differences in the repository".to_owned(),
        false => format!(
            "{}, {} to write in the management cluster, changed or not",
            files_in_words(changes),
            objects_in_words(installs)
        ),
    }
}

fn files_in_words(changes: &[FileChange]) -> String {
    let count = |action: &FileAction| {
        changes
            .iter()
            .filter(|change| change.action == *action)
            .count()
    };
    let parts = [
        (count(&FileAction::Create), "new"),
        (count(&FileAction::Update), "changed"),
        (count(&FileAction::Delete), "removed"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match parts.is_empty() {
        true => "no files".to_owned(),
        false => format!("{} ({})", counted(changes.len(), "file"), parts.join(", ")),
    }
}

fn objects_in_words(installs: &[InstalledObject]) -> String {
    counted(distinct(installs).count(), "object")
}

/// Each object once: one may be changed in one step and deleted in a later one.
fn distinct(installs: &[InstalledObject]) -> impl Iterator<Item = &InstalledObject> {
    let key = |object: &InstalledObject| {
        (
            object.kind.clone(),
            object.namespace.clone(),
            object.name.clone(),
        )
    };
    let mut seen = BTreeSet::new();
    installs
        .iter()
        .filter(move |object| seen.insert(key(object)))
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use api::InstallAction;

    use super::*;

    #[test]
    fn lines_have_the_colours_of_git() {
        let diff = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n+new\n same\n";
        let text = coloured(diff);
        assert_eq!(anstream::adapter::strip_str(&text).to_string(), diff);
        assert!(
            text.contains(&styled(REMOVED, "-old")) && text.contains(&styled(FILE, "+++ b/f")),
            "{text:?}"
        );
    }

    #[test]
    fn who_decides_sees_changes_and_names() {
        let diff = "--- /dev/null\n+++ b/new\n@@ -0,0 +1,1 @@\n+--- x\n--- a/list\n+++ b/list\n@@ -1 +1,2 @@\n a\n+b\n";
        let changes = [
            FileChange {
                path: "new".to_owned(),
                action: FileAction::Create,
            },
            FileChange {
                path: "list".to_owned(),
                action: FileAction::Update,
            },
        ];
        let short = readable(diff, &changes, &[], false);
        let short = anstream::adapter::strip_str(&short).to_string();
        assert_eq!(
            short,
            "+ new\n~ list\n--- a/list\n+++ b/list\n@@ -1 +1,2 @@\n a\n+b\n"
        );
        let full = readable(diff, &changes, &[], true);
        assert!(
            anstream::adapter::strip_str(&full)
                .to_string()
                .ends_with(diff)
        );
    }

    #[test]
    fn changes_are_counted() {
        let change = |path: &str, action| FileChange {
            path: path.to_owned(),
            action,
        };
        let changes = [
            change("a", FileAction::Create),
            change("b", FileAction::Create),
            change("c", FileAction::Update),
        ];
        let object = InstalledObject {
            kind: "Secret".to_owned(),
            namespace: "argocd".to_owned(),
            name: "s".to_owned(),
            action: InstallAction::Planned,
        };
        // Changed in one step, deleted in another.
        let object = &[object.clone(), object][..];
        assert_eq!(
            summary(&changes, object),
            "3 files (2 new, 1 changed), 1 object in the management cluster"
        );
        assert_eq!(
            summary(&[], &[]),
            "no files, 0 objects in the management cluster"
        );
        assert_eq!(difference(&[], object), "no differences in the repository");
        assert_eq!(
            difference(&changes, object),
            "3 files (2 new, 1 changed), 1 object to write in the management cluster, changed or not"
        );
        let text = anstream::adapter::strip_str(&listed(&changes, object)).to_string();
        assert_eq!(text, "+ a\n+ b\n~ c\n▸ Secret argocd/s\n");
    }
}
