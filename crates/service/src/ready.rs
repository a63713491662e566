//! `GET /readyz`: whether a request could be carried out now.

use api::{Health, Reason};
use domain::Rejection;

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

/// What a function that changes clusters answers to a probe: whether its own settings can be used. Which services answer,
/// the function for reads tells. `None` for any other request.
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

/// Asks both services for something that needs no rights; any answer of theirs counts, since it shows
/// that they are there.
///
/// # Errors
/// `NOT_READY`, naming the service that does not answer.
pub async fn ready<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    journal: &RequestLog,
) -> Result<Response, Problem> {
    let service = Service { runtime, journal };
    let (gitlab, kubernetes) = futures::join!(
        service.answers("gitlab.ready", &settings.gitlab_url, "/-/liveness"),
        service.answers("kubernetes.ready", &settings.kubernetes_url, "/readyz"),
    );
    let missing = match (gitlab?, kubernetes?) {
        (true, true) => return Ok(response::ok(&Health::ok())),
        (false, true) => "GitLab",
        (true, false) => "the management cluster",
        (false, false) => "neither GitLab nor the management cluster",
    };
    // Anybody may ask, without a token: why is in the log.
    let verb = if missing.starts_with("neither") {
        "answers"
    } else {
        "does not answer"
    };
    Err(Problem::new(503, Reason::NotReady, format!("{missing} {verb}")).header("retry-after", "5"))
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
        let sent = self.journal.send(self.runtime, step, Some(1), &mut request);
        let answer = self.runtime.send(request).await;
        let status = answer.as_ref().ok().map(|it| it.status());
        let failure = match answer {
            Ok(response) if response.status().is_server_error() => {
                Some(format!("status {}", response.status().as_u16()))
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        let status = status.map(|it| it.as_u16());
        let answers = failure.is_none();
        self.journal.arrived(self.runtime, sent, status, failure);
        Ok(answers)
    }
}
