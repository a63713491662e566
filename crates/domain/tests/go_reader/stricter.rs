//! Where the two readers differ on purpose.

use domain::kubeconfig::{Kubeconfig, KubeconfigError as Error};
use domain::{Login, kubeconfig};
use serde_json::Value;

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
        // The token beside it, with the line break at its end, is left out.
        Login::ClientCertificate { .. } if reason.contains("invalid header field value") => read
            .warnings
            .iter()
            .any(|text| text.contains("several credentials")),
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
    // As it is said of an authority.
    let of_certificate = reason
        .trim_start_matches("unable to load root certificates: failed to parse certificate: ");
    let is_warned = read.warnings.iter().any(|text| text.starts_with(PAIR));
    is_warned && PAIRS.iter().any(|part| reason.contains(part))
        || CERTIFICATES
            .iter()
            .any(|start| of_certificate.starts_with(start))
}

/// A file that Go's client can use, and what it has read of it.
pub struct File<'a> {
    content: &'a [u8],
    text: String,
    loaded: Value,
}

impl<'a> File<'a> {
    pub fn new(content: &'a [u8], loaded: Value) -> Self {
        let units = |of: fn([u8; 2]) -> u16| {
            let pairs = content[2..].chunks_exact(2);
            let units: Vec<u16> = pairs.map(|pair| of([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        };
        let text = match content {
            [0xff, 0xfe, ..] => units(u16::from_le_bytes),
            [0xfe, 0xff, ..] => units(u16::from_be_bytes),
            _ => {
                let text = String::from_utf8_lossy(content);
                text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
            }
        };
        Self {
            content,
            text,
            loaded,
        }
    }

    /// Why it is refused although Go's client can use it on the machine it is on; `None` where it has to be accepted. Each reason
    /// holds only where Go has read what it is about.
    pub fn reason(&self, error: &Error) -> Option<&'static str> {
        let (holds, reason) = match error {
            Error::ForeignKey => (
                LARGE
                    .iter()
                    .any(|curve| files::has_der(self.content, curve))
                    && !(self.is_whole("client-certificate-data")
                        && self.is_whole("client-key-data")),
                "the key is damaged: the public point that it states is another certificate's, and not that of its number",
            ),
            Error::Path(key, _) => (
                !self.field(key).is_empty(),
                "the file lies on another machine",
            ),
            Error::Helper(key) => (
                !self.loaded["user"][key].is_null(),
                "the program is on another machine, and Argo CD's servers run none",
            ),
            Error::Redacted(key, _) => (
                ["REDACTED", "DATA+OMITTED"].contains(&self.field(key)),
                "it would be sent as it is, and no server takes it",
            ),
            Error::Placeholder(key) => (
                !self.field(key).is_empty() && stands_for_one(key, self.field(key)),
                "nobody has such a secret or name: it stands for one",
            ),
            Error::TokenCharacters => (
                self.field("token")
                    .trim_end_matches(['\r', '\n'])
                    .bytes()
                    .any(|byte| !byte.is_ascii_graphic() || b"\"'`<>{}\\".contains(&byte)),
                "an HTTP header takes it, and no token has it",
            ),
            Error::Bearer => (
                self.field("token")
                    .to_ascii_lowercase()
                    .starts_with("bearer"),
                "an HTTP header takes it, and no token has it",
            ),
            Error::ShellPercent => (
                self.field("token").trim_end().ends_with('%'),
                "an HTTP header takes it, and no token has it",
            ),
            Error::UserName => (
                self.field("username").contains(':'),
                "the name would end at the colon",
            ),
            Error::NoCluster | Error::UnknownCluster | Error::Misspelt("clusters" | "cluster") => (
                is_empty(&self.loaded["cluster"]),
                "the server comes from the request, its authority would be missing without a word",
            ),
            Error::Misspelt("current-context") => (
                self.field("current-context").is_empty()
                    && ["urre", "-context"]
                        .iter()
                        .any(|part| self.text.to_ascii_lowercase().contains(part)),
                "the first user may be another one than was meant",
            ),
            Error::NoPassword | Error::Misspelt("password") => (
                !self.field("username").is_empty() && self.field("password").is_empty(),
                "half of a login is left out without a word",
            ),
            Error::NoCertificate | Error::Misspelt("client-certificate-data") => (
                !self.field("client-key-data").is_empty()
                    && self.field("client-certificate-data").is_empty(),
                "half of a login is left out without a word",
            ),
            Error::RepeatedKey(_) => (
                self.loaded["strict"]
                    .as_str()
                    .unwrap()
                    .contains("already set in map"),
                "the last one counts, and the other is left out without a word",
            ),
            Error::Pem("client-key-data", _)
            | Error::OtherPem("client-key-data", ..)
            | Error::PemLines("client-key-data")
            | Error::DataTwice("client-key-data")
            | Error::Der("client-key-data")
            | Error::EncryptedKey
            | Error::OpenSshKey
                if self.field("client-certificate-data").is_empty() =>
            {
                (
                    !self.field("client-key-data").is_empty(),
                    "Go does not look at a key without its certificate",
                )
            }
            Error::Pem(key, _) | Error::GluedPem(key) => {
                let [found, begun] = self.blocks(key);
                (
                    found < begun,
                    "Go passes over a block that is broken, and it would be missing without a word",
                )
            }
            // Those that are whole are held against their own certificates one by one.
            Error::Key => (
                !self.is_whole("client-key-data"),
                "it is damaged, in a place that Go passes over or puts right",
            ),
            Error::Certificate(key) => (
                !self.is_whole(key),
                "it is damaged, in a place that Go passes over or puts right",
            ),
            Error::SeveralDocuments => (
                self.first_document().is_some(),
                "the first one counts, and the other is left out without a word",
            ),
            Error::Yaml { message, at, .. } => return self.yaml(message, *at),
            Error::TooLong(key, _) => (
                self.blocks(key)[0] > 20 || self.field(key).len() > 16 * 1024 * 4 / 3,
                "nobody needs more, and every cluster's Secret is read by every controller",
            ),
            Error::ProxyUrl => (
                !is_url_of_a_name(self.field("proxy-url")),
                "no connection could be made by it",
            ),
            Error::ProxyHost(_) => (
                ["127.", "[", "localhost", "kubernetes", "0."]
                    .iter()
                    .any(|host| self.field("proxy-url").contains(host)),
                "Argo CD's servers would connect to themselves",
            ),
            Error::Mistaken(what, _) => (
                SIGNS
                    .iter()
                    .any(|(kind, sign)| what.contains(kind) && self.text.contains(sign)),
                "it is something else, of which Go's reader takes a part",
            ),
            _ => return None,
        };
        holds.then_some(reason)
    }

    /// A field of the cluster or user that Go has chosen; empty where it is not there.
    fn field(&self, key: &str) -> &str {
        let places = [
            &self.loaded["user"][key],
            &self.loaded["cluster"][key],
            &self.loaded[key],
        ];
        places
            .into_iter()
            .find_map(Value::as_str)
            .unwrap_or_default()
    }

    /// How many PEM blocks Go finds in a field, and how many begin there.
    fn blocks(&self, key: &str) -> [u64; 2] {
        [0, 1].map(|at| self.loaded["blocks"][key][at].as_u64().unwrap_or_default())
    }

    /// Whether a field is one that nothing has happened to.
    fn is_whole(&self, key: &str) -> bool {
        files::whole().contains(self.field(key))
    }

    /// What stands before a mark of the end of the first document, where there is one.
    fn first_document(&self) -> Option<&str> {
        let marks = ["\n---", "\n...", "\r---", "\r..."];
        let begins = self.text.len() - self.text.trim_start_matches(['-', '.']).len();
        let rest = &self.text[begins..];
        let end = marks.iter().filter_map(|mark| rest.find(mark)).min()?;
        Some(&rest[..end])
    }

    /// Where our reader of YAML 1.2 is stricter than Go's of 1.1.
    fn yaml(&self, message: &str, at: Option<(u32, u32)>) -> Option<&'static str> {
        const BEHIND: &str =
            "Go stops where the first document ends, and what follows is left out without a word";
        const ENDS: [&str; 5] = [
            "unexpected character: ``'",
            "expected <document start>",
            "unclosed bracket",
            "unclosed quote",
            "while scanning a directive",
        ];
        const LINE: &str = "Go takes it for the end of a line, and YAML 1.2 for a letter";
        const REASONS: [(&str, &str, &str); 9] = [
            (
                "a tag that does not fit its value",
                "!",
                "the tag and the value say different things, of which Go drops one",
            ),
            (
                "a key that goes over a line's end",
                "?",
                "Go joins an explicit key of several lines",
            ),
            (
                "a key that goes over a line's end",
                "{",
                "Go joins the lines of a key in braces, which is another one then",
            ),
            (
                "comments must be separated",
                "#",
                "the comment touches what is before it",
            ),
            (
                "a BOM must not appear",
                "\u{feff}",
                "a byte order mark within the text is a slip of two files put together",
            ),
            (
                "a non-breaking or other space",
                "\u{a0}",
                "Go takes it for a letter, and the key or value for another one",
            ),
            ("a non-breaking or other space", "\u{85}", LINE),
            ("a non-breaking or other space", "\u{2028}", LINE),
            ("a non-breaking or other space", "\u{2029}", LINE),
        ];
        if ENDS.iter().any(|part| message.contains(part)) {
            return self.is_whole_before_its_end(at).then_some(BEHIND);
        }
        let fits = |(part, sign, _): &&(&str, &str, &str)| {
            message.contains(part) && self.text.contains(sign)
        };
        let (_, _, reason) = REASONS.iter().find(fits)?;
        Some(reason)
    }

    /// Whether our reader takes the YAML up to where the first document ends: at a mark, with the last bracket, or on the line before
    /// the error.
    fn is_whole_before_its_end(&self, at: Option<(u32, u32)>) -> bool {
        let bracket = self.text.rfind('}').map(|at| &self.text[..=at]);
        let ends = [self.first_document(), bracket].into_iter().flatten();
        let line = at.map_or(0, |(line, _)| line as usize);
        let text = self.text.replace("\r\n", "\n").replace('\r', "\n");
        let lines = text.split_inclusive('\n');
        let before: String = lines.take(line.saturating_sub(1)).collect();
        let documents = ends.chain([before.as_str()]);
        let mut errors = documents.map(|text| kubeconfig::credentials(text, crate::NOW).err());
        errors.any(|errors| {
            let errors = errors.unwrap_or_default();
            !errors
                .iter()
                .any(|error| matches!(error, Error::Yaml { .. } | Error::Encoding))
        })
    }
}

/// What a text has in it that is named for something else than a kubeconfig.
const SIGNS: [(&str, &str); 4] = [
    ("escaped for HTML", "&"),
    ("encrypted", "ENC[AES256_GCM,"),
    ("encrypted", "$ANSIBLE_VAULT;"),
    ("two byte order marks", "\u{feff}"),
];

/// Whether a value stands for one that people have: a template, a mask, words between brackets, or one that is cut off. User names
/// and passwords are chosen, so that only what nobody would choose is none.
fn stands_for_one(key: &str, value: &str) -> bool {
    let between = |start: &str, end: &str| value.strip_prefix(start)?.strip_suffix(end);
    let is_name = |text: &str| {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        !text.is_empty() && text.bytes().all(is_of_name)
    };
    let is_capital = |char: char| !char.is_lowercase();
    let is_chosen = ["username", "password"].contains(&key);
    let fits = |text: &str| match is_chosen {
        false => true,
        true => text.chars().filter(|char| char.is_alphabetic()).count() >= 4,
    };
    let is_template = [("${", "}"), ("$(", ")"), ("{{", "}}")]
        .iter()
        .any(|(start, end)| between(start, end).is_some());
    let is_marked = [("[", "]"), ("%", "%")].iter().any(|(start, end)| {
        between(start, end).is_some_and(|text| !is_chosen || text.chars().all(is_capital))
    });
    let is_variable = value.strip_prefix('$').is_some_and(|name| {
        is_name(name)
            && (!is_chosen
                || ["PASS", "PWD", "SECRET", "USER"]
                    .iter()
                    .any(|word| name.contains(word)))
    });
    let cut = value.trim_end_matches(['.', '…']);
    let is_cut = cut.len() + 3 <= value.len() && (!is_chosen || cut.is_empty());
    let told = match is_chosen {
        true => value.to_owned(),
        false => value.to_ascii_uppercase(),
    };
    let is_told = ["YOUR", "REPLACE", "CHANGE", "INSERT", "PASTE"]
        .iter()
        .any(|word| told.starts_with(word) && told.chars().all(is_capital));
    let is_masked = value.bytes().all(|byte| byte == b'*');
    let lower = value.to_ascii_lowercase();
    let is_nothing = !is_chosen
        && (lower.bytes().all(|byte| byte == b'x')
            || "changeme nil none null string tbd todo token undefined"
                .split(' ')
                .any(|word| word == lower)
            || ["arn:aws", "op://", "ref+", "vault:"]
                .iter()
                .any(|start| lower.starts_with(start)));
    is_template
        || is_nothing
        || is_marked
        || is_variable
        || is_cut
        || is_told
        || is_masked
        || between("<", ">").is_some_and(fits)
}

/// Whether a text is a URL that Go's client connects to: of a name or address, and of a port.
fn is_url_of_a_name(text: &str) -> bool {
    let rest = ["http://", "https://", "socks5://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "1"));
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || ".-_".contains(char);
    !name.is_empty()
        && name.chars().all(is_of_name)
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Whether nothing is said in a value or its fields.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}
