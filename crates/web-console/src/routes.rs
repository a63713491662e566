//! Every address of the console, and what answers it.

mod registration;

use api::{ClusterMergeRequest, Health, Problem, ProposalStep, Reason};
use futures::future::join_all;
use http::{HeaderValue, Method, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;
use service::problem;
use service::ready::READYZ;
use service::runtime::{Request, Runtime};
use service::settings::SettingError;

use crate::assets;
use crate::backend::BY_MERGE_REQUEST;
use crate::draft::Draft;
use crate::login;
use crate::pages::{self, Selection};
use crate::reply::{
    Reply, Response, compress, json as json_answer, page, redirect, with_cookie, with_length,
};
use crate::session::{self, Session};
use crate::settings::ConsoleSettings;
use crate::stream::FragmentStream;
use crate::visit::Visit;
use registration::{change, form, register, step, summary};

/// Answers while a setting can't be used: a page with its style sheet to people, a problem to probes.
#[must_use]
pub fn unusable(error: &SettingError, request: &Request) -> Response {
    let path = request.uri().path();
    if path == READYZ {
        return problem::misconfigured(error).response(path);
    }
    let asset = assets::answer(request);
    with_length(asset.unwrap_or_else(|| page(500, &pages::failure::unusable(error))))
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
    let reply = if let Some(asset) = assets::answer(&request) {
        asset.into()
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
        let mut response = page(405, &pages::failure::missing());
        let allowed = HeaderValue::from_static("GET, HEAD, POST");
        response.headers_mut().insert(header::ALLOW, allowed);
        return response.into();
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
        Err(problem) => failed(visit, &problem).into(),
    }
}

/// A failure. What a form asked for has no address at which to ask again.
fn failed<R: Runtime>(visit: &Visit<'_, R>, problem: &Problem) -> Response {
    let markup = pages::failure::problem(problem, !visit.is_post());
    page(problem.status, &markup)
}

/// The pages behind the login.
async fn inside<R: Runtime>(visit: &Visit<'_, R>, session: &Session) -> Result<Reply, Problem> {
    if visit.is_post() && visit.field("action") == "edit" {
        return Ok(reopen(visit, session, &visit.path).await?.into());
    }
    let path: Vec<&str> = visit.path.split('/').skip(1).collect();
    let name = name_in(&visit.path);
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
        (["clusters", _, "remove"], false) => {
            let mut draft = Draft::default();
            draft.set("force", visit.query("force"));
            removal(visit, session, &name, &draft, None).await?
        }
        (["clusters", _, "remove"], true) => remove(visit, session, &name).await?,
        _ => page(404, &pages::failure::missing()),
    };
    Ok(reply.into())
}

/// The cluster that a path is about.
fn name_in(path: &str) -> String {
    let name = path.split('/').nth(2).unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// To the login and back. What was typed is kept in the page.
fn login_first<R: Runtime>(visit: &Visit<'_, R>) -> Response {
    let is_script = visit.path == "/check" || visit.path.ends_with("/events");
    if is_script {
        return page(401, &pages::failure::missing());
    }
    if !visit.is_post() {
        let to = utf8_percent_encode(&visit.address, NON_ALPHANUMERIC);
        let expired = if session::is_sent(&visit.headers) {
            "&expired=1"
        } else {
            ""
        };
        return redirect(&format!("/login?to={to}{expired}"));
    }
    let kept = visit.keep(visit.draft());
    let message = "Your session has ended before this was sent. Nothing was written, and what you typed is kept.";
    page(
        401,
        &pages::login::form(visit.settings, &visit.path, Some(&kept), Some(message)),
    )
}

/// Goes on after somebody has logged in anew with a form before them.
pub(crate) async fn resume<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    to: &str,
) -> Response {
    let shown = reopen(visit, session, to).await;
    shown.unwrap_or_else(|problem| failed(visit, &problem))
}

/// Shows the form that is sent to a path, with what was typed into it. Nothing is carried out.
async fn reopen<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    path: &str,
) -> Result<Response, Problem> {
    let draft = visit.draft();
    let name = name_in(path);
    match path.rsplit('/').next() {
        Some("register") => form(visit, session, None, &draft, None).await,
        Some("change") => form(visit, session, Some(&name), &draft, None).await,
        Some("install") => {
            let kept = visit.keep(draft);
            Ok(page(200, &pages::review::install(&name, &kept, None)))
        }
        // What was merged is uninstalled by a button, without anything to type.
        Some("remove") if !draft.get("delivery").is_empty() => Ok(redirect("/merge-requests")),
        Some("remove") => removal(visit, session, &name, &draft, None).await,
        _ => Ok(redirect(path)),
    }
}

async fn clusters<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
) -> Result<Response, Problem> {
    let list = visit.api(session).list().await?;
    let selection = Selection::of(&visit.query);
    Ok(page(
        200,
        &pages::clusters::page(&list, &selection, visit.now),
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
    let summary = summary(visit, &draft);
    let summary = summary.map(|summary| pages::form::summary_text(&summary, visit.now));
    let target = Some(draft.get("name"))
        .filter(|name| !name.is_empty())
        .unwrap_or("unnamed");
    let body = draft.body(visit.settings.catalog.as_deref());
    let api = visit.api(session);
    let planned = api.plan_save(target, &draft.flag("adopt"), body).await;
    let notes = match planned {
        Ok(_) => Vec::new(),
        Err(problem) => pages::form::notes(&draft, &problem),
    };
    let notes = notes.into_iter();
    let notes: Vec<_> = notes
        .map(|(field, text)| json!({ "field": field, "text": text }))
        .collect();
    json_answer(&json!({ "notes": notes, "kubeconfig": summary }))
}

/// Installs what was merged. Where that fails, what was typed is kept.
async fn install<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Response, Problem> {
    let api = visit.api(session);
    let typed = visit.draft();
    let saved = match api.get(name).await {
        Ok(cluster) => {
            let mut draft = Draft::of(&cluster);
            draft.set("kubeconfig", typed.get("kubeconfig"));
            let body = draft.body(visit.settings.catalog.as_deref());
            let query = format!("sync=true{}", typed.flag("adopt"));
            api.save(name, &query, body).await
        }
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(saved) => Ok(page(200, &pages::review::saved(name, &saved))),
        Err(problem) if problem.reason == Reason::Unauthenticated => Err(problem),
        Err(problem) => {
            let kept = visit.keep(typed);
            let markup = pages::review::install(name, &kept, Some(&problem));
            Ok(page(problem.status, &markup))
        }
    }
}

/// Shows the effects that a removal would have, or the reason that stands against it.
async fn removal<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
    draft: &Draft,
    mistake: Option<&str>,
) -> Result<Response, Problem> {
    let api = visit.api(session);
    match api.plan_removal(name, &draft.flag("force")).await {
        Ok((planned, may_commit)) => {
            let status = if mistake.is_some() { 422 } else { 200 };
            let markup = pages::remove::page(name, &planned, may_commit, draft, mistake);
            Ok(page(status, &markup))
        }
        Err(problem) if problem.reason == Reason::ClusterInUse => {
            let markup = pages::remove::refused(name, &problem);
            Ok(page(problem.status, &markup))
        }
        Err(problem) => Err(problem),
    }
}

async fn remove<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Response, Problem> {
    let draft = visit.draft();
    if draft.get("confirm") != name {
        let mistake = format!("Type {name} to confirm. Nothing was removed.");
        return removal(visit, session, name, &draft, Some(&mistake)).await;
    }
    let is_follow_up = visit.field("action") == "follow";
    let is_proposal = visit.field("action") == "propose";
    // Whoever may only propose may still have uninstalled what was merged.
    let is_merged = is_follow_up && visit.field("delivery") == "merge-request";
    let mut query = match is_proposal || is_merged {
        true => BY_MERGE_REQUEST.to_owned(),
        false => "delivery=commit".to_owned(),
    };
    query.push_str(&draft.flag("force"));
    match visit.api(session).remove(name, &query).await {
        Ok(removed) => Ok(page(200, &pages::remove::progress(name, &removed, &query))),
        Err(problem) if is_follow_up && problem.reason == Reason::ClusterNotFound => {
            Ok(page(200, &pages::remove::gone(name)))
        }
        Err(problem)
            if matches!(
                problem.reason,
                Reason::Unauthenticated | Reason::ClusterNotFound
            ) =>
        {
            Err(problem)
        }
        Err(problem) => {
            let markup = pages::remove::refused(name, &problem);
            Ok(page(problem.status, &markup))
        }
    }
}
