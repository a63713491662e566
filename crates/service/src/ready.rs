//! `GET /readyz`: whether a request could be carried out now.

use api::{Health, Reason};
use domain::Rejection;
use serde_json::json;

use crate::management;
use crate::problem::{self, Problem};
use crate::request_log::RequestLog;
use crate::response;
use crate::runtime::{Components, Request, Response, Runtime};
use crate::settings::Settings;

/// The path of all this.
pub const READYZ: &str = "/readyz";

/// Refuses to work with a certificate bundle or a catalog that can't be used, before any service is asked. Other
/// settings have been judged when they were read.
///
/// # Errors
/// `MISCONFIGURED`, naming the setting.
pub(crate) fn require_usable<D: Components>(
    components: &D,
    settings: &Settings,
) -> Result<(), Problem> {
    let given = &settings.rendering;
    if given.ca_bundle.is_empty() && given.catalog.is_none() {
        return Ok(());
    }
    let checked = components.check_settings(given);
    checked.map_err(|rejection| match rejection {
        Rejection::Other(text) => problem::misconfigured(&text),
        rejection => problem::rejected(rejection, ""),
    })
}

/// Answers a probe of a function that changes clusters, which tells whether its own settings can be used. Which services answer, the
/// function for reads tells. `None` for any other request.
///
/// # Errors
/// `MISCONFIGURED`, naming the setting.
pub(crate) fn settled<D: Components>(
    components: &D,
    settings: &Settings,
    request: &Request,
) -> Result<Option<Response>, Problem> {
    if request.uri().path() != READYZ {
        return Ok(None);
    }
    require_usable(components, settings)?;
    Ok(Some(response::ok(&Health::ok())))
}

/// Asks both services for something that needs no rights, where any answer of theirs counts since it shows that they are there, and
/// the management cluster whether its Argo CD is new enough.
///
/// # Errors
/// `NOT_READY`, naming the service that does not answer or what Argo CD lacks; `MISCONFIGURED` for an unusable URL or token.
pub async fn ready<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    journal: &RequestLog,
) -> Result<Response, Problem> {
    let service = Service { runtime, journal };
    let (gitlab, kubernetes, lacks) = futures::join!(
        service.answers("gitlab.ready", &settings.gitlab_url, "/-/liveness"),
        service.answers("kubernetes.ready", &settings.kubernetes_url, "/readyz"),
        service.argo_cd_lacks(settings),
    );
    // Anybody may ask, without a token: which of them is in the way is told, what it answered is in the log.
    let missing = match (gitlab?, kubernetes?) {
        (true, true) => match lacks? {
            None => return Ok(response::ok(&Health::ok())),
            Some(lacks) => lacks,
        },
        (false, true) => "GitLab does not answer",
        (true, false) => "the management cluster does not answer",
        (false, false) => "neither GitLab nor the management cluster answers",
    };
    Err(Problem::new(503, Reason::NotReady, missing).header("retry-after", "5"))
}

struct Service<'a, W> {
    runtime: &'a W,
    journal: &'a RequestLog,
}

impl<W: Runtime> Service<'_, W> {
    async fn answers(&self, step: &'static str, base: &str, path: &str) -> Result<bool, Problem> {
        let uri: http::Uri = format!("{}{path}", base.trim_end_matches('/'))
            .parse()
            .map_err(|_| problem::misconfigured(&"gitlab_url or kubernetes_url is not a URL"))?;
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = uri;
        let answer = self.answer(step, request).await;
        Ok(answer.is_some_and(|response| !response.status().is_server_error()))
    }

    /// Finds out from a dry run of an Application, with the fields that not every version of Argo CD 3 has, whether Argo CD is missing
    /// or too old. Any other refusal is for a save to tell.
    async fn argo_cd_lacks(&self, settings: &Settings) -> Result<Option<&'static str>, Problem> {
        let target = argocd::names::root_application(&settings.rendering);
        let application = json!({
            "apiVersion": target.kind.api_version(),
            "kind": target.kind.kind,
            "metadata": {"name": target.name, "namespace": target.namespace},
            "spec": {"project": "", "destination": {}, "sources": [], "syncPolicy": {"retry": {"refresh": true}}},
        });
        let request = management::api(settings)?.try_apply(&target, &application);
        let Some(answer) = self.answer("kubernetes.apply", request).await else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(answer.body());
        Ok(match answer.status().as_u16() {
            404 if kubernetes::parse(&answer) == Err(kubernetes::Error::KindMissing) => Some(
                "the management cluster has no definition of Applications: Argo CD 3.2 or later is not installed",
            ),
            400.. if text.contains("field not declared in schema") => Some(
                "Argo CD in the management cluster is older than 3.2: its definition of Applications lacks a field (`nautes-clusters doctor` names it)",
            ),
            _ => None,
        })
    }

    /// Sends a request and logs it. `None` where no answer came.
    async fn answer(&self, step: &'static str, mut request: Request) -> Option<Response> {
        let sent = self.journal.send(self.runtime, step, Some(1), &mut request);
        let answer = self.runtime.send(request).await;
        let status = answer.as_ref().ok();
        let status = status.map(|response| response.status().as_u16());
        let failure = match &answer {
            Ok(response) if response.status().is_server_error() => {
                Some(format!("status {}", response.status().as_u16()))
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        self.journal.arrived(self.runtime, sent, status, failure);
        answer.ok()
    }
}
