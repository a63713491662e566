//! Foreign text: never trusted, never long, never with a secret in it.

/// Long enough for the API server's longest usual messages, short enough for a log line.
const LIMIT: usize = 500;

/// Names of objects are shorter; tokens, keys and certificates in Base64 are longer.
const SECRET_LENGTH: usize = 64;

/// One line of at most `LIMIT` characters, without what looks like a credential and without the
/// values that the API server quotes when it refuses an object.
pub fn clean(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = without_quoted_values(&line);
    let line = without_long_runs(&line);
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// `Invalid value: "…": must be …` → `Invalid value: must be …`
fn without_quoted_values(text: &str) -> String {
    const MARK: &str = "nvalid value: \"";
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once(MARK) {
        kept.push_str(before);
        kept.push_str("nvalid value: ");
        rest = match quoted.find("\": ") {
            Some(end) => quoted.get(end + 3..).unwrap_or_default(),
            None => "",
        };
    }
    kept + rest
}

fn without_long_runs(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let mut kept = String::new();
    let mut run = String::new();
    for c in text.chars().chain([' ']) {
        if is_part(c) {
            run.push(c);
            continue;
        }
        kept.push_str(if run.len() > SECRET_LENGTH {
            "[redacted]"
        } else {
            &run
        });
        run.clear();
        if !c.is_control() {
            kept.push(c);
        }
    }
    kept.truncate(kept.trim_end().len());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_and_no_end() {
        let secret = "QUJD".repeat(30);
        assert_eq!(clean(&format!("a {secret}\n b")), "a [redacted] b");
        assert_eq!(
            clean(
                "Secret \"x\" is invalid: data[config]: Invalid value: \"pass word\": must be Base64"
            ),
            "Secret \"x\" is invalid: data[config]: Invalid value: must be Base64"
        );
        assert_eq!(
            clean("spec: Invalid value: \"never ends"),
            "spec: Invalid value:"
        );
        assert_eq!(clean(&"ä ".repeat(600)).chars().count(), LIMIT + 1);
    }
}
