//! What people send, and the way out of it.

use super::super::KubeconfigError::{self, Mistaken};

/// Base64 of Base64 of a kubeconfig.
pub(in super::super) const BASE64_TWICE: KubeconfigError =
    Mistaken("in Base64 twice", "decode it once, or send the file's text");
/// A mark behind a mark is a part of the first key.
pub(in super::super) const TWO_MARKS: KubeconfigError = Mistaken(
    "text with two byte order marks",
    "take one of them away: a program has put a second one in",
);
/// Text above the limits of `tree/yaml/budget.rs`, which the message repeats: nothing of it has been read.
pub(in super::super) const TOO_LARGE: KubeconfigError = Mistaken(
    "larger than one may be: it has more than 10000 keys and values, too many levels, or aliases that make as much",
    "`kubectl config view --minify --flatten --raw` prints a kubeconfig of the current context alone",
);
pub(super) const PACKED: KubeconfigError = Mistaken(
    "packed (gzip, bzip2, xz, zstd, zip or 7z)",
    "unpack the file, and send its text or the Base64 form of that",
);
pub(super) const DATA_URL: KubeconfigError = Mistaken(
    "a data: URL, as browsers make of a file",
    "send what stands behind the comma",
);
pub(super) const UUENCODED: KubeconfigError = Mistaken(
    "Base64 between the lines begin-base64 and ====, as uuencode writes it",
    "leave out these two lines",
);
pub(super) const CERTUTIL: KubeconfigError = Mistaken(
    "Base64 between the lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----, as certutil writes it",
    "leave out these two lines",
);
pub(super) const PEM: KubeconfigError = Mistaken(
    "a certificate or key in PEM, not a kubeconfig",
    "send the kubeconfig that it belongs to: `kubectl config view --minify --flatten --raw` prints one with everything in it",
);
pub(super) const PATH: KubeconfigError = Mistaken(
    "the name of a file, which is not here",
    "send the file's text, or its Base64 form",
);
pub(super) const TEMPLATE: KubeconfigError = Mistaken(
    "a placeholder that was not filled in",
    "send the file's text, or its Base64 form",
);
pub(super) const UTF16: KubeconfigError = Mistaken(
    "UTF-16 that was read as another encoding",
    "convert the file to UTF-8",
);
pub(super) const LOST_LINES: KubeconfigError = Mistaken(
    "on one line, the rest of which is a comment",
    crate::tree::slip::LOST_LINES,
);
pub(super) const ENCRYPTED: KubeconfigError = Mistaken(
    "encrypted (SOPS, Ansible Vault, age, PGP or git-crypt)",
    "decrypt the file first",
);
pub(super) const FENCED: KubeconfigError = Mistaken(
    "within the marks of a code block of Markdown",
    "leave out the two lines with these marks",
);
pub(super) const HERE_DOCUMENT: KubeconfigError = Mistaken(
    "a here-document of a shell",
    "send what stands between its first and its last line",
);
pub(super) const PAGE: KubeconfigError = Mistaken(
    "an HTML or XML page, such as one for signing in",
    "send the file itself, not what a browser or proxy shows in its place",
);
pub(super) const TOKEN: KubeconfigError = Mistaken(
    "a token alone",
    "send a kubeconfig with it, in `token` of its user",
);
pub(super) const MESSAGE: KubeconfigError = Mistaken(
    "the message of a program that failed",
    "mend what it says, and send what the program prints then",
);
pub(super) const POINTER: KubeconfigError =
    Mistaken("a pointer of Git LFS", "send the file that it stands for");
pub(super) const WRAPPED: KubeconfigError = Mistaken(
    "an object around the kubeconfig, as the API of a provider or `terraform output` answers",
    "send the text that is in it, which may be Base64",
);
pub(super) const REQUEST: KubeconfigError = Mistaken(
    "a whole request, not a kubeconfig",
    "send the text of its `kubeconfig` alone",
);
pub(super) const TALOS: KubeconfigError = Mistaken(
    "a talosconfig, which is for the API of Talos",
    "have Talos write the kubeconfig: talosctl kubeconfig FILE",
);
pub(super) const OTHER: KubeconfigError = Mistaken(
    "a manifest of another kind than `Config` of `v1`",
    "`kubectl config view --minify --flatten --raw` prints a kubeconfig",
);
pub(super) const HTML_ESCAPES: KubeconfigError = Mistaken(
    "escaped for HTML, such as &quot; for \"",
    "send the file as it was before a template or a web page escaped it",
);
pub(super) const PERCENT_ENCODED: KubeconfigError = Mistaken(
    "percent-encoded, as URLs and forms are",
    "send the file's text, or its Base64 form",
);
pub(super) const TYPOGRAPHIC: KubeconfigError = Mistaken(
    "written with typographic quotes (“ ”)",
    "write \" in their place, or copy the file itself",
);
pub(super) const TABLE: KubeconfigError = Mistaken(
    "what another command of kubectl prints",
    "`kubectl config view --minify --flatten --raw` prints a kubeconfig",
);
pub(super) const DONE: KubeconfigError = Mistaken(
    "what a program says when it has written a kubeconfig to a file",
    "send that file: `kubectl config view --minify --flatten --raw` prints it where it is kubectl's own",
);
