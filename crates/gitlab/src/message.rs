//! Commit messages: what changed, why, and which request did it.

use crate::text::clean;

/// Git's convention for a subject that no tool cuts off.
const SUBJECT: usize = 72;

/// Origin of a commit, as its message tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Operation that was asked for, such as `save-cluster`.
    pub operation: String,
    /// The cluster's name.
    pub cluster: String,
    /// Sentence that says what changed and why; the subject where it is short enough.
    pub summary: String,
    /// The caller's name for the request, for logs. Two requests may bear the same.
    pub request_id: String,
    /// Made at random for one commit that is sent, and nobody else's to choose. After an unknown outcome that commit is
    /// looked for by it, and no other of the same request is taken for it.
    pub nonce: String,
    /// Approval that the commit gives besides its files.
    pub approval: Option<Approval>,
    /// The commit that was read for it; empty for the first of a repository. The parent is another one where
    /// somebody slipped in between.
    pub base: String,
    /// The list of all clusters is left for a further commit.
    pub list_pending: bool,
    /// Version of this software.
    pub tool_version: String,
}

/// Approval that whoever approves a commit gives besides its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// A cluster is removed although it does not answer.
    Force,
    /// These objects of the management cluster, which others made, are taken over: a word that stands for them and for no others.
    Adopt(String),
}

impl Approval {
    fn trailer(&self) -> (&'static str, String) {
        match self {
            Self::Force => ("Force", "true".to_owned()),
            Self::Adopt(objects) => ("Adopt", word(objects)),
        }
    }

    /// End of the summary, after the cluster's name: of a merge request that is squashed nothing else is left.
    #[must_use]
    pub fn summary_end(&self) -> String {
        match self {
            Self::Force => " by force".to_owned(),
            Self::Adopt(objects) => format!(" and take over what others made ({})", word(objects)),
        }
    }
}

/// Subject, body where the summary does not fit the subject, and trailers.
#[must_use]
pub fn message(provenance: &Provenance) -> String {
    let summary = clean(&provenance.summary);
    let subject = subject(&summary);
    let body = if subject == summary {
        String::new()
    } else {
        format!("{}\n\n", wrap(&summary))
    };
    let approval = provenance.approval.as_ref().map(|approval| {
        let (name, value) = approval.trailer();
        format!("{name}: {value}\n")
    });
    let approval = approval.unwrap_or_default();
    let list = if provenance.list_pending {
        "List: pending\n"
    } else {
        ""
    };
    format!(
        "{subject}\n\n{body}Request-Id: {}\nAttempt: {}\nCluster: {}\nOperation: {}\n{approval}Base-Commit: {}\n{list}Tool-Version: {}\n",
        word(&provenance.request_id),
        word(&provenance.nonce),
        word(&provenance.cluster),
        word(&provenance.operation),
        word(&provenance.base),
        word(&provenance.tool_version),
    )
}

/// Tells whether this is the commit that was sent: it has its nonce, which nobody else knew, and does the same to the
/// same cluster, from the same commit.
#[must_use]
pub fn is_made_by(message: &str, made: &Provenance) -> bool {
    let is = |name, wanted: &str| has(message, name, |value| value == word(wanted));
    !made.nonce.is_empty()
        && is("Attempt", &made.nonce)
        && is("Cluster", &made.cluster)
        && is("Operation", &made.operation)
        && is("Base-Commit", &made.base)
}

/// Tells whether a commit of this software, or the squashed one of its merge request, says that more than its files is approved.
#[must_use]
pub fn is_approved(message: &str, cluster: &str, approval: &Approval) -> bool {
    let end = format!(" cluster {cluster}{}", approval.summary_end());
    let subject = message.lines().next().unwrap_or_default();
    let (name, wanted) = approval.trailer();
    has(message, name, |value| value == wanted) && is_own(message, cluster)
        || subject.ends_with(&end)
}

/// Tells whether a commit was made by this software, for this cluster.
#[must_use]
pub fn is_own(message: &str, cluster: &str) -> bool {
    has(message, "Cluster", |value| value == word(cluster))
        && ["Request-Id", "Operation", "Tool-Version"]
            .iter()
            .all(|name| has(message, name, |value| !value.is_empty()))
}

/// The cluster that a commit of this software was made for.
#[must_use]
pub fn cluster(message: &str) -> Option<String> {
    let name = values(message, "Cluster").into_iter().next()?;
    is_own(message, &name).then_some(name)
}

/// Tells whether a commit of this software left the list of all clusters for a further one.
#[must_use]
pub fn is_list_pending(message: &str) -> bool {
    has(message, "List", |value| value == "pending")
}

/// The commit that was read for this one, where its message tells.
#[must_use]
pub fn base(message: &str) -> Option<String> {
    let id = |value: &str| value.len() >= 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    values(message, "Base-Commit").into_iter().find(|it| id(it))
}

fn has(message: &str, name: &str, is_wanted: impl Fn(&str) -> bool) -> bool {
    values(message, name).iter().any(|value| is_wanted(value))
}

/// Trailers are the last paragraph; a summary that quotes one is not.
fn values(message: &str, name: &str) -> Vec<String> {
    let message = message.replace("\r\n", "\n");
    let last = message.trim_end().rsplit("\n\n").next().unwrap_or_default();
    last.lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value.trim_end().to_owned())
        .collect()
}

/// Request ids come from outside: nothing in them may end the line and start another trailer.
fn word(text: &str) -> String {
    let word: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "._+-".contains(*c))
        .take(128)
        .collect();
    if word.is_empty() {
        "none".to_owned()
    } else {
        word
    }
}

fn subject(summary: &str) -> String {
    if summary.chars().count() <= SUBJECT {
        return summary.to_owned();
    }
    let mut subject = String::new();
    for word in summary.split(' ') {
        if subject.chars().count() + 1 + word.chars().count() >= SUBJECT {
            break;
        }
        if !subject.is_empty() {
            subject.push(' ');
        }
        subject.push_str(word);
    }
    if subject.is_empty() {
        subject = summary.chars().take(SUBJECT - 1).collect();
    }
    format!("{subject}…")
}

fn wrap(text: &str) -> String {
    let mut wrapped = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > SUBJECT {
            wrapped.push('\n');
            width = 0;
        } else if width > 0 {
            wrapped.push(' ');
            width += 1;
        }
        wrapped.push_str(word);
        width += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provenance(summary: &str, request_id: &str) -> Provenance {
        Provenance {
            operation: "save-cluster".to_owned(),
            cluster: "pipeline-1".to_owned(),
            summary: summary.to_owned(),
            request_id: request_id.to_owned(),
            nonce: "5f0e".to_owned(),
            approval: None,
            base: "4b825dc642cb6eb9a060e54bf8d69288fbee4904".to_owned(),
            list_pending: false,
            tool_version: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn a_short_summary_is_the_subject() {
        insta::assert_snapshot!(message(&provenance("Register cluster pipeline-1", "0b5c-1")), @r"
        Register cluster pipeline-1

        Request-Id: 0b5c-1
        Attempt: 5f0e
        Cluster: pipeline-1
        Operation: save-cluster
        Base-Commit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
        Tool-Version: 0.1.0
        ");
    }

    #[test]
    fn a_long_one_is_cut_and_kept_in_the_body() {
        let summary = "Register pipeline-1, a virtual worker on the host host-1, and add it to the lists of its host's virtual clusters and of the tenant";
        insta::assert_snapshot!(message(&provenance(summary, "0b5c-1")), @r"
        Register pipeline-1, a virtual worker on the host host-1, and add it to…

        Register pipeline-1, a virtual worker on the host host-1, and add it to
        the lists of its host's virtual clusters and of the tenant

        Request-Id: 0b5c-1
        Attempt: 5f0e
        Cluster: pipeline-1
        Operation: save-cluster
        Base-Commit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
        Tool-Version: 0.1.0
        ");
        let endless = message(&provenance(&"a".repeat(100), "r"));
        assert_eq!(endless.lines().next().unwrap().chars().count(), SUBJECT);
    }

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        let of = |lengths: &[usize]| {
            let words: Vec<String> = lengths.iter().map(|length| "a".repeat(*length)).collect();
            words.join(" ")
        };
        // A subject that is cut off needs room for the ellipsis.
        for (summary, cut) in [
            (of(&[35, 36]), of(&[35, 36])),
            (of(&[35, 35, 1]), of(&[35, 35]) + "…"),
            (of(&[35, 36, 1]), of(&[35]) + "…"),
            (of(&[72]), of(&[72])),
            (of(&[73]), of(&[71]) + "…"),
        ] {
            assert_eq!(subject(&summary), cut, "{summary}");
            assert!(cut.chars().count() <= SUBJECT);
        }
        for (text, wrapped) in [
            (of(&[35, 36]), of(&[35, 36])),
            (of(&[35, 37]), [of(&[35]), of(&[37])].join("\n")),
            (
                of(&[80, 1, 70, 1]),
                [of(&[80]), of(&[1, 70]), of(&[1])].join("\n"),
            ),
        ] {
            assert_eq!(wrap(&text), wrapped, "{text}");
        }
    }

    #[test]
    fn finds_its_own_commit_and_no_other() {
        let own = provenance("Register cluster pipeline-1", "0b5c-1");
        let message = message(&own);
        assert!(is_made_by(&message, &own));
        assert!(is_made_by(message.trim_end(), &own));
        assert!(is_made_by(&message.replace('\n', "\r\n"), &own));
        let others: [fn(&mut Provenance); 7] = [
            |it| it.nonce = "5f0".to_owned(),
            |it| it.nonce = "5f0e1".to_owned(),
            |it| it.nonce = String::new(),
            |it| it.cluster = "pipeline-2".to_owned(),
            |it| it.operation = "delete-cluster".to_owned(),
            |it| it.base = "0".repeat(40),
            |it| it.base = String::new(),
        ];
        for (index, change) in others.into_iter().enumerate() {
            let mut other = own.clone();
            change(&mut other);
            assert!(!is_made_by(&message, &other), "{index}");
        }
        assert!(!is_made_by(&format!("{message}\nbody"), &own));
        assert!(!is_made_by("", &own));
    }

    #[test]
    fn a_list_that_is_left_for_later_is_told_by_a_trailer() {
        let mut commit = provenance("Register cluster a", "r");
        assert!(!is_list_pending(&message(&commit)));
        commit.list_pending = true;
        let told = message(&commit);
        assert!(told.contains("\nList: pending\nTool-Version: "), "{told}");
        assert!(is_list_pending(&told));
        assert!(!is_list_pending(&format!("{told}\nbody")));
    }

    #[test]
    fn what_is_approved_besides_is_told_by_a_trailer_or_the_subject_of_the_squashed_commit() {
        let adopt = |objects: &str| Approval::Adopt(objects.to_owned());
        for (approval, trailer, subject) in [
            (Approval::Force, "Force: true", "Remove cluster a by force"),
            (
                adopt("5f0e"),
                "Adopt: 5f0e",
                "Register physical deployment cluster a and take over what others made (5f0e)",
            ),
        ] {
            let mut commit = provenance(subject, "r");
            commit.cluster = "a".to_owned();
            let plain = message(&commit).replace(subject, "Remove cluster a");
            assert!(!is_approved(&plain, "a", &approval), "{plain}");
            commit.approval = Some(approval.clone());
            let told = message(&commit);
            assert!(
                told.contains(&format!("\n{trailer}\nBase-Commit")),
                "{told}"
            );
            let without_subject = told.replace(subject, "s");
            assert!(is_approved(&without_subject, "a", &approval), "{told}");
            assert!(!is_approved(&without_subject, "b", &approval), "{told}");
            assert!(!is_approved(&told, "a", &adopt("other")), "{told}");
            assert!(is_approved(&format!("{subject}\n"), "a", &approval));
            for other in [
                "Remove cluster a\n",
                &subject.replace("cluster a", "cluster b"),
                &format!("a\n\n{subject}\n"),
                &format!("s\n\n{trailer}\n"),
                "",
            ] {
                assert!(!is_approved(other, "a", &approval), "{other}");
            }
        }
    }

    #[test]
    fn own_commits_have_all_trailers_and_name_the_cluster() {
        let message = message(&provenance("Register cluster pipeline-1", "0b5c-1"));
        assert!(is_own(&message, "pipeline-1"));
        assert!(!is_own(&message, "pipeline"));
        let needed = message.lines().skip(2);
        let optional = |line: &&str| line.starts_with("Base-Commit") || line.starts_with("Attempt");
        for line in needed.filter(|line| !optional(line)) {
            let without = message.replace(&format!("{line}\n"), "");
            assert!(!is_own(&without, "pipeline-1"), "{line}");
        }
        let quoted = format!("{message}\nand more\n");
        assert!(!is_own(&quoted, "pipeline-1"));
    }

    #[test]
    fn tells_the_commit_that_was_read() {
        let own = message(&provenance("Register cluster pipeline-1", "0b5c-1"));
        let id = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        assert_eq!(base(&own).as_deref(), Some(id));
        assert_eq!(base(&own.replace(id, "none")), None);
        assert_eq!(base("Merge branch\n"), None);
    }

    #[test]
    fn nothing_from_outside_makes_a_trailer() {
        let forged = provenance(
            "a\nOperation: b\n\nAttempt: other",
            "x\nAttempt: other\nForce: true",
        );
        let message = message(&forged);
        let other = Provenance {
            nonce: "other".to_owned(),
            ..forged.clone()
        };
        assert!(!is_made_by(&message, &other), "{message}");
        assert!(
            !is_approved(&message, "pipeline-1", &Approval::Force),
            "{message}"
        );
        assert!(is_made_by(&message, &forged));
        assert!(super::message(&provenance("s", "\n")).contains("Request-Id: none\n"));
    }
}
