//! Things that people send for a kubeconfig, named for what they are.

use super::KubeconfigError::{self, Mistaken};
use super::encoding::decode;
use crate::tree::Node;

/// Base64 of Base64 of a kubeconfig.
pub(super) const BASE64_TWICE: KubeconfigError =
    Mistaken("in Base64 twice", "decode it once, or send the file's text");

/// A packed file.
pub(super) const PACKED: KubeconfigError = Mistaken(
    "packed (gzip)",
    "send the file as it is before packing, or its Base64 form",
);

const DATA_URL: KubeconfigError = Mistaken(
    "a data: URL, as browsers make of a file",
    "send what stands behind the comma",
);
const UUENCODED: KubeconfigError = Mistaken(
    "Base64 between the lines begin-base64 and ====, as uuencode writes it",
    "leave out these two lines",
);
const CERTUTIL: KubeconfigError = Mistaken(
    "Base64 between the lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----, as certutil writes it",
    "leave out these two lines",
);
const PEM: KubeconfigError = Mistaken(
    "a certificate or key in PEM, not a kubeconfig",
    "send the kubeconfig that it belongs to: `kubectl config view --minify --flatten --raw` prints one with everything in it",
);
const PATH: KubeconfigError = Mistaken(
    "the name of a file, which is not here",
    "send the file's text, or its Base64 form",
);
const TEMPLATE: KubeconfigError = Mistaken(
    "a placeholder that was not filled in",
    "send the file's text, or its Base64 form",
);
const SPACES: KubeconfigError = Mistaken(
    "written with non-breaking or other spaces or line breaks that YAML does not know",
    "copy the file itself, not a web page or document that shows it",
);
const UTF16: KubeconfigError = Mistaken(
    "UTF-16 that was read as another encoding",
    "convert the file to UTF-8",
);
const SECRET: KubeconfigError = Mistaken(
    "a Kubernetes Secret, not a kubeconfig",
    "send what it holds, decoded: `kubectl get secret NAME -o jsonpath='{.data.value}' | base64 -d`, with the key that it has",
);
const OTHER: KubeconfigError = Mistaken(
    "a manifest of another kind than `Config` of `v1`",
    "`kubectl config view --minify --flatten --raw` prints a kubeconfig",
);

/// What a text is that can't be read as a kubeconfig.
pub(super) fn text(text: &str) -> Option<KubeconfigError> {
    let text = text.trim();
    if text.contains('\0') {
        return Some(UTF16);
    }
    if text.starts_with("begin-base64 ") {
        return Some(UUENCODED);
    }
    if text.starts_with("data:") && text.contains(";base64,") {
        return Some(DATA_URL);
    }
    if text.starts_with("-----BEGIN ") {
        return Some(pem(text));
    }
    if text.ends_with('%') && decode(text.trim_end_matches('%')).is_some() {
        return Some(KubeconfigError::ShellPercent);
    }
    if text.lines().nth(1).is_some() {
        return None;
    }
    if text.starts_with(['$', '<']) || text.starts_with("{{") {
        return Some(TEMPLATE);
    }
    is_path(text).then_some(PATH)
}

/// Refuses a text whose spaces are none of YAML's, which takes them for parts of names.
pub(super) fn spaces(text: &str) -> Option<KubeconfigError> {
    has_odd_spaces(text).then_some(SPACES)
}

/// What a manifest is that is no kubeconfig. client-go decodes `Config` of `v1` and nothing else.
pub(super) fn manifest(node: &Node) -> Option<KubeconfigError> {
    let word = |key| node.get(key).map(|value| value.text().unwrap_or_default());
    match (word("kind"), word("apiVersion")) {
        (Some("Secret"), _) => Some(SECRET),
        (None | Some("Config"), None | Some("v1")) => None,
        _ => Some(OTHER),
    }
}

fn pem(text: &str) -> KubeconfigError {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let inner = decode(&lines.collect::<String>()).unwrap_or_default();
    match inner.contains(&b':') && std::str::from_utf8(&inner).is_ok() {
        true => CERTUTIL,
        false => PEM,
    }
}

/// Spaces that look like one and are none for YAML: in the indentation, or behind a colon or hyphen.
fn has_odd_spaces(text: &str) -> bool {
    let is_odd =
        |char: char| char != ' ' && char.is_whitespace() && !char.is_ascii() || char == '\u{200b}';
    // Line breaks for Go's reader, characters like others since YAML 1.2.
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return true;
    }
    text.lines().any(|line| {
        let inner =
            line.trim_start_matches(|char: char| char == ' ' || char == '-' || is_odd(char));
        let indentation = line.get(..line.len() - inner.len()).unwrap_or_default();
        let behind_key = line
            .split(':')
            .nth(1)
            .and_then(|value| value.chars().next());
        indentation.contains(is_odd) || behind_key.is_some_and(is_odd)
    })
}

fn is_path(text: &str) -> bool {
    const STARTS: [&str; 6] = ["@", "~", "./", "../", "\\\\", "file:"];
    const ENDS: [&str; 7] = [
        ".yaml",
        ".yml",
        ".conf",
        ".config",
        ".json",
        ".txt",
        "kubeconfig",
    ];
    let has_drive =
        matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    // A slash is a digit of Base64 as well.
    let starts = STARTS.iter().any(|start| text.starts_with(start))
        || text.starts_with('/') && decode(text).is_none();
    starts
        || has_drive
        || ENDS
            .iter()
            .any(|end| text.to_ascii_lowercase().ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::super::encoding::encode;
    use super::*;

    /// Plain, and in the Base64 that the field takes as well.
    #[test]
    fn things_that_are_no_kubeconfig() {
        for (sent, what) in [
            (
                "-----BEGIN CERTIFICATE-----\nYTogYgo=\n-----END CERTIFICATE-----\n",
                CERTUTIL,
            ),
            (
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                PEM,
            ),
            ("@kubeconfig.yaml", PATH),
            ("~/.kube/config", PATH),
            ("/root/.kube/config", PATH),
            ("C:\\Users\\a\\.kube\\config", PATH),
            ("file:///tmp/a", PATH),
            ("admin.conf", PATH),
            ("$KUBECONFIG", TEMPLATE),
            ("$(cat kubeconfig)", TEMPLATE),
            ("<your kubeconfig>", TEMPLATE),
            ("{{ kubeconfig }}", TEMPLATE),
            ("YTogYgo=%", KubeconfigError::ShellPercent),
            ("a\0:\0", UTF16),
            ("data:application/yaml;base64,YTogYgo=", DATA_URL),
            ("begin-base64 644 config\nYTogYgo=\n====\n", UUENCODED),
        ] {
            assert_eq!(text(sent), Some(what.clone()), "{sent}");
            for sent in [sent.to_owned(), encode(sent.as_bytes())] {
                let error = crate::kubeconfig::credentials(&sent, 0).err();
                assert_eq!(error, Some(vec![what.clone()]), "{sent}");
            }
        }
        for sent in [
            "a:\n\u{a0}\u{a0}b: c",
            "a:\u{3000}b",
            "-\u{200b}a: b",
            "a\u{85}b: c",
        ] {
            assert_eq!(spaces(sent), Some(SPACES), "{sent}");
        }
        assert_eq!(spaces("name: a\u{a0}b"), None);
        for sent in ["a: b", "clusters: []\nusers: []", "YTogYgo=", "hello"] {
            assert_eq!(text(sent), None, "{sent}");
        }
    }
}
