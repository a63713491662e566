//! Login of a context, and whether somebody else can log in that way tomorrow.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kube::config::AuthInfo;
use secrecy::ExposeSecret as _;
use time::{Duration, OffsetDateTime};

/// A token that ends within this time is one of a session: those of cloud providers last an hour, those of OIDC a day,
/// and nobody renews them in the management cluster.
const SESSION: Duration = Duration::days(30);

/// Kinds of login.
#[derive(Debug, PartialEq)]
pub(crate) enum LoginMethod {
    /// By what stands in it, for a long time.
    Lasting,
    /// By what stands in it, for a short time: until then.
    Session(OffsetDateTime),
    /// By a program of this machine: named.
    Program(String),
    /// Not at all.
    Nothing,
}

/// Looks at a user. A certificate or password goes first, as the management cluster prefers it.
pub(crate) fn method_of(user: &AuthInfo) -> LoginMethod {
    let has_certificate =
        user.client_certificate.is_some() || user.client_certificate_data.is_some();
    if let Some(exec) = &user.exec {
        let command = exec.command.as_deref().unwrap_or_default();
        let command = command
            .rsplit(std::path::MAIN_SEPARATOR)
            .next()
            .unwrap_or_default();
        return LoginMethod::Program(format!("the program {command} (exec)"));
    }
    if let Some(provider) = &user.auth_provider {
        return LoginMethod::Program(format!("the auth-provider {}", provider.name));
    }
    if has_certificate || user.username.is_some() {
        return LoginMethod::Lasting;
    }
    let from_file = || std::fs::read_to_string(user.token_file.as_deref()?).ok();
    let token = user
        .token
        .as_ref()
        .map(|token| token.expose_secret().to_owned())
        .or_else(from_file);
    match token {
        None => LoginMethod::Nothing,
        Some(token) => match end_of_token(&token) {
            Some(end) if end < OffsetDateTime::now_utc() + SESSION => LoginMethod::Session(end),
            _ => LoginMethod::Lasting,
        },
    }
}

/// The claim `exp` of a JWT; `None` for any other token, and one without an end.
fn end_of_token(token: &str) -> Option<OffsetDateTime> {
    let claims = token.trim().split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    OffsetDateTime::from_unix_timestamp(claims.get("exp")?.as_i64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(yaml: &str) -> AuthInfo {
        serde_saphyr::from_str(yaml).unwrap()
    }

    fn jwt(exp: i64) -> String {
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{exp}}}"));
        format!("token: e30.{claims}.c2ln")
    }

    #[test]
    fn sessions_and_programs_are_told_from_what_lasts() {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let method = |yaml: &str| method_of(&user(yaml));
        assert_eq!(
            method("client-certificate-data: eA=="),
            LoginMethod::Lasting
        );
        assert_eq!(method("token: glsa_1"), LoginMethod::Lasting);
        assert_eq!(method("username: a"), LoginMethod::Lasting);
        assert_eq!(method("as: a"), LoginMethod::Nothing);
        assert!(matches!(method(&jwt(now + 3600)), LoginMethod::Session(_)));
        assert_eq!(method(&jwt(now + 400 * 86400)), LoginMethod::Lasting);
        assert_eq!(
            method("exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/bin/aws}"),
            LoginMethod::Program("the program aws (exec)".into())
        );
        assert_eq!(
            method("auth-provider: {name: gcp, config: {}}"),
            LoginMethod::Program("the auth-provider gcp".into())
        );
    }
}
