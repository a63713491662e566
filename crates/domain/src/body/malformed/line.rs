//! Lines of the body in messages: only those that can't be part of a kubeconfig.

use crate::body::quote::quoted;
use crate::fields;

/// A run of that many Base64 characters may be a credential; the longest field name of ours is as long.
const LONGEST_RUN: usize = 40;

/// The line, from 1, for a message; none where it may hold a secret.
pub(super) fn shown(text: &str, number: u32) -> Option<String> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let mut before = text.lines().take(index);
    let after_kubeconfig = before.any(|line| line.contains("kubeconfig"));
    let line = text.lines().nth(index)?.trim();
    may_be_shown(line, after_kubeconfig).then(|| quoted(line))
}

/// A line may be shown if it holds no text at all, is a comment, or begins with a field of ours. Nothing
/// may be shown that mentions a credential or is as long as one, nor a line that may be a kubeconfig's.
fn may_be_shown(line: &str, after_kubeconfig: bool) -> bool {
    let harmless = line.bytes().all(|byte| b"{}[],:\"' ".contains(&byte));
    let key = line
        .trim_start_matches(['{', ',', '"', '\'', ' ', '-'])
        .split(['"', '\'', ':', ' ', '='])
        .next()
        .unwrap_or_default();
    let known = fields::is_known(key) && !IN_BOTH.contains(&key);
    let comment = !after_kubeconfig && (line.starts_with('#') || line.starts_with("//"));
    !line.is_empty() && (harmless || ((known || comment) && !may_be_secret(line)))
}

/// Keys that a kubeconfig has as well.
const IN_BOTH: [&str; 4] = ["apiVersion", "kind", "name", "namespace"];

fn may_be_secret(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "kubeconfig",
        "token",
        "password",
        "secret",
        "-data",
        "begin ",
        "private",
        "bearer",
    ];
    let lower = line.to_ascii_lowercase();
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    let long = line
        .as_bytes()
        .split(|byte| !inner(*byte))
        .any(|run| run.len() > LONGEST_RUN);
    long || WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_may_be_shown() {
        for line in [
            "\"usage\": \"worker\" # comment",
            "}, {",
            "# the cluster's type",
            "api_server: \"https://8.217.50.114:6443\",",
            "\"reserved_namespaces_allowed_products\": {",
        ] {
            assert!(may_be_shown(line, false), "{line}");
        }
    }

    #[test]
    fn lines_that_may_not() {
        for line in [
            "",
            "\"kubeconfig\": |",
            "clusters:",
            "token: abc",
            "\"usage\": \"worker\", \"kubeconfig\": \"abc\"",
            "# client-key-data: abc",
            "YWJj",
            "\"usage\": \"YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj",
            "}, \"x\"",
        ] {
            assert!(!may_be_shown(line, false), "{line}");
        }
    }

    #[test]
    fn runs_as_long_as_a_credential() {
        let line = |length: usize| format!("usage: {}", "a".repeat(length));
        assert!(may_be_shown(&line(LONGEST_RUN), false));
        assert!(!may_be_shown(&line(LONGEST_RUN + 1), false));
    }

    #[test]
    fn lines_of_a_kubeconfig() {
        assert_eq!(shown("name: a\n", 1), None);
        assert_eq!(shown("# a\n", 1).as_deref(), Some("`# a`"));
        for line in [
            "name: a",
            "- name: a",
            "apiVersion: v1",
            "kind: Config",
            "# a",
            "user: b",
        ] {
            assert_eq!(
                shown(&format!("kubeconfig: |\n{line}\n"), 2),
                None,
                "{line}"
            );
        }
        let ours = shown("kubeconfig: |\nusage: host\n", 2);
        assert_eq!(ours.as_deref(), Some("`usage: host`"));
    }
}
