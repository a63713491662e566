//! Login of a context, and whether somebody else can log in that way tomorrow.

use kube::config::AuthInfo;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::SelectedContext;

/// A token or certificate that ends within this time is one of a session: those of cloud providers last an hour, those of OIDC a
/// day, and nobody renews them in the management cluster.
const SESSION: Duration = Duration::days(30);

/// How an end is written; it is in UTC.
const END: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");

/// Kinds of login.
#[derive(Debug, PartialEq)]
pub(crate) enum LoginMethod {
    /// By what stands in it, for a long time.
    Lasting,
    /// By what stands in it, for a short time.
    Session(SessionEnd),
    /// By a program of this machine: named.
    Program(String),
    /// Not at all.
    Nothing,
}

/// End of a login that nobody renews.
#[derive(Debug, PartialEq)]
pub(crate) struct SessionEnd {
    /// `token` or `certificate`.
    pub(crate) what: &'static str,
    /// Time after which it logs nobody in.
    pub(crate) end: OffsetDateTime,
}

impl SessionEnd {
    /// Tells whether it logs nobody in any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.end <= OffsetDateTime::now_utc()
    }
}

impl std::fmt::Display for SessionEnd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.has_ended() {
            true => "ended",
            false => "ends",
        };
        let end = self.end.format(END).map_err(|_| std::fmt::Error)?;
        write!(formatter, "a {} that {verb} at {end} UTC", self.what)
    }
}

/// Looks at a context's user. A certificate goes first, as the management cluster prefers it.
pub(crate) fn method_of(context: &SelectedContext) -> LoginMethod {
    let user = &context.user;
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
    let Some(what) = credential_of(user) else {
        return LoginMethod::Nothing;
    };
    match end_of(context) {
        Some(end) if end < OffsetDateTime::now_utc() + SESSION => {
            LoginMethod::Session(SessionEnd { what, end })
        }
        _ => LoginMethod::Lasting,
    }
}

/// Names what a user logs in with; `None` where there is nothing.
fn credential_of(user: &AuthInfo) -> Option<&'static str> {
    let has_certificate =
        user.client_certificate.is_some() || user.client_certificate_data.is_some();
    let has_token = user.token.is_some() || user.token_file.is_some();
    let known = [
        (has_certificate, "certificate"),
        (has_token, "token"),
        (user.username.is_some(), "password"),
    ];
    let mut there = known.into_iter().filter(|(is_there, _)| *is_there);
    there.next().map(|(_, what)| what)
}

/// The end as the service will find it; `None` for what has none, and for what can't be read, which is told when it is sent.
fn end_of(context: &SelectedContext) -> Option<OffsetDateTime> {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let text = context.to_text().ok()?;
    let summary = domain::kubeconfig::summary(&text, u64::try_from(now).ok()?);
    let end = i64::try_from(summary.expires_at?).ok()?;
    OffsetDateTime::from_unix_timestamp(end).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn method(user: &str) -> LoginMethod {
        let server = "https://8.217.50.114:6443";
        method_of(&SelectedContext {
            name: "lab".to_owned(),
            cluster: kube::config::Cluster {
                server: Some(server.to_owned()),
                ..Default::default()
            },
            user: serde_saphyr::from_str(user).unwrap(),
        })
    }

    fn jwt(end: OffsetDateTime) -> String {
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{}}}", end.unix_timestamp()));
        format!("token: e30.{claims}.c2ln")
    }

    fn certificate(end: OffsetDateTime) -> String {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.not_before = end - Duration::days(1000);
        parameters.not_after = end;
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        format!(
            "client-certificate-data: {}\nclient-key-data: {}",
            STANDARD.encode(certificate.pem()),
            STANDARD.encode(key.serialize_pem())
        )
    }

    #[test]
    fn sessions_are_told_from_what_lasts() {
        let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
        for (what, user) in [
            ("token", jwt as fn(OffsetDateTime) -> String),
            ("certificate", certificate),
        ] {
            for end in [now + Duration::hours(1), now - Duration::hours(1)] {
                let found = method(&user(end));
                assert_eq!(found, LoginMethod::Session(SessionEnd { what, end }));
            }
            let later = user(now + Duration::days(400));
            assert_eq!(method(&later), LoginMethod::Lasting, "{what}");
        }
        for lasting in ["token: glsa_1", "{username: a, password: b}"] {
            assert_eq!(method(lasting), LoginMethod::Lasting, "{lasting}");
        }
        assert_eq!(method("as: a"), LoginMethod::Nothing);
    }

    #[test]
    fn an_end_is_said_as_what_it_is() {
        let said = |year: i32| {
            let date = time::Date::from_ordinal_date(year, 1).unwrap();
            let end = date.midnight().assume_utc();
            SessionEnd { what: "token", end }.to_string()
        };
        assert_eq!(said(2001), "a token that ended at 2001-01-01 00:00 UTC");
        assert_eq!(said(2901), "a token that ends at 2901-01-01 00:00 UTC");
    }

    #[test]
    fn programs_are_named() {
        let program = |name: &str| LoginMethod::Program(name.to_owned());
        assert_eq!(
            method("exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/bin/aws}"),
            program("the program aws (exec)")
        );
        assert_eq!(
            method("auth-provider: {name: gcp, config: {}}"),
            program("the auth-provider gcp")
        );
    }
}
