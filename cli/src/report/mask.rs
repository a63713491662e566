//! Takes secrets out of a text that is shown, letter by letter, so that every place stays where it is.

use std::ops::Range;

/// Words in a key after which the rest of the line is nobody's business.
const SECRET_KEYS: [&str; 8] = [
    "kubeconfig",
    "token",
    "password",
    "secret",
    "-data",
    "private",
    "auth",
    "credential",
];

/// Ends of a line whose value stands in the lines below.
const BLOCK_BEGINS: [&str; 7] = [":", "|", ">", "|-", ">-", "|+", ">+"];

/// Brackets and the like may stand alone; a password that does is longer.
const SHORTEST_ALONE: usize = 3;

/// Longer than any name or host that helps to understand a line; shorter than any key.
const LONGEST_WORD: usize = 40;

/// Hides what stands at known places.
pub(super) fn by_places(text: &str, secrets: &[Range<usize>]) -> String {
    let mut masked = without_user_information(text);
    for secret in secrets {
        if let Some(shown) = text.get(secret.clone()) {
            masked.replace_range(secret.clone(), &stars(shown));
        }
    }
    masked
}

/// Hides `user:password` of every URL.
fn without_user_information(text: &str) -> String {
    let mut masked = text.to_owned();
    let mut from = 0;
    while let Some(address) = user_information(&masked, from) {
        from = address.end;
        let shown = stars(masked.get(address.clone()).unwrap_or_default());
        masked.replace_range(address, &shown);
    }
    masked
}

/// The next place of a URL's `user:password`.
fn user_information(text: &str, from: usize) -> Option<Range<usize>> {
    let mut from = from;
    loop {
        let start = from + text.get(from..)?.find("://")? + 3;
        let rest = text.get(start..)?;
        let authority = rest.split(|char: char| char.is_whitespace() || "/\"'".contains(char));
        if let Some(at) = authority.into_iter().next()?.rfind('@') {
            return Some(start..start + at);
        }
        from = start;
    }
}

/// Hides what looks like a secret, in a text whose structure nobody knows: what stands behind a key that tells and in the lines below
/// it that are indented deeper, words that are alone on their line, and long words without the dots of a host. What has an anchor
/// (`&name`) may be a secret's value by an alias anywhere else.
pub(super) fn by_words(text: &str) -> String {
    let text = without_user_information(text);
    let mut secret_below = None;
    let lines = text.split_inclusive('\n').map(|text| {
        let inner = text.trim_start();
        let indentation = text.len() - inner.len();
        let is_below = secret_below.is_some_and(|key| indentation > key);
        if !is_below && !inner.is_empty() {
            let lower = inner.trim_end().to_ascii_lowercase();
            let is_secret = SECRET_KEYS.iter().any(|key| lower.contains(key));
            let is_open = BLOCK_BEGINS.iter().any(|end| lower.ends_with(end));
            let is_anchored = end_of_anchor(inner).is_some();
            secret_below = ((is_secret && is_open) || is_anchored).then_some(indentation);
        }
        let is_alone = !inner.contains(':') && inner.split_whitespace().count() == 1;
        match is_below || (is_alone && inner.trim_end().len() > SHORTEST_ALONE) {
            true => stars(text),
            false => line(text),
        }
    });
    lines.collect()
}

fn line(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let found = SECRET_KEYS
        .iter()
        .filter_map(|key| Some(lower.find(key)? + key.len()))
        .chain(end_of_anchor(line))
        .min();
    let (shown, hidden) = line.split_at(found.unwrap_or(line.len()));
    words(shown) + &stars(hidden)
}

/// The end of the first anchor of a line, behind which its value stands.
fn end_of_anchor(line: &str) -> Option<usize> {
    let is_before = |char: char| char.is_whitespace() || "[{,-:".contains(char);
    let starts = line.match_indices('&').map(|(at, _)| at);
    starts
        .filter(|at| {
            line.get(..*at)
                .is_some_and(|before| before.is_empty() || before.ends_with(is_before))
        })
        .find_map(|at| {
            let name = line.get(at + 1..)?;
            let length = name.find(|char: char| char.is_whitespace() || "[]{},".contains(char));
            let length = length.unwrap_or(name.len());
            (length > 0).then_some(at + 1 + length)
        })
}

fn words(text: &str) -> String {
    let is_word = |char: char| char.is_ascii_alphanumeric() || "+/=_-".contains(char);
    let mut masked = String::with_capacity(text.len());
    for part in text.split_inclusive(|char| !is_word(char)) {
        let word = part.trim_end_matches(|char| !is_word(char));
        match word.len() > LONGEST_WORD {
            true => {
                masked.push_str(&stars(word));
                masked.push_str(part.get(word.len()..).unwrap_or_default());
            }
            false => masked.push_str(part),
        }
    }
    masked
}

/// As many bytes as before; breaks stay, and a colon, by which the key is recognised.
fn stars(text: &str) -> String {
    let star = |char: char| match char {
        '\n' | '\r' | ' ' | ':' | '"' | '\'' => char.to_string(),
        char => "*".repeat(char.len_utf8()),
    };
    text.chars().map(star).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_and_nothing_shows() {
        let text = "usage: worker\nkubeconfig: |\n  token: canärY\nhost: argocd.very-long-cluster-name.8.217.50.114.nip.io\n";
        let start = text.find('|').unwrap();
        let end = text.find("\nhost").unwrap();
        let secret = start..end;
        let masked = by_places(text, std::slice::from_ref(&secret));
        assert_eq!(masked.len(), text.len());
        assert!(
            masked.contains("usage: worker\nkubeconfig: *\n  *****: *******\nhost: argocd.very"),
            "{masked}"
        );
    }

    #[test]
    fn a_url_shows_nobodys_password() {
        let text = "api_server: https://admin:canary@8.8.4.4:6443 # see https://a/b@c\nproxy: http://canary@p\n";
        for masked in [by_places(text, &[]), by_words(text)] {
            assert!(
                masked.contains("@8.8.4.4:6443 # see https://a/b@c") && masked.len() == text.len(),
                "{masked}"
            );
            assert!(!masked.contains("canary"), "{masked}");
        }
    }

    #[test]
    fn a_broken_block_shows_nothing_of_a_secret() {
        let text = "name: a\nkubeconfig: |\n  users:\n  - canary\n    user: canary\n]\ncanary\nusage: [host\n";
        let masked = by_words(text);
        assert!(
            masked.contains("name: a\nkubeconfig:") && masked.contains("\n]\n"),
            "{masked}"
        );
        assert!(masked.ends_with("usage: [host\n"), "{masked}");
        assert!(!masked.contains("canary"), "{masked}");
    }

    #[test]
    fn a_broken_text_shows_nothing_that_has_an_anchor() {
        let text = "note: &p canary\nblock: &b |\n  canary a\n[&c canary, b]\npassword: *p\nurl: http://a/?b=1&c=2\nusage: a & b\n";
        let masked = by_words(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains("canary"), "{masked}");
        for words in [
            "note: &p ",
            "block: &b ",
            "url: http://a/?b=1&c=2\nusage: a & b\n",
        ] {
            assert!(masked.contains(words), "{words}: {masked}");
        }
    }

    #[test]
    fn a_broken_text_shows_no_key() {
        let long = "c".repeat(LONGEST_WORD + 1);
        let text = format!(
            "api_server: \"https://8.217.50.114:6443\", # x\n  \"kubeconfig\": \"canary\n client-key-data: canary\n{long} a\n"
        );
        let masked = by_words(&text);
        assert_eq!(masked.len(), text.len());
        assert!(
            masked.contains("https://8.217.50.114:6443") && masked.contains("kubeconfig"),
            "{masked}"
        );
        assert!(
            !masked.contains("canary") && !masked.contains("ccc"),
            "{masked}"
        );
    }
}
