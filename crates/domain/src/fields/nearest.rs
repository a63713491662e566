//! Guessing which field was meant.

/// Characters of a key for which a name is suggested: nobody misspells one into three times its length, and distance costs the
/// product of both.
const LONGEST: usize = 40;

/// The known name nearest to a key, where one is near: at most a third of the key has to change.
#[must_use]
pub fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    if key.chars().nth(LONGEST).is_some() {
        return None;
    }
    let key = key.to_ascii_lowercase();
    known
        .iter()
        .map(|name| (distance(&key, &name.to_ascii_lowercase()), *name))
        .filter(|(distance, _)| *distance <= key.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        let mut next = vec![before];
        for (above, to) in row.iter().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(from != *to);
            before = replaced.min(before + 1).min(above + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("teoken_host", "tekton_host", 3),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn slips_and_strangers() {
        let known = ["tekton_host", "argocd_host", "usage"];
        assert_eq!(nearest("teoken_host", &known), Some("tekton_host"));
        assert_eq!(nearest("argo_host", &known), Some("argocd_host"));
        assert_eq!(nearest("usages", &known), Some("usage"));
        assert_eq!(nearest("description", &known), None);
        assert_eq!(nearest("x", &known), None);
    }

    #[test]
    fn keys_up_to_a_length_are_compared() {
        let known = "ä".repeat(36);
        for (length, is_near) in [(39, true), (40, true), (41, false)] {
            let key = "ä".repeat(length);
            assert_eq!(nearest(&key, &[&known]).is_some(), is_near, "{length}");
        }
    }
}
