//! Logging in: with GitLab (OAuth 2 authorization code with PKCE, RFC 6749 and 7636), or with a pasted token.

use api::Reason;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header;
use serde::Deserialize;
use service::runtime::{Request, Runtime};
use sha2::{Digest as _, Sha256};

use crate::backend::Api;
use crate::pages;
use crate::reply::{Response, page, redirect, with_cookie};
use crate::routes;
use crate::seal::Purpose;
use crate::session::{self, LIFETIME, LOGIN_LIFETIME, PendingLogin, Session};
use crate::visit::Visit;

/// The path that GitLab sends people back to; the application in GitLab is registered with it.
const CALLBACK: &str = "/login/callback";

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    /// GitLab's tokens last two hours.
    #[serde(default)]
    expires_in: Option<u64>,
}

/// Only our own pages: `//host` and `/\host` lead elsewhere.
fn own_path(to: &str) -> &str {
    let is_own =
        to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n', '\t']);
    if is_own { to } else { "/" }
}

/// The form, with the page to go back to.
pub(crate) fn form<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    if visit.session().is_some() {
        return redirect(own_path(visit.query("to")));
    }
    let is_expired = visit.query("expired") == "1";
    let message =
        is_expired.then_some("Your session has ended. Log in again to go on where you were.");
    page(
        200,
        &pages::login::form(visit.settings, own_path(visit.query("to")), None, message),
    )
}

/// A pasted token.
pub(crate) async fn with_token<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    let token = visit.field("token").trim();
    let kept = Some(visit.field("draft")).filter(|draft| !draft.is_empty());
    let to = own_path(visit.field("to"));
    let refused = |status, message: &str| {
        page(
            status,
            &pages::login::form(visit.settings, to, kept, Some(message)),
        )
    };
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refused(
            422,
            "Paste a GitLab token: letters, digits and signs, without spaces.",
        );
    }
    let session = Session {
        token: token.to_owned(),
        ends: visit.now + LIFETIME,
        is_ours: false,
    };
    let api = Api {
        runtime: visit.runtime,
        token,
        headers: &visit.headers,
    };
    if let Err(problem) = api.hosts().await
        && problem.reason == Reason::Unauthenticated
    {
        return refused(401, &problem.detail);
    }
    let response = match kept {
        Some(_) => routes::resume(visit, &session, to).await,
        None => redirect(to),
    };
    begin(visit, &session, response)
}

/// Sends somebody to GitLab.
pub(crate) fn leave<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    let Some(client_id) = &visit.settings.oauth_client_id else {
        return redirect("/login");
    };
    let (state, verifier) = (random_text(visit), random_text(visit));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .append_pair(
            "redirect_uri",
            &format!("{}{CALLBACK}", visit.origin.as_str()),
        )
        .append_pair("response_type", "code")
        .append_pair("scope", "api")
        .append_pair("state", &state)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .finish();
    let pending = PendingLogin {
        state,
        verifier,
        to: own_path(visit.query("to")).to_owned(),
        ends: visit.now + LOGIN_LIFETIME,
    };
    let sealed = visit
        .sealer()
        .seal(Purpose::Login, &pending, || visit.random());
    let response = redirect(&format!(
        "{}/oauth/authorize?{query}",
        visit.settings.gitlab_url
    ));
    with_cookie(
        response,
        &PendingLogin::cookie(&sealed.unwrap_or_default(), &visit.origin),
    )
}

/// Comes back from GitLab: the code is changed for a token.
pub(crate) async fn come_back<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    let failed = |message: &str| {
        let response = page(
            401,
            &pages::login::form(visit.settings, "/", None, Some(message)),
        );
        with_cookie(response, &session::login_ended(&visit.origin))
    };
    let pending = PendingLogin::of(&visit.sealer(), &visit.headers, visit.now);
    let Some(pending) = pending.filter(|pending| pending.state == visit.query("state")) else {
        return failed(
            "This login did not begin here, or took longer than ten minutes. Log in once more.",
        );
    };
    let code = visit.query("code");
    if code.is_empty() {
        return failed(
            "GitLab did not let you in. Log in once more, and allow the console to use the API.",
        );
    }
    let Some(request) = exchange(visit, code, &pending.verifier) else {
        return failed("The setting gitlab_url can't be used.");
    };
    let answer = match visit.runtime.send(request).await {
        Ok(answer) if answer.status().is_success() => answer,
        Ok(_) => return failed("GitLab refused the login. Log in once more."),
        Err(error) => return failed(&format!("GitLab did not answer: {error}. Try again.")),
    };
    let Ok(token) = serde_json::from_slice::<TokenAnswer>(answer.body()) else {
        return failed("GitLab's answer can't be read. Try again.");
    };
    let lifetime = token
        .expires_in
        .map_or(LIFETIME, |seconds| seconds.min(LIFETIME));
    let session = Session {
        token: token.access_token,
        ends: visit.now + lifetime,
        is_ours: true,
    };
    // A redirect would still count as GitLab's, and a browser would not send the new cookie with it.
    let response = page(200, &pages::login::arrived(&pending.to));
    let response = with_cookie(response, &session::login_ended(&visit.origin));
    begin(visit, &session, response)
}

fn exchange<R: Runtime>(visit: &Visit<'_, R>, code: &str, verifier: &str) -> Option<Request> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("code_verifier", verifier)
        .append_pair(
            "redirect_uri",
            &format!("{}{CALLBACK}", visit.origin.as_str()),
        );
    post(visit, "/oauth/token", form)
}

fn post<R: Runtime>(
    visit: &Visit<'_, R>,
    path: &str,
    mut form: form_urlencoded::Serializer<'_, String>,
) -> Option<Request> {
    form.append_pair("client_id", visit.settings.oauth_client_id.as_deref()?);
    if let Some(secret) = &visit.settings.oauth_client_secret {
        form.append_pair("client_secret", secret);
    }
    http::Request::post(format!("{}{path}", visit.settings.gitlab_url))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .body(form.finish().into_bytes())
        .ok()
}

/// Ends the session. A token that GitLab gave for it is revoked, so that a copy of the cookie is worth nothing.
pub(crate) async fn log_out<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    if let Some(session) = visit.session().filter(|session| session.is_ours) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", &session.token);
        if let Some(request) = post(visit, "/oauth/revoke", form) {
            // Where GitLab is away the token ends by itself, within two hours.
            visit.runtime.send(request).await.ok();
        }
    }
    with_cookie(redirect("/login"), &session::ended(&visit.origin))
}

fn begin<R: Runtime>(visit: &Visit<'_, R>, session: &Session, response: Response) -> Response {
    let sealed = visit
        .sealer()
        .seal(Purpose::Session, session, || visit.random());
    with_cookie(
        response,
        &session.cookie(&sealed.unwrap_or_default(), &visit.origin),
    )
}

/// 256 random bits.
fn random_text<R: Runtime>(visit: &Visit<'_, R>) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| visit.random().to_le_bytes()).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (to, expected) in [
            ("/clusters/a?x=1", "/clusters/a?x=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_path(to), expected);
        }
    }
}
