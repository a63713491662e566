//! Logging in.

use maud::{Markup, PreEscaped, html};

use super::layout::mark;
use super::plain;
use crate::settings::ConsoleSettings;

/// The form. `kept` is what somebody had typed when their session ended.
pub(crate) fn form(
    settings: &ConsoleSettings,
    to: &str,
    kept: Option<&str>,
    message: Option<&str>,
) -> Markup {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("to", to)
        .finish();
    plain(
        "Log in",
        &html! {
            div.card.login {
                div.login-head { (mark()) h1 { "Nautes clusters" } }
                p.lead { "Register, watch and remove the clusters of your tenant." }
                @if let Some(message) = message { p.note.warn role="alert" { (message) } }
                @if settings.oauth_client_id.is_some() {
                    @if let Some(kept) = kept {
                        // Coming back from GitLab would lose the form: it opens beside it.
                        p { a.button.primary.wide href="/login/gitlab" target="_blank" rel="noopener" { "Log in with GitLab in a new tab" } }
                        form method="post" action=(to) {
                            input type="hidden" name="draft" value=(kept);
                            button.wide type="submit" name="action" value="edit" { "Go on where I was" }
                        }
                    } @else {
                        a.button.primary.wide href={ "/login/gitlab?" (query) } { "Log in with GitLab" }
                    }
                    p.or { span { "or" } }
                }
                form.stack method="post" action="/login" {
                    input type="hidden" name="to" value=(to);
                    @if let Some(kept) = kept { input type="hidden" name="draft" value=(kept); }
                    div.field {
                        label for="token" { "GitLab token" }
                        input #token name="token" type="password" required autocomplete="off" spellcheck="false" aria-describedby="token-hint";
                        p.hint #token-hint { "A personal, project or group access token with the scope " code { "api" } ". "
                            a href={ (settings.gitlab_url) "/-/user_settings/personal_access_tokens?name=clusters&scopes=api" } { "Make one in GitLab" } }
                    }
                    button.primary[settings.oauth_client_id.is_none()] type="submit" { "Log in with the token" }
                }
            }
            p.below { "Everything you do here is done with your own rights in GitLab. The token stays in a cookie that no script can read, for eight hours." }
        },
    )
}

/// Between GitLab and the console: going on from here the browser sends the session.
pub(crate) fn arrived(to: &str) -> Markup {
    let page = plain(
        "Logged in",
        &html! {
            h1 { "You are logged in" }
            p { a.button.primary href=(to) { "Go on" } }
        },
    );
    let refresh = html! { meta http-equiv="refresh" content={ "0;url=" (to) }; };
    PreEscaped(
        page.0
            .replacen("<title>", &format!("{}<title>", refresh.0), 1),
    )
}
