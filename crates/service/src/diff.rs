//! What a dry run shows: every change of a file as a unified diff.

use std::collections::BTreeMap;

use api::{FileAction, FileChange};
use gitlab::Action;
use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};

/// Each file that changes, in the order of the commit.
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
    actions.iter().map(change).collect()
}

/// One text in the form of `git diff` without its index lines. `before` has the files that exist.
#[must_use]
pub fn unified(actions: &[Action], before: &BTreeMap<String, Vec<u8>>) -> String {
    actions.iter().map(|action| one(action, before)).collect()
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
