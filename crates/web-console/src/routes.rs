//! Every address of the console, and what answers it.

mod registration;

use api::{ClusterMergeRequest, Health, Problem, ProposalStep, Reason};
use futures::future::join_all;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;
use service::problem;
use service::ready::READYZ;
use service::runtime::{Request, Runtime};
use service::settings::SettingError;

use crate::assets;
use crate::backend::BY_MERGE_REQUEST;
use crate::draft::{Draft, field_of};
use crate::login;
use crate::pages::{self, Selection};
use crate::reply::{
    Reply, Response, compress, json as json_answer, page, redirect, with_cookie, with_length,
};
use crate::session::{self, Session};
use crate::settings::ConsoleSettings;
use crate::stream::FragmentStream;
use crate::visit::Visit;
use registration::{adoption, change, form, register, step};

/// Answers while a setting can't be used: a page to people, a problem to probes.
#[must_use]
pub fn unusable(error: &SettingError, path: &str) -> Response {
    match path {
        READYZ => problem::misconfigured(error).response(path),
        _ => with_length(page(500, &pages::failure::unusable(error))),
    }
}

/// Answers a request.
pub async fn handle<R: Runtime>(
    runtime: &R,
    settings: &ConsoleSettings,
    request: Request,
) -> Reply {
    let headers = request.headers().clone();
    if request.uri().path() == READYZ {
        return service::response::ok(&Health::ok()).into();
    }
    let reply = if let Some(name) = request.uri().path().strip_prefix("/assets/") {
        let asset = assets::answer(name, &headers);
        asset
            .unwrap_or_else(|| page(404, &pages::failure::missing()))
            .into()
    } else if let Some(key) = &settings.key {
        answer(&Visit::new(runtime, settings, key, request)).await
    } else {
        page(500, &pages::failure::no_key()).into()
    };
    match reply {
        Reply::Whole(response) => with_length(compress(response, &headers)).into(),
        stream @ Reply::Stream(..) => stream,
    }
}

async fn answer<R: Runtime>(visit: &Visit<'_, R>) -> Reply {
    let is_read = visit.method == Method::GET || visit.method == Method::HEAD;
    if !is_read && !visit.is_post() {
        return page(405, &pages::failure::missing()).into();
    }
    if visit.is_post() && !visit.origin.sent(&visit.headers) {
        return page(403, &pages::failure::other_site()).into();
    }
    match (visit.path.as_str(), visit.is_post()) {
        ("/login", false) => return login::form(visit).into(),
        ("/login", true) => return login::with_token(visit).await.into(),
        ("/login/gitlab", false) => return login::leave(visit).into(),
        ("/login/callback", false) => return login::come_back(visit).await.into(),
        ("/logout", true) => return login::log_out(visit).await.into(),
        _ => {}
    }
    let Some(session) = visit.session() else {
        return login_first(visit).into();
    };
    match inside(visit, &session).await {
        Ok(reply) => reply,
        // The cookie holds a token that GitLab takes no more: without it, the login does not send people back.
        Err(problem) if problem.reason == Reason::Unauthenticated => {
            with_cookie(login_first(visit), &session::ended(&visit.origin)).into()
        }
        Err(problem) => page(problem.status, &pages::failure::problem(&problem)).into(),
    }
}

/// The pages behind the login.
async fn inside<R: Runtime>(visit: &Visit<'_, R>, session: &Session) -> Result<Reply, Problem> {
    let path: Vec<&str> = visit.path.split('/').skip(1).collect();
    let name = path
        .get(1)
        .map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned());
    let name = name.unwrap_or_default();
    let reply = match (&path[..], visit.is_post()) {
        ([""], false) => clusters(visit, session).await?,
        (["merge-requests"], false) => merge_requests(visit, session).await?,
        (["register"], false) => register(visit, session).await?,
        (["register"], true) => step(visit, session, None).await?,
        (["check"], true) => check(visit, session).await,
        (["clusters", _], false) => cluster(visit, session, &name).await?,
        (["clusters", _, "events"], false) => return events(visit, session, &name),
        (["clusters", _, "change"], false) => change(visit, session, &name).await?,
        (["clusters", _, "change"], true) => step(visit, session, Some(&name)).await?,
        (["clusters", _, "install"], true) => install(visit, session, &name).await?,
        (["clusters", _, "remove"], false) => removal(visit, session, &name, None).await?,
        (["clusters", _, "remove"], true) => remove(visit, session, &name).await?,
        _ => page(404, &pages::failure::missing()),
    };
    Ok(reply.into())
}

/// To the login and back. What was typed is kept in the page.
fn login_first<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    let is_script = visit.path == "/check" || visit.path.ends_with("/events");
    if is_script {
        return page(401, &pages::failure::missing());
    }
    if !visit.is_post() {
        let query = visit.query.iter().fold(
            form_urlencoded::Serializer::new(String::new()),
            |mut query, (name, value)| {
                query.append_pair(name, value);
                query
            },
        );
        let query = { query }.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let to = format!("{}{mark}{query}", visit.path);
        let to = utf8_percent_encode(&to, NON_ALPHANUMERIC);
        let is_first = !visit.headers.contains_key("cookie");
        let expired = if is_first { "" } else { "&expired=1" };
        return redirect(&format!("/login?to={to}{expired}"));
    }
    let kept = visit.keep(visit.draft());
    let message = "Your session has ended before this was sent. Nothing was written, and what you typed is kept.";
    page(
        401,
        &pages::login::form(visit.settings, &visit.path, Some(&kept), Some(message)),
    )
}

/// Shows the form again after somebody has logged in anew.
pub(crate) async fn resume<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    to: &str,
) -> Response {
    let draft = visit.draft();
    let name = to
        .strip_prefix("/clusters/")
        .and_then(|rest| rest.strip_suffix("/change"));
    let is_form = to == "/register" || name.is_some();
    if !is_form {
        return redirect(to.strip_suffix("/install").unwrap_or(to));
    }
    let shown = form(visit, session, name, &draft, None).await;
    shown.unwrap_or_else(|problem| page(problem.status, &pages::failure::problem(&problem)))
}

async fn clusters<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
) -> Result<Response, Problem> {
    let list = visit.api(session).list().await?;
    let selection = Selection::of(&visit.query);
    Ok(page(
        200,
        &pages::clusters::page(&list.items, &selection, visit.now),
    ))
}

async fn cluster<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Response, Problem> {
    let cluster = visit.api(session).get(name).await?;
    Ok(page(
        200,
        &pages::cluster::page(visit.settings, &cluster, visit.now),
    ))
}

fn events<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Reply, Problem> {
    let request = visit.api(session).watch(name)?;
    Ok(Reply::Stream(
        request,
        FragmentStream::new(visit.settings.clone(), name),
    ))
}

/// Clusters that are asked for at the same time.
const AT_A_TIME: usize = 8;

async fn merge_requests<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
) -> Result<Response, Problem> {
    let api = visit.api(session);
    let (proposals, clusters) = futures::join!(api.merge_requests(), api.list());
    let (mut proposals, clusters) = (proposals?.items, clusters?.items);
    let is_uninstall = |proposal: &ClusterMergeRequest| {
        proposal.next_step(&clusters) == Some(ProposalStep::Uninstall)
    };
    let merged = proposals.iter().filter(|proposal| is_uninstall(proposal));
    let merged: Vec<String> = merged
        .map(|proposal| proposal.cluster_name.clone())
        .collect();
    for names in merged.chunks(AT_A_TIME) {
        let looks = join_all(names.iter().map(|name| api.get(name))).await;
        // Nothing is left of it, so nothing is to be done.
        let is_gone = |problem: &Problem| problem.reason == Reason::ClusterNotFound;
        let gone = names
            .iter()
            .zip(looks)
            .filter(|(_, look)| look.as_ref().is_err_and(is_gone));
        for (name, _) in gone {
            proposals.retain(|proposal| proposal.cluster_name != *name || !is_uninstall(proposal));
        }
    }
    let markup = pages::merge_requests::page(visit.settings, &proposals, &clusters);
    Ok(page(200, &markup))
}

/// Answers the script with the notes that it shows beside the fields while somebody types.
async fn check<R: Runtime>(visit: &Visit<'_, R>, session: &Session) -> Response {
    let draft = visit.draft();
    let kubeconfig = draft.get("kubeconfig");
    let summary = (!kubeconfig.is_empty()).then(|| {
        pages::form::summary_text(
            &domain::kubeconfig::summary(kubeconfig, visit.now),
            visit.now,
        )
    });
    let target = Some(draft.get("name"))
        .filter(|name| !name.is_empty())
        .unwrap_or("unnamed");
    let body = draft.body(visit.settings.catalog.as_deref());
    let api = visit.api(session);
    let planned = api.plan_save(target, adoption(&draft), body).await;
    let (violations, detail) = match planned {
        Ok(_) => (Vec::new(), None),
        Err(problem) if problem.violations.is_empty() => (Vec::new(), Some(problem.detail)),
        Err(problem) => (problem.violations, None),
    };
    let violations: Vec<_> = violations
        .iter()
        .map(|violation| {
            json!({
                "field": field_of(&violation.field),
                "text": pages::form::violation_text(violation),
            })
        })
        .collect();
    json_answer(&json!({ "violations": violations, "detail": detail, "kubeconfig": summary }))
}

/// Installs what was merged.
async fn install<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Response, Problem> {
    let api = visit.api(session);
    let mut draft = Draft::of(&api.get(name).await?);
    draft.set("kubeconfig", visit.field("kubeconfig"));
    let body = draft.body(visit.settings.catalog.as_deref());
    let query = match visit.field("adopt") {
        "true" => "sync=true&adopt=true",
        _ => "sync=true",
    };
    let saved = api.save(name, query, body).await?;
    Ok(page(200, &pages::review::saved(name, &saved)))
}

/// Shows the effects that a removal would have, or the reason that stands against it.
async fn removal<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
    mistake: Option<&str>,
) -> Result<Response, Problem> {
    match visit.api(session).plan_removal(name).await {
        Ok((planned, may_commit)) => {
            let status = if mistake.is_some() { 422 } else { 200 };
            let markup = pages::remove::page(name, &planned, may_commit, mistake);
            Ok(page(status, &markup))
        }
        Err(problem) if problem.reason == Reason::ClusterInUse => {
            Ok(page(problem.status, &pages::remove::in_use(name, &problem)))
        }
        Err(problem) => Err(problem),
    }
}

async fn remove<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Response, Problem> {
    if visit.field("confirm").trim() != name {
        let mistake = format!("Type {name} to confirm. Nothing was removed.");
        return removal(visit, session, name, Some(&mistake)).await;
    }
    let is_follow_up = visit.field("action") == "follow";
    let is_proposal = visit.field("action") == "propose";
    // Whoever may only propose may still have uninstalled what was merged.
    let is_merged = is_follow_up && visit.field("delivery") == "merge-request";
    let mut query = match is_proposal || is_merged {
        true => BY_MERGE_REQUEST.to_owned(),
        false => "delivery=commit".to_owned(),
    };
    if visit.field("force") == "true" {
        query.push_str("&force=true");
    }
    match visit.api(session).remove(name, &query).await {
        Ok(removed) => Ok(page(200, &pages::remove::progress(name, &removed, &query))),
        Err(problem) if is_follow_up && problem.reason == Reason::ClusterNotFound => {
            Ok(page(200, &pages::remove::gone(name)))
        }
        Err(problem) if problem.reason == Reason::ClusterInUse => {
            Ok(page(problem.status, &pages::remove::in_use(name, &problem)))
        }
        Err(problem) => Err(problem),
    }
}
