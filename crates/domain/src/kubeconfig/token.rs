//! Bearer tokens: what an HTTP header takes, and how long a JWT is valid.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::fields::{Fields, REDACTED};
use super::{KubeconfigError, View};
use crate::Login;

/// From how long before its end a token is warned about.
const SOON: u64 = 24 * 60 * 60;

/// 10000-01-01T00:00:00Z, behind the last date that RFC 3339 can write.
const YEAR_10000: u64 = 253_402_300_800;

/// JWTs have no padding (RFC 7515, section 2); some tools add it.
pub(super) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The token, and when it expires.
pub(super) fn read(now: u64, fields: &mut Fields<'_>) -> Option<(Login, Option<u64>)> {
    let text = fields.text("token")?;
    // `$(cat token)` and block scalars leave one.
    let token = text.trim_end_matches(['\r', '\n']);
    if let Some(error) = token_error(token) {
        fields.errors.push(error);
        return None;
    }
    if is_encoded_jwt(token) {
        fields
            .warnings
            .push("the kubeconfig's `token` is still Base64: decode it once".to_owned());
    }
    let expires_at = claim(token, "exp");
    if claim(token, "nbf").is_some_and(|start| start > now) {
        fields
            .warnings
            .push("the kubeconfig's `token` is not valid yet".to_owned());
    }
    match expires_at {
        Some(end) => warn_of_end(end, now, fields),
        None => warn_of_login(token, fields),
    }
    Some((Login::Token(token.to_owned()), expires_at))
}

/// What is wrong with a secret that was not filled in.
pub(super) fn placeholder(key: &'static str, text: &str) -> Option<KubeconfigError> {
    if REDACTED.contains(&text) {
        return Some(KubeconfigError::Redacted(key, View::CurrentContext));
    }
    let between = |start: &str, end: &str| text.starts_with(start) && text.ends_with(end);
    let is_template = between("<", ">")
        || between("${", "}")
        || between("$(", ")")
        || between("{{", "}}")
        || between("[", "]")
        || between("%", "%");
    // Instructions leave the middle or the end of a secret out.
    let is_cut = text.ends_with("...") || text.ends_with('…');
    let is_masked = text.bytes().all(|byte| byte == b'*');
    (is_template || is_variable(text) || is_masked || is_cut || is_told(text))
        .then_some(KubeconfigError::Placeholder(key))
}

/// What is wrong with a user name or a password: people choose them, and may well begin one with a sign or end it with dots.
/// Warns of those that only look as if nobody had filled them in.
pub(super) fn chosen_placeholder(key: &'static str, text: &str, fields: &mut Fields<'_>) {
    const WORDS: [&str; 4] = ["PASS", "PWD", "SECRET", "USER"];
    let is_nothing = is_nothing(text);
    let nothing = is_nothing.then_some(KubeconfigError::Placeholder(key));
    let Some(error) = placeholder(key, text).or(nothing) else {
        return;
    };
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || b"_- []%".contains(&byte);
    let start = text.trim_end_matches(['.', '…']);
    let is_mistakable = is_nothing
        || text.starts_with(['[', '%']) && !text.bytes().all(is_capital)
        || text.starts_with('<') && !is_in_words(text)
        || is_variable(text) && !WORDS.iter().any(|word| text.contains(word))
        || start.len() < text.len() && !start.is_empty();
    if is_mistakable {
        fields.warnings.push(format!(
            "the kubeconfig's `{key}` looks like a placeholder, and is sent as it is"
        ));
    } else {
        fields.errors.push(error);
    }
}

/// Words as instructions and templates have them between `<` and `>`, in whatever language: `your-password`, `no value`. Whoever
/// chooses a password seldom writes four letters and nothing else there.
fn is_in_words(text: &str) -> bool {
    let words = text.trim_matches(|char: char| "<>".contains(char) || char.is_ascii_digit());
    let is_of_words = |char: char| char.is_alphabetic() || " -_.".contains(char);
    words.chars().nth(3).is_some() && words.chars().all(is_of_words)
}

/// A word in capitals that tells to put something in its place.
fn is_told(text: &str) -> bool {
    const STARTS: [&str; 5] = ["YOUR", "REPLACE", "CHANGE", "INSERT", "PASTE"];
    let is_of_name = |byte: u8| byte.is_ascii_uppercase() || b"_-".contains(&byte);
    text.contains(['_', '-'])
        && text.bytes().all(is_of_name)
        && STARTS.iter().any(|start| text.starts_with(start))
}

/// A word that programs print where they have no value, or that stands in forms and examples; or the address of a secret in the place
/// of the secret.
fn is_nothing(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "changeme",
        "nil",
        "none",
        "null",
        "string",
        "tbd",
        "todo",
        "token",
        "undefined",
        "xxx",
    ];
    const ADDRESSES: [&str; 4] = ["arn:aws", "op://", "ref+", "vault:"];
    let lower = text.to_ascii_lowercase();
    let is_crossed_out = lower.len() > 3 && lower.bytes().all(|byte| byte == b'x');
    is_crossed_out
        || WORDS.contains(&lower.as_str())
        || ADDRESSES.iter().any(|start| lower.starts_with(start))
}

/// A shell's variable by the names that variables have. Passwords may begin with the sign.
fn is_variable(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    text.strip_prefix('$').is_some_and(|name| {
        name.bytes().next().is_some_and(is_letter)
            && name
                .bytes()
                .all(|byte| is_letter(byte) || byte.is_ascii_digit())
    })
}

fn token_error(token: &str) -> Option<KubeconfigError> {
    // No token is made of words, in whatever case.
    let is_of_words = is_told(&token.to_ascii_uppercase()) || is_nothing(token);
    let of_words = is_of_words.then_some(KubeconfigError::Placeholder("token"));
    if let Some(error) = placeholder("token", token).or(of_words) {
        return Some(error);
    }
    let is_name = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if token.strip_prefix('$').is_some_and(is_name) {
        return Some(KubeconfigError::Placeholder("token"));
    }
    let word = token
        .get(..6)
        .filter(|word| word.eq_ignore_ascii_case("bearer"));
    let after = token.get(6..).unwrap_or_default();
    if word.is_some() && !after.starts_with(|char: char| char.is_ascii_alphanumeric()) {
        return Some(KubeconfigError::Bearer);
    }
    if token.ends_with('%') {
        return Some(KubeconfigError::ShellPercent);
    }
    let is_refused = |byte: u8| !byte.is_ascii_graphic() || b"\"'`<>{}\\".contains(&byte);
    token
        .bytes()
        .any(is_refused)
        .then_some(KubeconfigError::TokenCharacters)
}

/// Every JWT begins with `{"`, which is `eyJ` in Base64; a Secret has it encoded once more.
fn is_encoded_jwt(token: &str) -> bool {
    let decoded = super::encoding::decode(token).unwrap_or_default();
    decoded.starts_with(b"eyJ") && decoded.iter().filter(|byte| **byte == b'.').count() == 2
}

/// A time among the claims of a JWT (RFC 7519, section 4.1): `exp` or `nbf`.
fn claim(token: &str, name: &str) -> Option<u64> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Value = serde_json::from_slice(&BASE64_URL.decode(payload).ok()?).ok()?;
    let time = claims.get(name)?;
    let seconds = time
        .as_u64()
        .or_else(|| time.as_f64().map(|seconds| seconds as u64));
    // Who counts milliseconds gets years that no date has; nobody knows that token's end.
    seconds.filter(|seconds| *seconds < YEAR_10000)
}

/// Beginnings of tokens that somebody gets by logging in, what they are, and how long they last. Nothing in them tells when they end.
const OF_LOGINS: [(&str, &str, &str); 3] = [
    // https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html
    ("k8s-aws-v1.", "of EKS", "15 minutes"),
    // https://docs.cloud.google.com/docs/authentication/token-types#access
    ("ya29.", "of Google Cloud", "an hour"),
    // https://docs.redhat.com/en/documentation/openshift_container_platform: configuring the internal OAuth server
    (
        "sha256~",
        "of a login to OpenShift",
        "a day, unless set otherwise",
    ),
];

fn warn_of_login(token: &str, fields: &mut Fields<'_>) {
    for (start, what, time) in OF_LOGINS {
        if token.starts_with(start) {
            warn_of_short_life(&format!("is one {what}, which lasts {time}"), fields);
        }
    }
}

fn warn_of_end(end: u64, now: u64, fields: &mut Fields<'_>) {
    if end <= now {
        fields
            .warnings
            .push("the kubeconfig's `token` has expired".to_owned());
    } else if end - now <= SOON {
        let left = match (end - now) / (60 * 60) {
            0 => "within an hour".to_owned(),
            1 => "in 1 hour".to_owned(),
            hours => format!("in {hours} hours"),
        };
        warn_of_short_life(&format!("expires {left}"), fields);
    }
}

fn warn_of_short_life(what: &str, fields: &mut Fields<'_>) {
    fields.warnings.push(format!(
        "the kubeconfig's `token` {what}: `kubectl create token NAME --duration 720h` gives one for a month, as far as the API server allows it"
    ));
}

#[cfg(test)]
mod tests;
