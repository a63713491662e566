//! Title and description of a merge request.

use gitlab::Action;
use gitlab::message::Approval;

use super::{Change, Plan};
use crate::incoming::CLUSTERS;

/// Title and description of a merge request.
pub(super) struct MergeRequestText {
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
}

impl MergeRequestText {
    /// `actions` is the whole difference to the branch `target`.
    pub(super) fn of<C: Change>(
        change: &C,
        decided: &Plan<C::Payload>,
        actions: &[Action],
        target: &str,
    ) -> Self {
        let path = format!("{CLUSTERS}/{}", change.subject().name);
        let (summary, operation) = (&decided.summary, change.operation());
        let description = [
            format!("{summary}: asked for by `{operation}`."),
            difference(actions, target),
            change.after_merge(&path) + taken_over(decided.approval.as_ref()),
            "Where this branch has no commits but the tool's own, the next request for this cluster makes it anew \
             from the target branch, which resolves conflicts, too. Commits of others are kept."
                .to_owned(),
        ];
        let warnings: Vec<String> = decided.warnings.iter().map(|it| plain(it)).collect();
        let warnings = match warnings.join("\n") {
            none if none.is_empty() => none,
            lines => format!("\n\nWarnings:\n\n```text\n{lines}\n```"),
        };
        Self {
            title: summary.clone(),
            description: description.join("\n\n") + &warnings,
        }
    }
}

fn taken_over(approval: Option<&Approval>) -> &'static str {
    match approval {
        Some(Approval::Adopt(_)) => {
            " Whoever merges this also approves that the objects are taken over that others made for this cluster in the management \
             cluster, and that the title stands for: no others that may have their names later."
        }
        _ => "",
    }
}

fn difference(actions: &[Action], target: &str) -> String {
    let count = |kind: fn(&Action) -> bool| actions.iter().filter(|it| kind(it)).count();
    let created = count(|it| matches!(it, Action::Create { .. }));
    let updated = count(|it| matches!(it, Action::Update { .. }));
    let deleted = count(|it| matches!(it, Action::Delete { .. }));
    format!("Files against `{target}`: {created} created, {updated} changed, {deleted} deleted.")
}

/// Warnings quote what the caller sent. In a block of code GitLab takes nothing for a command, a mention or
/// markup; the line must not end it.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('`', "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_caller_sent_leaves_the_block() {
        assert_eq!(
            plain("unknown field `a`\n```\n/merge @all"),
            "unknown field \"a\" \"\"\" /merge @all"
        );
    }

    #[test]
    fn differences_are_counted() {
        let path = || "a".to_owned();
        let (content, last_commit_id) = (Vec::new, || "h".to_owned());
        let delete = Action::Delete {
            path: path(),
            last_commit_id: last_commit_id(),
        };
        let actions = [
            Action::Create {
                path: path(),
                content: content(),
            },
            Action::Update {
                path: path(),
                content: content(),
                last_commit_id: last_commit_id(),
            },
            delete.clone(),
            delete,
        ];
        assert_eq!(
            difference(&actions, "main"),
            "Files against `main`: 1 created, 1 changed, 2 deleted."
        );
    }
}
