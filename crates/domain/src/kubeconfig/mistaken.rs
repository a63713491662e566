//! Things that people send for a kubeconfig, named for what they are.

use super::KubeconfigError::{self, Mistaken};
use super::encoding::decode;
use crate::tree::Node;

/// Base64 of Base64 of a kubeconfig.
pub(super) const BASE64_TWICE: KubeconfigError =
    Mistaken("in Base64 twice", "decode it once, or send the file's text");

/// A packed file.
const PACKED: KubeconfigError = Mistaken(
    "packed (gzip, zip, xz or zstd)",
    "send the file as it is before packing, or its Base64 form",
);

/// How packed and encrypted files begin.
const BEGINNINGS: [(&[u8], KubeconfigError); 5] = [
    (&[0x1f, 0x8b], PACKED),
    (b"PK\x03\x04", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (&[0x28, 0xb5, 0x2f, 0xfd], PACKED),
    (b"\0GITCRYPT\0", ENCRYPTED),
];

/// What bytes are that are no text.
pub(super) fn bytes(bytes: &[u8]) -> Option<KubeconfigError> {
    let known = BEGINNINGS.into_iter();
    let mut known = known.filter(|(beginning, _)| bytes.starts_with(beginning));
    known.next().map(|(_, what)| what)
}

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
const ENCRYPTED: KubeconfigError = Mistaken(
    "encrypted (SOPS, Ansible Vault, age, PGP or git-crypt)",
    "decrypt the file first",
);
const FENCED: KubeconfigError = Mistaken(
    "within the marks of a code block of Markdown",
    "leave out the two lines with these marks",
);
const HERE_DOCUMENT: KubeconfigError = Mistaken(
    "a here-document of a shell",
    "send what stands between its first and its last line",
);
const PAGE: KubeconfigError = Mistaken(
    "an HTML page, such as one for signing in",
    "send the file itself, not what a browser or proxy shows in its place",
);
const TOKEN: KubeconfigError = Mistaken(
    "a token alone",
    "send a kubeconfig with it, in `token` of its user",
);
const MESSAGE: KubeconfigError = Mistaken(
    "the message of a program that failed",
    "mend what it says, and send what the program prints then",
);
const POINTER: KubeconfigError =
    Mistaken("a pointer of Git LFS", "send the file that it stands for");
const WRAPPED: KubeconfigError = Mistaken(
    "an object around the kubeconfig, as the API of a provider or `terraform output` answers",
    "send the text that is in it, which may be Base64",
);
const TALOS: KubeconfigError = Mistaken(
    "a talosconfig, which is for the API of Talos",
    "have Talos write the kubeconfig: talosctl kubeconfig FILE",
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
    if text.starts_with("version https://git-lfs.github.com/") {
        return Some(POINTER);
    }
    if text.starts_with("begin-base64 ") {
        return Some(UUENCODED);
    }
    if text.starts_with("data:") && text.contains(";base64,") {
        return Some(DATA_URL);
    }
    if text.starts_with("-----BEGIN AGE ")
        || text.starts_with("-----BEGIN PGP ")
        || text.starts_with("$ANSIBLE_VAULT;")
    {
        return Some(ENCRYPTED);
    }
    if text.starts_with("-----BEGIN ") {
        return Some(pem(text));
    }
    if text.starts_with("\u{60}\u{60}\u{60}") {
        return Some(FENCED);
    }
    if text.lines().next().is_some_and(|line| line.contains("<<")) {
        return Some(HERE_DOCUMENT);
    }
    let beginning = text.get(..9).unwrap_or_default().to_ascii_lowercase();
    if beginning == "<!doctype" || beginning.starts_with("<html") {
        return Some(PAGE);
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
    let is_token =
        text.starts_with("sha256~") || text.starts_with("eyJ") && text.matches('.').count() == 2;
    if is_token {
        return Some(TOKEN);
    }
    if is_message(text) {
        return Some(MESSAGE);
    }
    is_path(text).then_some(PATH)
}

/// What an object is that YAML reads, and that is no kubeconfig all the same.
pub(super) fn object(text: &str, node: &Node) -> Option<KubeconfigError> {
    if text.contains("ENC[AES256_GCM,") {
        return Some(ENCRYPTED);
    }
    if let Some(error) = manifest(node) {
        return Some(error);
    }
    let Node::Map(entries) = node else {
        return None;
    };
    let has = |key: &str| node.get(key).is_some();
    if matches!(node.get("contexts"), Some(Node::Map(_))) && has("context") {
        return Some(TALOS);
    }
    if ["clusters", "users", "contexts"].into_iter().any(has) {
        return None;
    }
    if entries.iter().any(|entry| holds_config(&entry.value, 3)) {
        return Some(WRAPPED);
    }
    is_message(text).then_some(MESSAGE)
}

/// What kubectl and its like write where they fail.
fn is_message(text: &str) -> bool {
    const STARTS: [&str; 5] = [
        "error",
        "Error",
        "The connection to the server",
        "Unable to connect",
        "You must be logged in",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
}

/// Whether one of its texts is a kubeconfig, plain or in Base64.
fn holds_config(node: &Node, levels: u8) -> bool {
    let is_config =
        |text: &str| text.contains("clusters") && text.contains("users") && text.contains(':');
    match node {
        Node::Text(text) if text.contains(':') => is_config(text),
        Node::Text(text) => {
            decode(text).is_some_and(|bytes| is_config(&String::from_utf8_lossy(&bytes)))
        }
        Node::Map(entries) if levels > 0 => {
            entries.iter().any(|it| holds_config(&it.value, levels - 1))
        }
        Node::List(items) if levels > 0 => items.iter().any(|it| holds_config(it, levels - 1)),
        _ => false,
    }
}

/// Refuses a text whose spaces are none of YAML's, which takes them for parts of names.
pub(super) fn spaces(text: &str) -> Option<KubeconfigError> {
    has_odd_spaces(text).then_some(SPACES)
}

/// What a manifest is that is no kubeconfig. client-go decodes `Config` of `v1` and nothing else.
fn manifest(node: &Node) -> Option<KubeconfigError> {
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
            (
                "\u{60}\u{60}\u{60}yaml\nclusters: []\nusers: []\n\u{60}\u{60}\u{60}\n",
                FENCED,
            ),
            ("cat <<EOF >config\nclusters: []\nEOF\n", HERE_DOCUMENT),
            ("<<-EOT\nclusters: []\nEOT\n", HERE_DOCUMENT),
            (
                "<!DOCTYPE html>\n<html lang=en>\n<title>Sign in: a</title>",
                PAGE,
            ),
            ("<html>\n<a href='https://a'>b</a>\n", PAGE),
            ("eyJhbGciOiJSUzI1NiJ9.e30.x-_y", TOKEN),
            ("sha256~a_b-c", TOKEN),
            ("error: no configuration has been provided\n", MESSAGE),
            ("Error from server (Forbidden): a is forbidden\n", MESSAGE),
            (
                "The connection to the server a:8080 was refused: b\n",
                MESSAGE,
            ),
            (
                "The connection to the server a:8080 was refused - b?\n",
                MESSAGE,
            ),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
                POINTER,
            ),
            ("$ANSIBLE_VAULT;1.1;AES256\n3331\n6136\n", ENCRYPTED),
            (
                "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
                ENCRYPTED,
            ),
            (
                "clusters: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\nsops: {version: 3}\n",
                ENCRYPTED,
            ),
            (
                "context: a\ncontexts: {a: {ca: YQ==, crt: YQ==, key: YQ==}}\n",
                TALOS,
            ),
            // Linode, Rancher, Scaleway, Azure and terraform, in this order.
            (
                r#"{"kubeconfig": "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo="}"#,
                WRAPPED,
            ),
            (
                r#"{"config": "clusters: []\nusers: []\n", "type": "output"}"#,
                WRAPPED,
            ),
            (
                r#"{"name": "a", "content": "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo="}"#,
                WRAPPED,
            ),
            (
                r#"{"kubeconfigs": [{"name": "a", "value": "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo="}]}"#,
                WRAPPED,
            ),
            (
                r#"{"out": {"sensitive": true, "value": "clusters: []\nusers: []\n"}}"#,
                WRAPPED,
            ),
        ] {
            for sent in [sent.to_owned(), encode(sent.as_bytes())] {
                let error = crate::kubeconfig::credentials(&sent, 0).err();
                assert_eq!(error, Some(vec![what.clone()]), "{sent}");
            }
        }
        for (sent, what) in [
            (&b"\x1f\x8b\x08"[..], PACKED),
            (b"PK\x03\x04\x14", PACKED),
            (b"\xfd7zXZ\0\0", PACKED),
            (b"\x28\xb5\x2f\xfd\0", PACKED),
            (b"\0GITCRYPT\0\x01", ENCRYPTED),
        ] {
            let error = crate::kubeconfig::credentials(&encode(sent), 0).err();
            assert_eq!(error, Some(vec![what]), "{sent:?}");
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
        for sent in [
            "clusters: []",
            "users: [{name: error}]",
            "error: a\nclusters: []",
            "a: b",
            "x: clusters",
        ] {
            let node = crate::tree::read::kubeconfig_yaml(sent).unwrap();
            let is_message = sent.starts_with("error") && node.get("clusters").is_none();
            assert_eq!(object(sent, &node).is_some(), is_message, "{sent}");
        }
    }
}
