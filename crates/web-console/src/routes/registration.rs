//! The form by which a cluster is registered or changed, and its review.

use api::{Problem, Reason};
use domain::kubeconfig::Summary;
use service::runtime::Runtime;

use crate::draft::Draft;
use crate::kind::Kind;
use crate::pages;
use crate::reply::{Response, page};
use crate::session::Session;
use crate::visit::Visit;

/// The choice of a kind, or the form for one.
pub(super) async fn register<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
) -> Result<Response, Problem> {
    if visit.query("mode") == "yaml" {
        let mut draft = Draft::default();
        draft.set("yaml", pages::form::YAML_EXAMPLE);
        return form(visit, session, None, &draft, None).await;
    }
    let Some(kind) = Kind::from_slug(visit.query("kind")) else {
        return Ok(page(200, &pages::form::kinds()));
    };
    let mut draft = Draft::default();
    draft.set("kind", kind.slug());
    draft.set("host_cluster", visit.query("host"));
    form(visit, session, None, &draft, None).await
}

/// The form of a registered cluster.
pub(super) async fn change<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: &str,
) -> Result<Response, Problem> {
    let cluster = visit.api(session).get(name).await?;
    form(visit, session, Some(name), &Draft::of(&cluster), None).await
}

/// The form; `name` is that of a registered cluster.
pub(super) async fn form<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: Option<&str>,
    draft: &Draft,
    problem: Option<&Problem>,
) -> Result<Response, Problem> {
    let hosts = if draft.kind().is_virtual() && !draft.is_yaml() {
        match visit.api(session).hosts().await {
            Err(problem) if problem.reason == Reason::Unauthenticated => return Err(problem),
            // The form holds what was typed: it is shown in any case.
            hosts => hosts.ok(),
        }
    } else {
        None
    };
    let view = pages::form::FormView {
        settings: visit.settings,
        registered: name,
        draft,
        hosts: hosts.as_deref(),
        problem,
        kept: draft.secret().map(|secret| visit.keep(secret)),
        kubeconfig: summary(visit, draft),
        now: visit.now,
    };
    Ok(page(
        problem.map_or(200, |problem| problem.status),
        &pages::form::page(&view),
    ))
}

/// Summary of a draft's kubeconfig, where it has one.
pub(super) fn summary<R: Runtime>(visit: &Visit<'_, R>, draft: &Draft) -> Option<Summary> {
    let kubeconfig = draft.kubeconfig();
    (!kubeconfig.is_empty()).then(|| domain::kubeconfig::summary(&kubeconfig, visit.now))
}

/// A button of the form or of the review.
pub(super) async fn step<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: Option<&str>,
) -> Result<Response, Problem> {
    let draft = visit.draft();
    let delivery = match visit.field("action") {
        "commit" => "delivery=commit",
        "propose" => "delivery=merge-request",
        _ => return review(visit, session, name, draft).await,
    };
    let target = name.unwrap_or_else(|| draft.get("name")).to_owned();
    let query = format!("{delivery}{}", draft.flag("adopt"));
    let saved = visit
        .api(session)
        .save(
            &target,
            &query,
            draft.body(visit.settings.catalog.as_deref()),
        )
        .await;
    match saved {
        Ok(saved) => Ok(page(200, &pages::review::saved(&target, &saved))),
        Err(problem) if is_typed(&problem) => {
            form(visit, session, name, &draft, Some(&problem)).await
        }
        Err(problem) if problem.reason == Reason::Unauthenticated => Err(problem),
        Err(problem) => {
            let kept = visit.keep(draft);
            Ok(page(
                problem.status,
                &pages::review::failed(name, &kept, &problem),
            ))
        }
    }
}

async fn review<R: Runtime>(
    visit: &Visit<'_, R>,
    session: &Session,
    name: Option<&str>,
    draft: Draft,
) -> Result<Response, Problem> {
    let target = name.unwrap_or_else(|| draft.get("name")).to_owned();
    if target.is_empty() {
        let problem = nameless();
        return form(visit, session, name, &draft, Some(&problem)).await;
    }
    let body = draft.body(visit.settings.catalog.as_deref());
    let api = visit.api(session);
    match api.plan_save(&target, &draft.flag("adopt"), body).await {
        Ok((planned, may_commit)) => {
            let view = pages::review::ReviewView {
                registered: name,
                name: &target,
                kubeconfig: summary(visit, &draft),
                kept: visit.keep(draft),
                planned: &planned,
                may_commit,
                now: visit.now,
            };
            Ok(page(200, &pages::review::page(&view)))
        }
        Err(problem) if problem.reason == Reason::Unauthenticated => Err(problem),
        Err(problem) => form(visit, session, name, &draft, Some(&problem)).await,
    }
}

/// Tells whether a person can mend the problem in the form.
fn is_typed(problem: &Problem) -> bool {
    matches!(
        problem.reason,
        Reason::ValidationFailed
            | Reason::MalformedBody
            | Reason::ApiServerInUse
            | Reason::ClusterNameInUse
    )
}

fn nameless() -> Problem {
    let text = "give the cluster a name";
    let mut problem = crate::backend::problem(422, Reason::ValidationFailed, text);
    problem.violations = vec![api::Violation {
        field: "/cluster_name".into(),
        message: "is required".into(),
        hint: Some(text.into()),
    }];
    problem
}
