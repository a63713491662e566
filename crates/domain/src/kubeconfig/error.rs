//! What can be wrong with a kubeconfig.

use crate::destination::{self, DestinationError};

/// Why a kubeconfig is refused. Never contains anything of it but the names of known keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KubeconfigError {
    /// Neither YAML nor Base64.
    #[error("the kubeconfig is neither YAML nor Base64 of it")]
    Encoding,
    /// Base64 of something that is not text.
    #[error("the kubeconfig's Base64 does not hold UTF-8 text")]
    NotText,
    /// Not YAML, and where.
    #[error("the kubeconfig is not YAML{}: {message}", place(*.at))]
    Yaml {
        /// What is wrong.
        message: String,
        /// Line and column, from 1.
        at: Option<(u32, u32)>,
        /// What to write instead, where the slip is a known one.
        slip: Option<&'static str>,
    },
    /// More than one.
    #[error("the kubeconfig holds several documents")]
    SeveralDocuments,
    /// A list or a word.
    #[error("the kubeconfig is not an object")]
    NotAnObject,
    /// Keys that are equal.
    #[error("in the kubeconfig a key stands twice{}", place(*.0))]
    RepeatedKey(Option<(u32, u32)>),
    /// `clusters` is missing or empty.
    #[error("the kubeconfig has no cluster")]
    NoCluster,
    /// `users` is missing or empty.
    #[error("the kubeconfig has no user")]
    NoUser,
    /// A field whose name is almost one that is needed.
    #[error("the kubeconfig has no `{0}`, but a field of almost that name")]
    Misspelt(&'static str),
    /// `current-context` names none of `contexts`.
    #[error("the kubeconfig's current-context is not among its contexts")]
    UnknownContext,
    /// `current-context` without `contexts`.
    #[error("the kubeconfig has a current-context and no contexts")]
    NoContext,
    /// The context's cluster is not there.
    #[error("the kubeconfig's current context names a cluster that is not there")]
    UnknownCluster,
    /// The context's user is not there.
    #[error("the kubeconfig's current context names a user that is not there")]
    UnknownUser,
    /// A field that names a file.
    #[error("the kubeconfig's `{0}` is a path: the file is not here")]
    Path(&'static str, View),
    /// A helper program.
    #[error("the kubeconfig's `{0}` runs a program on the caller's machine")]
    Helper(&'static str),
    /// A field of another type.
    #[error("the kubeconfig's `{0}` must be {1}")]
    Type(&'static str, &'static str),
    /// Not Base64.
    #[error("the kubeconfig's `{0}` is not Base64")]
    Base64(&'static str),
    /// PEM that nobody encoded.
    #[error("the kubeconfig's `{0}` holds PEM as it is, and not in Base64")]
    PlainPem(&'static str),
    /// An editor for prose has written it.
    #[error("the kubeconfig's `{0}` has typographic quotes around it")]
    Quotes(&'static str),
    /// A template for HTML has written it.
    #[error("the kubeconfig's `{0}` has HTML's escapes, such as &#43; for +")]
    HtmlEscapes(&'static str),
    /// Base64 of Base64.
    #[error("the kubeconfig's `{0}` is in Base64 twice")]
    DataTwice(&'static str),
    /// Base64 of something that is not PEM.
    #[error("the kubeconfig's `{0}` does not hold PEM {1}")]
    Pem(&'static str, &'static str),
    /// PEM of something else, and what to put there.
    #[error("the kubeconfig's `{0}` holds {1} in PEM")]
    OtherPem(&'static str, &'static str, &'static str),
    /// PEM on a single line.
    #[error("the kubeconfig's `{0}` holds PEM whose line breaks are lost")]
    PemLines(&'static str),
    /// The binary form.
    #[error("the kubeconfig's `{0}` holds DER, the binary form of what should be PEM")]
    Der(&'static str),
    /// PEM of something that is no certificate.
    #[error("the kubeconfig's `{0}` holds a certificate that can't be read")]
    Certificate(&'static str),
    /// A certificate without key.
    #[error("the kubeconfig has a client certificate, but `client-key-data` is missing")]
    NoKey,
    /// A key without certificate.
    #[error("the kubeconfig has a client key, but `client-certificate-data` is missing")]
    NoCertificate,
    /// A key that needs a passphrase.
    #[error("the kubeconfig's `client-key-data` is encrypted")]
    EncryptedKey,
    /// Half of basic authentication.
    #[error("the kubeconfig has a `username`, but `password` is missing")]
    NoPassword,
    /// Nothing to log in with.
    #[error("the kubeconfig's user has no credentials")]
    NoCredentials,
    /// Not a proxy's URL.
    #[error("the kubeconfig's `proxy-url` is not an http, https or socks5 URL")]
    ProxyUrl,
    /// Printed without the secrets.
    #[error("the kubeconfig was printed without its secrets: `{0}` is left out")]
    Redacted(&'static str, View),
    /// Blocks of PEM that Go's reader does not find.
    #[error("in the kubeconfig's `{0}` a PEM block does not begin on a line of its own")]
    GluedPem(&'static str),
    /// More than anybody needs.
    #[error("the kubeconfig's `{0}` holds more than {1}")]
    TooLong(&'static str, &'static str),
    /// PEM of something that is no key.
    #[error(
        "the kubeconfig's `client-key-data` can't be read as a private key (RSA, elliptic curve P-224 to P-521, Ed25519)"
    )]
    Key,
    /// The form of `ssh-keygen`.
    #[error(
        "the kubeconfig's `client-key-data` is in the format of OpenSSH, which no TLS client reads"
    )]
    OpenSshKey,
    /// A key of another certificate.
    #[error("the kubeconfig's `client-key-data` does not belong to its `client-certificate-data`")]
    ForeignKey,
    /// The key's certificate is not the first one.
    #[error(
        "the first certificate in the kubeconfig's `client-certificate-data` is not the key's, a later one is"
    )]
    ChainOrder,
    /// Both, which client-go refuses.
    #[error("the kubeconfig's user has a token and a password, and kubectl takes only one of them")]
    SeveralLogins,
    /// A colon in it.
    #[error("the kubeconfig's `username` has a colon, which ends a user name")]
    UserName,
    /// What an HTTP header has no place for.
    #[error("the kubeconfig's `token` has white space or characters that no token has")]
    TokenCharacters,
    /// The scheme of the header.
    #[error("the kubeconfig's `token` begins with the word Bearer")]
    Bearer,
    /// A template that was not filled in.
    #[error("the kubeconfig's `{0}` is a placeholder")]
    Placeholder(&'static str),
    /// The mark of a shell behind output without line break.
    #[error(
        "the kubeconfig ends with the % that a shell prints behind a last line without line break"
    )]
    ShellPercent,
    /// Two entries of one name.
    #[error("in the kubeconfig's `{0}` a name stands twice")]
    RepeatedName(&'static str),
    /// An entry that is no object.
    #[error("the kubeconfig's `{0}` must be a list of objects, each with a name")]
    Entries(&'static str),
    /// Something else than a kubeconfig.
    #[error("the kubeconfig is {0}")]
    Mistaken(&'static str, &'static str),
    /// A user name or password of a proxy that Go does not read.
    #[error(
        "the kubeconfig's `proxy-url` has characters in its user name or password that a URL has only as % and two digits"
    )]
    ProxyLogin,
    /// A proxy that is the management cluster, or this machine.
    #[error("the kubeconfig's `proxy-url` {0}")]
    ProxyHost(DestinationError),
}

/// What `kubectl config view` prints of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What belongs to the current context, and no more than the service needs.
    CurrentContext,
    /// All of it: without a current context kubectl takes no `--minify`.
    Everything,
}

impl View {
    const fn command(self) -> &'static str {
        match self {
            Self::CurrentContext => "`kubectl config view --minify --flatten --raw`",
            Self::Everything => "`kubectl config view --flatten --raw`",
        }
    }
}

/// Each error once, with the command that works on the file.
pub(super) fn arranged(errors: Vec<KubeconfigError>, has_context: bool) -> Vec<KubeconfigError> {
    let mut arranged = Vec::new();
    for mut error in errors {
        if let KubeconfigError::Path(_, view) | KubeconfigError::Redacted(_, view) = &mut error
            && !has_context
        {
            *view = View::Everything;
        }
        if !arranged.contains(&error) {
            arranged.push(error);
        }
    }
    arranged
}

impl KubeconfigError {
    /// What to send instead.
    #[must_use]
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Path("tokenFile", _) => "put what the file holds into `token`",
            Self::Path(_, view) => return format!("embed the files: {} does", view.command()),
            Self::Redacted(_, view) => {
                return format!("{} prints the secrets as well", view.command());
            }
            Self::NoContext => "add the context that it names, or remove `current-context`",
            Self::Encoding => "send the file's text with real line breaks, or its Base64 form",
            Self::NotText => {
                "convert the file to UTF-8, and send its text or the Base64 form of that"
            }
            Self::NotAnObject => {
                "a kubeconfig has `clusters`, `contexts` and `users`: `kubectl config view --minify --flatten --raw` prints one"
            }
            Self::Yaml { slip, .. } => slip.unwrap_or(
                "check the line: indentation is by spaces, and line breaks must be real ones",
            ),
            Self::SeveralDocuments => "send one document: behind `---` nothing may follow",
            Self::RepeatedKey(_) => "remove one of the two",
            Self::NoCluster | Self::NoUser => {
                "`kubectl config view --minify --flatten --raw` prints a complete kubeconfig, on a machine from which \
                 kubectl reaches the cluster"
            }
            Self::Misspelt(key) => return format!("write its name as `{key}`"),
            Self::UnknownContext => {
                "`kubectl config get-contexts -o name` lists the file's contexts, and `kubectl config use-context NAME` \
                 chooses one"
            }
            Self::UnknownCluster => {
                "`kubectl config set-context --current --cluster=NAME` names one of the file's clusters"
            }
            Self::UnknownUser => {
                "`kubectl config set-context --current --user=NAME` names one of the file's users"
            }
            Self::Helper(_) => {
                "use the token of a service account, which `nautes-clusters add CONTEXT` makes, or a client certificate"
            }
            Self::Type(_, "true or false") => "write true or false, without quotes",
            Self::Type(_, "a string") => "write it as a string, in quotes",
            Self::Type(..) => "write it as kubectl does: entries nobody uses are read as well",
            Self::Base64(_) | Self::PlainPem(_) | Self::Pem(..) | Self::PemLines(_) => {
                "`base64 < FILE | tr -d '\\n'` prints what goes there, of the whole PEM file"
            }
            Self::OtherPem(_, _, hint) => hint,
            Self::Der("client-key-data") => {
                "`openssl pkey -inform der -in FILE` prints it as PEM, which goes there in Base64"
            }
            Self::Der(_) => {
                "`openssl x509 -inform der -in FILE` prints it as PEM, which goes there in Base64"
            }
            Self::Certificate(_) => "export the certificate once more: this one is damaged",
            Self::Quotes(_) => "leave the quotes out",
            Self::HtmlEscapes(_) => {
                "send the file as it was before a template or a web page escaped it"
            }
            Self::DataTwice(_) => "decode it once",
            Self::NoKey | Self::NoCertificate => {
                "send `client-certificate-data` and `client-key-data`"
            }
            Self::EncryptedKey => {
                "send the key without passphrase: `openssl pkey -in FILE` prints it so"
            }
            Self::NoPassword => "send both, or a token instead",
            Self::NoCredentials => {
                "give the user `client-certificate-data` and `client-key-data`, or `token`"
            }
            Self::ProxyLogin => {
                "write % as %25, a backslash as %5C, ^ as %5E, | as %7C, { as %7B and } as %7D there"
            }
            Self::ProxyUrl => "send a URL such as http://proxy.example.com:3128, or none",
            Self::GluedPem(_) => {
                "have each -----BEGIN begin a line, without blanks before it, and encode the PEM text again"
            }
            Self::TooLong("certificate-authority-data", _) => {
                "send the authority that signed the API server's certificate, and no others"
            }
            Self::TooLong("client-key-data", _) => "send the key alone",
            Self::TooLong(..) => "send the client's certificate with its chain, and no others",
            Self::Key => "send the key that the certificate was made with, as PEM in Base64",
            Self::OpenSshKey => {
                "`ssh-keygen -p -m PEM -f FILE` converts the file of an RSA or ECDSA key; have a certificate made for another key where it is Ed25519"
            }
            Self::ForeignKey => "send the certificate and the key that were made together",
            Self::ChainOrder => "put the client's own certificate first, then those that signed it",
            Self::SeveralLogins => "leave out `username` and `password`, or `token`",
            Self::UserName => "send a user name without colon, or a token",
            Self::TokenCharacters => "send the token alone, on one line, without quotes",
            Self::Bearer => "send the token alone, without the word before it",
            Self::Placeholder(_) => "put in the value itself",
            Self::ShellPercent => "leave out the % at the end",
            Self::RepeatedName(_) => "remove or rename one of the two",
            Self::Entries(_) => "write each entry as an object with a `name`, each with its own",
            Self::Mistaken(_, hint) => hint,
            Self::ProxyHost(error) => destination::hint(*error),
        };
        hint.to_owned()
    }
}

fn place(at: Option<(u32, u32)>) -> String {
    at.map_or_else(String::new, |(line, column)| {
        format!(" (line {line}, column {column})")
    })
}
