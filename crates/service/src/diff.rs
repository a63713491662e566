//! Changes that a dry run shows: every change of a file as a unified diff.

use std::collections::BTreeMap;

use api::{FileAction, FileChange};
use gitlab::Action;
use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};

/// Bytes that all diffs of one answer take in JSON: half of [`LARGEST`](crate::response::LARGEST), so that the names of
/// [`MOST_CHANGES`] files of 200 bytes each, and the warnings, have room beside them.
const LARGEST: usize = 128 * 1024;

/// Bytes that the diff of one file takes in JSON. The files of a cluster have 1 to 10 KiB.
const LARGEST_OF_FILE: usize = 32 * 1024;

/// As many files are named.
pub const MOST_CHANGES: usize = 400;

/// The first [`MOST_CHANGES`] files that change, in the order of the commit.
#[must_use]
pub fn changes(actions: &[Action]) -> Vec<FileChange> {
    let change = |action: &Action| FileChange {
        path: action.path().to_owned(),
        action: match action {
            Action::Create { .. } => FileAction::Create,
            Action::Update { .. } => FileAction::Update,
            Action::Delete { .. } => FileAction::Delete,
        },
    };
    actions.iter().take(MOST_CHANGES).map(change).collect()
}

/// One text in the form of `git diff` without its index lines. `before` has the files that exist. Where a file's diff is cut, a line
/// that begins with `\\ ` says so, which readers of diffs skip.
#[must_use]
pub fn unified(actions: &[Action], before: &BTreeMap<String, Vec<u8>>) -> String {
    let (mut diff, mut left, mut omitted) = (String::new(), LARGEST, 0);
    for action in actions {
        let limit = left.min(LARGEST_OF_FILE);
        match shortened(one(action, before), limit) {
            Some(of_file) => {
                left = left.saturating_sub(length_in_json(&of_file));
                diff += &of_file;
            }
            None => omitted += 1,
        }
    }
    if omitted > 0 {
        diff += &format!(
            "\\ the diffs of {omitted} more files are left out: the answer would be too long\n"
        );
    }
    diff
}

/// As many lines of a file's diff as the limit permits; `None` where those that name the file are too many.
fn shortened(diff: String, limit: usize) -> Option<String> {
    if length_in_json(&diff) <= limit {
        return Some(diff);
    }
    let (mut kept, mut length, mut lines) = (String::new(), 0, 0);
    for line in diff.split_inclusive('\n') {
        length += length_in_json(line);
        if length > limit {
            break;
        }
        kept += line;
        lines += 1;
    }
    let more = diff.lines().count() - lines;
    let is_named = lines > 2;
    is_named
        .then(|| format!("{kept}\\ {more} more lines are left out: the answer would be too long\n"))
}

/// Bytes of a text in JSON, without its quotation marks.
fn length_in_json(text: &str) -> usize {
    serde_json::to_string(text).map_or(0, |json| json.len().saturating_sub(2))
}

fn one(action: &Action, before: &BTreeMap<String, Vec<u8>>) -> String {
    let path = action.path();
    let old = before
        .get(path)
        .map(|bytes| String::from_utf8_lossy(bytes))
        .unwrap_or_default();
    match action {
        Action::Create { content, .. } => {
            let (count, lines) = whole('+', &String::from_utf8_lossy(content));
            format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{count} @@\n{lines}")
        }
        Action::Delete { .. } => {
            let (count, lines) = whole('-', &old);
            format!("--- a/{path}\n+++ /dev/null\n@@ -1,{count} +0,0 @@\n{lines}")
        }
        Action::Update { content, .. } => {
            let new = String::from_utf8_lossy(content);
            let lines = InternedInput::new(old.as_ref(), new.as_ref());
            let diff = Diff::compute(Algorithm::Histogram, &lines);
            let printer = BasicLineDiffPrinter(&lines.interner);
            let hunks = diff.unified_diff(&printer, UnifiedDiffConfig::default(), &lines);
            format!("--- a/{path}\n+++ b/{path}\n{hunks}")
        }
    }
}

/// Every line of a file that comes or goes, and how many there are.
fn whole(sign: char, content: &str) -> (usize, String) {
    let mut text: String = content
        .lines()
        .map(|line| format!("{sign}{line}\n"))
        .collect();
    if !content.is_empty() && !content.ends_with('\n') {
        text += "\\ No newline at end of file\n";
    }
    (content.lines().count(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creation(path: &str, content: String) -> Action {
        Action::Create {
            path: path.to_owned(),
            content: content.into_bytes(),
        }
    }

    #[test]
    fn a_diff_is_whole_up_to_its_limit_and_cut_above() {
        let lines = |count: usize| "- \"x\"\t\u{1}\\\n".repeat(count);
        let diff = |count| unified(&[creation("a", lines(count))], &BTreeMap::new());
        let length = |diff: &str| serde_json::to_string(diff).unwrap().len() - 2;
        let most = (1..)
            .find(|count| {
                length(&diff(count + 1)) > LARGEST_OF_FILE || diff(count + 1).contains("left out")
            })
            .unwrap();
        assert_eq!(diff(most).lines().count(), 3 + most);
        assert!(length(&diff(most)) <= LARGEST_OF_FILE);
        let cut = diff(most + 1);
        assert!(
            cut.ends_with("\n\\ 1 more lines are left out: the answer would be too long\n"),
            "{cut}"
        );
        assert_eq!(cut.lines().count(), 3 + most + 1);
        assert!(length(&cut) < LARGEST_OF_FILE + 100);
    }

    #[test]
    fn many_diffs_share_one_limit_and_the_rest_is_counted() {
        let large = |index: usize| creation(&format!("{index}"), "line\n".repeat(10_000));
        let actions: Vec<Action> = (0..1_000).map(large).collect();
        let diff = unified(&actions, &BTreeMap::new());
        let length = serde_json::to_string(&diff).unwrap().len();
        assert!(
            length > LARGEST - 1024 && length < LARGEST + 1024,
            "{length}"
        );
        assert!(
            diff.ends_with(
                "\n\\ the diffs of 996 more files are left out: the answer would be too long\n"
            ),
            "{}",
            &diff[diff.len() - 300..]
        );
        assert_eq!(changes(&actions).len(), MOST_CHANGES);
        assert_eq!(
            changes(&actions[..MOST_CHANGES - 1]).len(),
            MOST_CHANGES - 1
        );
    }

    #[test]
    fn each_kind_of_change_shows() {
        let actions = [
            Action::Delete {
                path: "c".into(),
                last_commit_id: "h".into(),
            },
            Action::Create {
                path: "a".into(),
                content: b"1\n2\n".to_vec(),
            },
            Action::Update {
                path: "b".into(),
                content: b"x\nz\n".to_vec(),
                last_commit_id: "h".into(),
            },
        ];
        let before = BTreeMap::from([
            ("b".to_owned(), b"x\ny\n".to_vec()),
            ("c".to_owned(), b"gone\n".to_vec()),
        ]);
        assert_eq!(
            unified(&actions, &before),
            "--- a/c\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\n\
             --- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+1\n+2\n\
             --- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n"
        );
        assert_eq!(
            changes(&actions)[1],
            FileChange {
                path: "a".to_owned(),
                action: FileAction::Create
            }
        );
    }
}
