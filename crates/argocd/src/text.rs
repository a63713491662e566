//! Texts of Argo CD, for whoever may read the repository.

/// Cleans a text as [`kubernetes::text::clean`] does, and leaves the user information of URLs out: Argo CD repeats the address of a repository, a
/// registry or a proxy as somebody gave it.
pub(crate) fn clean(text: &str) -> String {
    kubernetes::text::clean(&without_user_information(text))
}

/// `https://user:password@host` → `https://host`. A password may have a slash that nobody has escaped, so everything before the last
/// `@` of the word goes.
fn without_user_information(text: &str) -> String {
    const MARK: &str = "://";
    let is_end = |c: char| c.is_whitespace() || "\"'`<>".contains(c);
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        kept.push_str(before);
        kept.push_str(MARK);
        let word = after.split(is_end).next().unwrap_or_default();
        let host = word.rfind('@').map_or(0, |at| at + 1);
        rest = after.get(host..).unwrap_or_default();
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_of_urls_is_left_out() {
        for (text, expected) in [
            ("https://u:canary@h/a.git: no", "https://h/a.git: no"),
            ("\"https://u:can/ary@h\": no", "\"https://h\": no"),
            ("https://canary@h, ssh://git@h", "https://h, ssh://h"),
            (
                "https://h/a, mail a@b.example",
                "https://h/a, mail a@b.example",
            ),
            ("https://u:canary@", "https://"),
            ("no URL", "no URL"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }
}
