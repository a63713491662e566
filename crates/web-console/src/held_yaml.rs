//! A request as YAML that somebody typed, with the kubeconfig held back: pages don't show it again.

/// The line in place of the kubeconfig, behind its indentation. To YAML it is a field without a value.
const PLACE: &str = "kubeconfig: # kept, and not shown; write another one here to replace it";

const KEY: &str = "kubeconfig";

/// A request's text as it is shown, and what was taken out of it.
pub(crate) struct HeldYaml {
    /// The request with [`PLACE`] for its kubeconfig.
    pub(crate) shown: String,
    /// The lines of the kubeconfig as they were typed, with their key; `None` where there is none, or it was taken out before.
    pub(crate) kubeconfig: Option<String>,
}

impl HeldYaml {
    /// Takes the kubeconfig out of a request.
    pub(crate) fn of(text: &str) -> Self {
        let spread = spread(text);
        let text = spread.as_deref().unwrap_or(text);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let Some((first, end)) = held_lines(&lines) else {
            return Self {
                shown: text.to_owned(),
                kubeconfig: None,
            };
        };
        let (mut shown, mut kubeconfig) = (String::new(), String::new());
        for (at, line) in lines.into_iter().enumerate() {
            if at == first {
                shown.extend([indentation(line), PLACE, "\n"]);
            }
            match (first..end).contains(&at) {
                // Somebody has written another kubeconfig beside the line for the one before.
                _ if is_place(line) => {}
                true => kubeconfig.push_str(line),
                false => shown.push_str(line),
            }
        }
        Self {
            shown,
            kubeconfig: Some(kubeconfig),
        }
    }
}

/// The lines to hold back, from the first field `kubeconfig` to the end of the last one; `None` where there is none.
fn held_lines(lines: &[&str]) -> Option<(usize, usize)> {
    let is_entry = |line: &&str| is_kubeconfig(line) && !is_place(line);
    // In what can't be read it may stand anywhere: then its whole line is held back.
    let is_line = |line: &&str| has_kubeconfig(line) && !is_place(line);
    let find = |is_meant: &dyn Fn(&&str) -> bool| {
        let first = lines.iter().position(is_meant)?;
        Some((first, lines.iter().rposition(is_meant)?))
    };
    let (first, last) = find(&is_entry).or_else(|| find(&is_line))?;
    let (entry, behind) = lines.get(last..)?.split_first()?;
    let depth = indentation(entry).len();
    let parts = behind.iter().take_while(|line| is_part(line, depth));
    Some((first, last + 1 + parts.count()))
}

/// Tells whether a line belongs to the kubeconfig above it, also where that was pasted without being indented.
fn is_part(line: &str, depth: usize) -> bool {
    const KUBECONFIG_KEYS: [&str; 8] = [
        "apiVersion",
        "kind",
        "clusters",
        "contexts",
        "current-context",
        "users",
        "preferences",
        "extensions",
    ];
    let text = line.trim();
    let own = indentation(line).len();
    let key = text.split(':').next().unwrap_or_default();
    let is_of_kubeconfig = text.starts_with('-') || KUBECONFIG_KEYS.contains(&key);
    text.is_empty() || own > depth || own == depth && is_of_kubeconfig
}

/// Rewrites a request in braces with one field a line; `None` where the kubeconfig has a line of its own already, or nothing can be read.
fn spread(text: &str) -> Option<String> {
    if text.lines().any(is_kubeconfig) || !has_kubeconfig(text) {
        return None;
    }
    let value: serde_json::Value = domain::yaml::from_str(text).ok()?;
    serde_json::to_string_pretty(&value).ok()
}

/// Puts the lines of the kubeconfig back where [`HeldYaml::of`] took them out.
pub(crate) fn with_kubeconfig(shown: &str, kubeconfig: &str) -> String {
    let lines = shown.split_inclusive('\n');
    lines
        .map(|line| if is_place(line) { kubeconfig } else { line })
        .collect()
}

/// The line of the shown text for a line of the whole one, both from 1.
pub(crate) fn shown_line(shown: &str, kubeconfig: &str, line: usize) -> usize {
    let held = kubeconfig.lines().count().saturating_sub(1);
    match shown.lines().position(is_place) {
        Some(at) if line > at + 1 => line.saturating_sub(held).max(at + 1),
        _ => line,
    }
}

fn is_place(line: &str) -> bool {
    line.trim() == PLACE
}

fn is_kubeconfig(line: &str) -> bool {
    let key = line.trim_start().split(':').next().unwrap_or_default();
    key.trim_end().trim_matches(['"', '\'']) == KEY && line.contains(':')
}

/// Tells whether the key `kubeconfig` stands anywhere in the text.
fn has_kubeconfig(text: &str) -> bool {
    text.match_indices(KEY).any(|(at, key)| {
        let behind = text.get(at + key.len()..).unwrap_or_default();
        behind.trim_start_matches(['"', '\'', ' ']).starts_with(':')
    })
}

fn indentation(line: &str) -> &str {
    let text = line.trim_start_matches([' ', '\t']);
    line.strip_suffix(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "usage: worker\nkubeconfig: |\n  users:\n\n  - user: {token: CANARY}\napi_server: https://a.example.com\n";
    const MANIFEST: &str =
        "kind: Cluster\nspec:\n  kubeconfig: 'CANARY\n    CANARY'\n  usage: host";
    const NOT_INDENTED: &str = "kubeconfig: |\napiVersion: v1\nusers:\n- user:\n    token: CANARY\ncurrent-context: CANARY\nusage: host\n";
    const TWICE: &str =
        "kubeconfig: CANARY\nusage: host\nkubeconfig: CANARY2\ncluster_type: physical\n";
    const BESIDE: &str = "usage: worker\n\"kubeconfig\" : CANARY";

    #[test]
    fn a_kubeconfig_is_taken_out_and_comes_back_as_it_was() {
        for text in [BLOCK, MANIFEST, BESIDE, NOT_INDENTED, TWICE] {
            let held = HeldYaml::of(text);
            assert!(!held.shown.contains("CANARY"), "{}", held.shown);
            let kubeconfig = held.kubeconfig.unwrap();
            assert_eq!(with_kubeconfig(&held.shown, &kubeconfig), text);
            // What was taken out stays out, and nothing else goes.
            let again = HeldYaml::of(&held.shown);
            assert_eq!((again.shown, again.kubeconfig), (held.shown, None));
        }
    }

    #[test]
    fn json_on_one_line_is_spread_first() {
        for text in [
            r#"{"usage": "host", "spec": {"kubeconfig": "CANARY", "a": 1}}"#,
            "{usage: host, spec: {kubeconfig: CANARY, a: 1}}",
        ] {
            let held = HeldYaml::of(text);
            assert!(!held.shown.contains("CANARY"), "{}", held.shown);
            let whole = with_kubeconfig(&held.shown, &held.kubeconfig.unwrap());
            let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
            assert_eq!(whole["spec"]["kubeconfig"], "CANARY");
        }
    }

    #[test]
    fn of_what_cannot_be_read_the_whole_line_is_held_back() {
        let text = "usage: host\n{{ kubeconfig: CANARY\n";
        let held = HeldYaml::of(text);
        assert!(!held.shown.contains("CANARY"), "{}", held.shown);
        assert_eq!(
            with_kubeconfig(&held.shown, &held.kubeconfig.unwrap()),
            text
        );
    }

    #[test]
    fn another_one_in_its_place_is_taken() {
        let held = HeldYaml::of(BLOCK);
        let typed = held.shown.replace(PLACE, "kubeconfig: NEW");
        let typed = HeldYaml::of(&typed);
        assert_eq!(typed.kubeconfig.as_deref(), Some("kubeconfig: NEW\n"));
        let beside = format!("{PLACE}\nkubeconfig: NEW\nusage: host\n");
        let beside = HeldYaml::of(&beside);
        assert_eq!(beside.shown, format!("{PLACE}\nusage: host\n"));
        assert_eq!(beside.kubeconfig.as_deref(), Some("kubeconfig: NEW\n"));
        for without in ["usage: host\n", "# no kubeconfig\n{usage: kubeconfig}"] {
            let held = HeldYaml::of(without);
            assert_eq!((held.shown.as_str(), held.kubeconfig), (without, None));
        }
    }

    #[test]
    fn lines_of_the_whole_text_are_found_in_the_shown_one() {
        let held = HeldYaml::of(BLOCK);
        let kubeconfig = held.kubeconfig.unwrap();
        let shown = |line| shown_line(&held.shown, &kubeconfig, line);
        assert_eq!([1, 2, 3, 5, 6].map(shown), [1, 2, 2, 2, 3]);
        assert_eq!(shown_line("a: 1\nb: 2\n", "", 2), 2);
    }
}
