//! The user of a kubeconfig.

use super::entries::is_misspelt;
use super::fields::Fields;
use super::{KubeconfigError, certificate, encoding, token};
use crate::Login;
use crate::tree::Node;

/// How the user logs in.
pub(super) struct User {
    pub login: Login,
    pub expires_at: Option<u64>,
}

const CERTIFICATE: &str = "client-certificate-data";
const KEY: &str = "client-key-data";

pub(super) fn read(
    node: &Node,
    now: u64,
    errors: &mut Vec<KubeconfigError>,
    warnings: &mut Vec<String>,
) -> Option<User> {
    let before = errors.len();
    let mut fields = Fields {
        node,
        errors,
        warnings,
    };
    fields.refuse_paths(&["client-certificate", "client-key", "tokenFile"]);
    for helper in ["exec", "auth-provider"] {
        if node.get(helper).is_some() {
            fields.errors.push(KubeconfigError::Helper(helper));
        }
    }
    let certificate = client_certificate(now, &mut fields);
    let token = token::read(now, &mut fields);
    let basic = basic(&mut fields);
    // client-go counts either half of a password login.
    let has_basic = basic.is_some() || fields.node.get("password").is_some();
    if token.is_some() && has_basic {
        fields.errors.push(KubeconfigError::SeveralLogins);
    }
    fields.report_others(&KNOWN, &IMPERSONATION);
    let mut logins = [certificate, token, basic.map(|login| (login, None))]
        .into_iter()
        .flatten();
    let first = logins.next();
    if first.is_none() && fields.errors.len() == before {
        let misspelt = LOGINS.into_iter().filter(|key| is_misspelt(node, key));
        fields
            .errors
            .extend(misspelt.map(KubeconfigError::Misspelt));
        if fields.errors.len() == before {
            fields.errors.push(KubeconfigError::NoCredentials);
        }
    }
    if logins.next().is_some() {
        fields.warnings.push(
            "the kubeconfig's user has several credentials: the first of client certificate, token and password is used".to_owned(),
        );
    }
    let (login, expires_at) = first?;
    Some(User { login, expires_at })
}

/// What a user can log in with.
const LOGINS: [&str; 5] = [CERTIFICATE, KEY, "token", "username", "password"];

const KNOWN: [&str; 11] = [
    "client-certificate",
    CERTIFICATE,
    "client-key",
    KEY,
    "token",
    "tokenFile",
    "username",
    "password",
    "exec",
    "auth-provider",
    "extensions",
];

const IMPERSONATION: [&str; 4] = ["as", "as-uid", "as-groups", "as-user-extra"];

/// A certificate with its key, and when it expires.
fn client_certificate(now: u64, fields: &mut Fields<'_>) -> Option<(Login, Option<u64>)> {
    let has = |key: &str| fields.node.get(key).is_some();
    match (has(CERTIFICATE), has(KEY)) {
        (true, false) if !has("client-key") => fields.push_missing(KEY, KubeconfigError::NoKey),
        (false, true) if !has("client-certificate") => {
            fields.push_missing(CERTIFICATE, KubeconfigError::NoCertificate);
        }
        _ => {}
    }
    let certificate = fields.data(CERTIFICATE);
    let expires_at = certificate
        .as_ref()
        .and_then(|pem| certificate::check(CERTIFICATE, pem, now, fields));
    let key = fields.data(KEY);
    if let Some(pem) = &key {
        certificate::check_key(KEY, pem, certificate.as_deref(), fields);
    }
    let login = Login::ClientCertificate {
        cert_data: encoding::encode(&certificate?),
        key_data: encoding::encode(&key?),
    };
    Some((login, expires_at))
}

fn basic(fields: &mut Fields<'_>) -> Option<Login> {
    let username = fields.text("username")?;
    let password = fields.text("password");
    match &password {
        None => fields.push_missing("password", KubeconfigError::NoPassword),
        Some(password) => token::chosen_placeholder("password", password, fields),
    }
    token::chosen_placeholder("username", &username, fields);
    // The colon ends the name (RFC 7617, section 2).
    if username.contains(':') {
        fields.errors.push(KubeconfigError::UserName);
    }
    let password = password.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    Some(Login::Basic {
        username,
        password: password?,
    })
}
