//! What a dry run shows: every change of a file as a unified diff.

use std::collections::BTreeMap;

use gitlab::Action;
use serde_json::{Value, json};
use similar::TextDiff;

/// `[{path, action}]`, in the order of the commit.
#[must_use]
pub fn changes(actions: &[Action]) -> Value {
    let change = |action: &Action| {
        let kind = match action {
            Action::Create { .. } => "create",
            Action::Update { .. } => "update",
            Action::Delete { .. } => "delete",
        };
        json!({"path": action.path(), "action": kind})
    };
    actions.iter().map(change).collect()
}

/// One text in the form of `git diff` without its index lines. `before` has the files that exist.
#[must_use]
pub fn unified(actions: &[Action], before: &BTreeMap<String, Vec<u8>>) -> String {
    let mut text = String::new();
    for action in actions {
        let path = action.path();
        let old = before
            .get(path)
            .map(|bytes| String::from_utf8_lossy(bytes))
            .unwrap_or_default();
        let (new, from, to) = match action {
            Action::Create { content, .. } => {
                (content.as_slice(), "/dev/null".into(), format!("b/{path}"))
            }
            Action::Update { content, .. } => {
                (content.as_slice(), format!("a/{path}"), format!("b/{path}"))
            }
            Action::Delete { .. } => (&[][..], format!("a/{path}"), "/dev/null".to_owned()),
        };
        let new = String::from_utf8_lossy(new);
        let diff = TextDiff::from_lines(old.as_ref(), new.as_ref());
        text += &diff
            .unified_diff()
            .context_radius(3)
            .header(&from, &to)
            .to_string();
    }
    text
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
            "--- a/c\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n\
             --- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+1\n+2\n\
             --- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n"
        );
        assert_eq!(
            changes(&actions)[1],
            json!({"path": "a", "action": "create"})
        );
    }
}
