//! Where the two readers differ on purpose.

use domain::Login;
use domain::kubeconfig::{Kubeconfig, KubeconfigError as Error};

use crate::files;

/// The object identifiers of P-384 and P-521.
const LARGE: [&[u8]; 2] = [&[6, 5, 0x2b, 0x81, 4, 0, 34], &[6, 5, 0x2b, 0x81, 4, 0, 35]];

/// Tells whether we mend on the way what Go's client would fail at.
pub fn is_mended(read: &Kubeconfig, reason: &str, content: &[u8]) -> bool {
    // Some tools leave the padding out; what is stored has it.
    if reason.contains("illegal base64 data") {
        return true;
    }
    // Tabs where nothing stands are white space in YAML 1.2, and Go's reader is older.
    let tabs = [
        "found a tab character where an indentation space is expected",
        "found character that cannot start any token",
        "found a tab character that violates indentation",
    ];
    if tabs.iter().any(|words| reason.contains(words)) {
        return true;
    }
    // YAML 1.2 has an anchor before a key on the next line, too.
    let has_anchor = content.windows(2).any(|bytes| bytes == b",&");
    if has_anchor && reason.contains("did not find expected ',' or '}'") {
        return true;
    }
    let credentials = &read.credentials;
    match &credentials.login {
        _ if reason.contains("root certificates file with the insecure flag") => {
            credentials.insecure && credentials.ca_data.is_none()
        }
        Login::Token(token) if reason.contains("invalid header field value") => {
            token.bytes().all(|byte| byte.is_ascii_graphic())
        }
        _ => false,
    }
}

/// Tells whether Go's reason is one that nobody finds out here, as docs/api.md says.
pub fn is_unknown(read: &Kubeconfig, reason: &str) -> bool {
    const PAIR: &str = "nobody has checked that the kubeconfig's `client-key-data` belongs to its";
    const PAIRS: [&str; 4] = [
        "tls: failed to parse private key: asn1: structure error",
        "failed to parse RSA private key embedded in PKCS#8: asn1: structure error",
        "tls: private key does not match public key",
        "x509: private key contains zero or negative prime",
    ];
    // A reader of names and extensions would be as large as that of everything else in a kubeconfig.
    const CERTIFICATES: [&str; 16] = [
        "x509: invalid RDNSequence",
        "x509: malformed extension",
        "x509: certificate contains duplicate extension",
        "x509: invalid authority key identifier",
        "x509: authority key identifier incorrectly marked critical",
        "x509: invalid subject key identifier",
        "x509: subject key identifier incorrectly marked critical",
        "x509: invalid basic constraints",
        "x509: invalid extended key usages",
        "x509: invalid key usage",
        "x509: invalid subject alternative name",
        "x509: cannot parse",
        "x509: SAN ",
        "x509: invalid CRL distribution point",
        "x509: invalid certificate policies",
        "x509: invalid authority info access",
    ];
    let is_warned = read.warnings.iter().any(|text| text.starts_with(PAIR));
    is_warned && PAIRS.iter().any(|part| reason.contains(part))
        || CERTIFICATES.iter().any(|start| reason.starts_with(start))
}

/// Why a file is refused that Go's client can use on the machine it is on; `None` where it has to be accepted.
pub fn reason(error: &Error, content: &[u8]) -> Option<&'static str> {
    Some(match error {
        Error::ForeignKey if LARGE.iter().any(|curve| files::has_der(content, curve)) => {
            "the key is damaged: the public point that it states is another certificate's, and not that of its number"
        }
        Error::Path(..) => "the file lies on another machine",
        Error::Helper(_) => "the program is on another machine, and Argo CD's servers run none",
        // Passwords are chosen by people: what one could have is accepted, with a warning.
        Error::Placeholder("username" | "password") => return unmistakable(content),
        Error::Redacted(..) | Error::Placeholder(_) => {
            "it would be sent as it is, and no server takes it"
        }
        Error::TokenCharacters | Error::Bearer | Error::ShellPercent => {
            "an HTTP header takes it, and no token has it"
        }
        Error::UserName => "the name would end at the colon",
        Error::NoCluster | Error::UnknownCluster | Error::Misspelt("clusters" | "cluster") => {
            "the server comes from the request, its authority would be missing without a word"
        }
        Error::NoUser | Error::UnknownUser | Error::Misspelt(_) => "it would be a login as nobody",
        Error::NoCredentials => "it would be a login as nobody",
        Error::NoPassword | Error::NoCertificate => "half of a login is left out without a word",
        Error::RepeatedKey(_) => "the last one counts, and the other is left out without a word",
        Error::Pem(..) | Error::GluedPem(_) => {
            "Go passes over a block that is broken, and it would be missing without a word"
        }
        // Those that are whole are held against their own certificates one by one.
        Error::Key | Error::Certificate(_) => {
            "it is damaged, in a place that Go passes over or puts right"
        }
        Error::SeveralDocuments => "the first one counts, and the other is left out without a word",
        Error::Yaml { message, .. } => return yaml(message),
        Error::TooLong(..) => {
            "nobody needs more, and every cluster's Secret is read by every controller"
        }
        Error::ProxyUrl => "no connection could be made by it",
        Error::ProxyHost(_) => "Argo CD's servers would connect to themselves",
        Error::Mistaken(..) => "it is something else, of which Go's reader takes a part",
        _ => return None,
    })
}

/// For the passwords that are generated.
fn unmistakable(content: &[u8]) -> Option<&'static str> {
    // As it stands in UTF-16, too.
    let text = String::from_utf8_lossy(content).replace('\0', "");
    let words = [
        "****",
        "${",
        "$(",
        "{{",
        "<",
        "CHANGE-ME",
        "REDACTED",
        "$PASS",
        "…",
        "YOUR",
    ];
    let is_told = words.iter().any(|word| text.contains(word));
    is_told.then_some("nobody has such a password: it stands for one")
}

/// Where our reader of YAML 1.2 is stricter than Go's of 1.1.
fn yaml(message: &str) -> Option<&'static str> {
    const BEHIND: &str =
        "Go stops where the first document ends, and what follows is left out without a word";
    const REASONS: [(&str, &str); 9] = [
        ("unexpected character: ``'", BEHIND),
        ("expected <document start>", BEHIND),
        ("unclosed bracket", BEHIND),
        ("unclosed quote", BEHIND),
        (
            "a tag that does not fit its value",
            "the tag and the value say different things, of which Go drops one",
        ),
        (
            "a key that goes over a line's end",
            "Go joins an explicit key of several lines",
        ),
        ("while scanning a directive", BEHIND),
        (
            "comments must be separated",
            "the comment touches what is before it",
        ),
        (
            "a BOM must not appear",
            "a byte order mark within the text is a slip of two files put together",
        ),
    ];
    let reason = REASONS.iter().find(|(part, _)| message.contains(part));
    reason.map(|(_, reason)| *reason)
}
