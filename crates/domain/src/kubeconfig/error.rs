//! What can be wrong with a kubeconfig.

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
    },
    /// More than one.
    #[error("the kubeconfig holds several documents")]
    SeveralDocuments,
    /// A list or a word.
    #[error("the kubeconfig is not an object")]
    NotAnObject,
    /// Keys that are equal.
    #[error("in the kubeconfig a key stands twice")]
    RepeatedKey,
    /// `clusters` is missing or empty.
    #[error("the kubeconfig has no cluster")]
    NoCluster,
    /// `users` is missing or empty.
    #[error("the kubeconfig has no user")]
    NoUser,
    /// `current-context` names none of `contexts`.
    #[error("the kubeconfig's current-context is not among its contexts")]
    UnknownContext,
    /// The context's cluster is not there.
    #[error("the kubeconfig's current context names a cluster that is not there")]
    UnknownCluster,
    /// The context's user is not there.
    #[error("the kubeconfig's current context names a user that is not there")]
    UnknownUser,
    /// A field that names a file.
    #[error("the kubeconfig's `{0}` is a path: the file is not here")]
    Path(&'static str),
    /// A helper program.
    #[error("the kubeconfig's `{0}` runs a program on the caller's machine")]
    Helper(&'static str),
    /// A field of another type.
    #[error("the kubeconfig's `{0}` must be {1}")]
    Type(&'static str, &'static str),
    /// Not Base64.
    #[error("the kubeconfig's `{0}` is not Base64")]
    Base64(&'static str),
    /// Base64 of something that is not PEM.
    #[error("the kubeconfig's `{0}` does not hold PEM {1}")]
    Pem(&'static str, &'static str),
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
}

impl KubeconfigError {
    /// What to send instead.
    #[must_use]
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Encoding | Self::NotText | Self::NotAnObject => {
                "send the file's text with real line breaks, or its Base64 form"
            }
            Self::Yaml { .. } => {
                "check the line: indentation is by spaces, and line breaks must be real ones"
            }
            Self::SeveralDocuments => "send one kubeconfig, without `---` in it",
            Self::RepeatedKey => "remove one of the two",
            Self::NoCluster
            | Self::NoUser
            | Self::UnknownContext
            | Self::UnknownCluster
            | Self::UnknownUser => {
                "`kubectl config view --minify --flatten --raw` prints a complete kubeconfig"
            }
            Self::Path(_) => "embed the files: `kubectl config view --minify --flatten --raw` does",
            Self::Helper(_) => "use a client certificate, or the token of a service account",
            Self::Type(..) => "put the value in quotes where it is a string",
            Self::Base64(_) | Self::Pem(..) | Self::Certificate(_) => {
                "send Base64 of the PEM text, on one line"
            }
            Self::NoKey | Self::NoCertificate => {
                "send `client-certificate-data` and `client-key-data`"
            }
            Self::EncryptedKey => "send the key without passphrase: `openssl pkey` removes it",
            Self::NoPassword => "send both, or a token instead",
            Self::NoCredentials => {
                "give the user `client-certificate-data` and `client-key-data`, or `token`"
            }
            Self::ProxyUrl => "send a URL such as http://proxy.example.com:3128, or none",
        };
        hint.to_owned()
    }
}

fn place(at: Option<(u32, u32)>) -> String {
    at.map_or_else(String::new, |(line, column)| {
        format!(" (line {line}, column {column})")
    })
}
