//! Logins of contexts: programs (`exec`) are run once for a connection, as kubectl does, with the terminal to themselves, and the
//! token of an `auth-provider` is taken as it stands there.
//!
//! The client that everything else is left to runs them for every part of a connection anew, which is three logins where somebody
//! has to type a code. Source: `k8s.io/client-go/plugin/pkg/client/auth/exec` and the kind `ExecCredential` of
//! `client.authentication.k8s.io/v1`.

use std::io::IsTerminal as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::{
    AuthInfo, AuthProviderConfig, ExecAuthCluster, ExecConfig, ExecInteractiveMode,
};
use serde::Deserialize;
use serde_json::json;

use crate::kubeconfig::{LoginMethod, SelectedContext, method_of};

/// Version of the exchange where the kubeconfig names none.
const VERSION: &str = "client.authentication.k8s.io/v1";

/// Login that a program has printed. Without `Debug`, since logs must not have it.
#[derive(Deserialize)]
struct ExecCredential {
    status: Option<Credential>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    token: Option<String>,
    /// PEM, as is the key.
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Why nobody is logged in. Nothing of what a program has printed is in it.
#[derive(Debug, PartialEq)]
pub(super) struct LoginFailure {
    /// The failure in a sentence.
    pub(super) why: String,
    /// Advice; empty where there is none.
    pub(super) way_out: String,
}

impl LoginFailure {
    fn new(why: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            way_out: way_out.into(),
        }
    }
}

/// The context with what its login program has handed over in place of the program, or the token of its `auth-provider`.
///
/// # Errors
/// The program does not log in, or the token has ended.
pub(super) async fn logged_in(context: &SelectedContext) -> Result<SelectedContext, LoginFailure> {
    let mut context = context.clone();
    let is_ours = |provider: &mut AuthProviderConfig| !is_run_by_client(provider);
    if let Some(provider) = context.user.auth_provider.take_if(is_ours) {
        context.user.token = Some(token_of(&provider)?.into());
        require_running(&context)?;
        return Ok(context);
    }
    let Some(exec) = context.user.exec.take() else {
        return Ok(context);
    };
    let command = prepared(&exec, &context)?;
    let hint = exec.install_hint.clone().unwrap_or_default();
    let printed = tokio::task::spawn_blocking(move || run(command, &hint)).await;
    let printed = printed.map_err(|_| LoginFailure::new("the login program was not run", ""))??;
    put_in(&mut context.user, &printed)?;
    Ok(context)
}

/// Way out for a token that kubectl renews.
const RENEW: &str = "run `kubectl get nodes`, which has it renewed";

/// Way out for a program that does not do as it should.
const ASK_KUBECTL: &str = "run `kubectl get nodes` to see what it says";

/// Way out for a kubeconfig whose `auth-provider` does not log in here.
const OTHER_LOGIN: &str = "use a context that logs in by a program (`exec`: kubelogin, gke-gcloud-auth-plugin), or with the token of a \
     service account";

/// Tells whether the client runs the program of an `auth-provider`: gcloud, as kubeconfigs of GKE named it until 2022.
fn is_run_by_client(provider: &AuthProviderConfig) -> bool {
    provider.name == "gcp" && provider.config.contains_key("cmd-path")
}

/// The token that an `auth-provider` has left in the kubeconfig, which nobody renews here. Of kubectl all providers but `oidc` have
/// gone in 1.26.
fn token_of(provider: &AuthProviderConfig) -> Result<String, LoginFailure> {
    let name = &provider.name;
    if name != "oidc" {
        let why = format!("the auth-provider {name} is run neither here nor by kubectl since 1.26");
        return Err(LoginFailure::new(why, OTHER_LOGIN));
    }
    let token = provider.config.get("id-token");
    let token = token.filter(|token| !token.is_empty()).cloned();
    let why = "its auth-provider oidc has no `id-token`";
    token.ok_or_else(|| LoginFailure::new(why, format!("{RENEW}, or {OTHER_LOGIN}")))
}

/// Refuses a token that has ended: the server would only say that nobody is logged in.
fn require_running(context: &SelectedContext) -> Result<(), LoginFailure> {
    match method_of(context) {
        LoginMethod::Session(session) if session.has_ended() => Err(LoginFailure::new(
            format!("its auth-provider oidc has {session}, and it is not renewed here"),
            format!("{RENEW}, or {OTHER_LOGIN}"),
        )),
        _ => Ok(()),
    }
}

fn prepared(exec: &ExecConfig, context: &SelectedContext) -> Result<Command, LoginFailure> {
    let refused = |why: &str| LoginFailure::new(why, "mend the kubeconfig");
    let program = exec.command.as_deref();
    let program = program.ok_or_else(|| refused("the context's `exec` names no program"))?;
    let mut command = Command::new(program);
    command.args(exec.args.iter().flatten());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(name, value);
        }
    }
    let may_ask = exec.interactive_mode != Some(ExecInteractiveMode::Never);
    let is_interactive = may_ask && std::io::stdin().is_terminal();
    let cluster = match exec.provide_cluster_info {
        true => Some(ExecAuthCluster::try_from(&context.cluster)),
        false => None,
    };
    let cluster = cluster.transpose();
    let cluster = cluster.map_err(|_| refused("the authority's file can't be read"))?;
    let spec = json!({"interactive": is_interactive, "cluster": cluster});
    let version = exec.api_version.as_deref().unwrap_or(VERSION);
    let info = json!({"apiVersion": version, "kind": "ExecCredential", "spec": spec});
    command.env("KUBERNETES_EXEC_INFO", info.to_string());
    // A login program may tell people something, such as a code to type: that is handed on.
    command.stdin(match is_interactive {
        true => Stdio::inherit(),
        false => Stdio::null(),
    });
    command.stderr(Stdio::inherit()).stdout(Stdio::piped());
    Ok(command)
}

fn run(mut command: Command, hint: &str) -> Result<Vec<u8>, LoginFailure> {
    let output = command.output().map_err(|error| {
        let name = command.get_program().to_string_lossy().into_owned();
        let why = format!("the login program {name} can't be started: {error}");
        LoginFailure::new(why, hint)
    })?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => {
            let why = format!("the login program failed ({})", output.status);
            Err(LoginFailure::new(why, ASK_KUBECTL))
        }
    }
}

fn put_in(user: &mut AuthInfo, printed: &[u8]) -> Result<(), LoginFailure> {
    // Some print YAML, which kubectl reads as well.
    let text = std::str::from_utf8(printed).unwrap_or_default();
    let credential = serde_saphyr::from_str::<ExecCredential>(text).ok();
    let Some(status) = credential.and_then(|credential| credential.status) else {
        let why = "the login program printed no ExecCredential";
        return Err(LoginFailure::new(why, ASK_KUBECTL));
    };
    let has_certificate =
        status.client_certificate_data.is_some() && status.client_key_data.is_some();
    if status.token.is_none() && !has_certificate {
        let why = "the login program handed over neither a token nor a certificate with its key";
        return Err(LoginFailure::new(why, ASK_KUBECTL));
    }
    user.token = status.token.map(Into::into).or(user.token.take());
    if has_certificate {
        let encoded = |pem: Option<String>| pem.map(|pem| STANDARD.encode(pem));
        user.client_certificate_data = encoded(status.client_certificate_data);
        user.client_key_data = encoded(status.client_key_data).map(Into::into);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    async fn provider(provider: &str) -> Result<String, LoginFailure> {
        let user = format!("auth-provider: {provider}");
        let context = SelectedContext {
            name: "lab".to_owned(),
            cluster: kube::config::Cluster::default(),
            user: serde_saphyr::from_str(&user).unwrap(),
        };
        let logged_in = logged_in(&context).await?;
        assert!(logged_in.user.auth_provider.is_none());
        Ok(logged_in.user.token.unwrap().expose_secret().to_owned())
    }

    fn id_token(exp: i64) -> String {
        let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        format!("e30.{}.c2ln", encoded.encode(format!("{{\"exp\":{exp}}}")))
    }

    #[tokio::test]
    async fn an_auth_provider_logs_in_with_the_token_that_there_is_or_says_what_does() {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let oidc = |token: &str| format!("{{name: oidc, config: {{id-token: {token}}}}}");
        for token in ["opaque-token", &id_token(now + 600)] {
            assert_eq!(provider(&oidc(token)).await.unwrap(), token);
        }
        let ended = id_token(1_000_000_000);
        for (refused, words) in [
            (oidc(&ended), "a token that ended at 2001-09-09 01:46 UTC"),
            ("{name: oidc, config: {}}".to_owned(), "has no `id-token`"),
            (
                "{name: azure, config: {}}".to_owned(),
                "azure is run neither",
            ),
            ("{name: gcp, config: {}}".to_owned(), "gcp is run neither"),
        ] {
            let failure = provider(&refused).await.unwrap_err();
            assert!(failure.why.contains(words), "{failure:?}");
            for way_out in ["`exec`", "service account"] {
                assert!(failure.way_out.contains(way_out), "{failure:?}");
            }
            assert!(!format!("{failure:?}").contains(&ended), "{failure:?}");
        }
    }

    #[test]
    fn what_a_program_prints_is_put_in() {
        let mut user = AuthInfo::default();
        put_in(
            &mut user,
            b"{\"kind\": \"ExecCredential\", \"status\": {\"token\": \"t\"}}",
        )
        .unwrap();
        assert_eq!(user.token.as_ref().unwrap().expose_secret(), "t");
        let mut user = AuthInfo::default();
        put_in(
            &mut user,
            b"status:\n  clientCertificateData: C\n  clientKeyData: K\n",
        )
        .unwrap();
        assert_eq!(user.client_certificate_data.as_deref(), Some("Qw=="));
        assert_eq!(
            user.client_key_data.as_ref().unwrap().expose_secret(),
            "Sw=="
        );
        for printed in [
            "",
            "canary",
            "{}",
            "{\"status\": {}}",
            "status: {clientKeyData: canary}",
        ] {
            let failure = put_in(&mut AuthInfo::default(), printed.as_bytes()).unwrap_err();
            assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
        }
    }
}
