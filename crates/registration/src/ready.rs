//! `GET /readyz`: whether a request could be carried out now.

use serde_json::json;

use crate::answer;
use crate::ports::{Request, Response, World};
use crate::problem::{self, Problem};
use crate::settings::Settings;

/// Asks both services for something that needs no rights; any answer of theirs counts, since it shows
/// that they are there.
///
/// # Errors
/// `NOT_READY`, naming the service that does not answer.
pub async fn ready<W: World>(world: &W, settings: &Settings) -> Result<Response, Problem> {
    let (gitlab, kubernetes) = futures::join!(
        answers(world, &settings.gitlab_url, "/-/liveness"),
        answers(world, &settings.kubernetes_url, "/readyz"),
    );
    let missing: Vec<String> = [("GitLab", gitlab?), ("the management cluster", kubernetes?)]
        .into_iter()
        .filter_map(|(service, failure)| Some(format!("{service}: {}", failure?)))
        .collect();
    if missing.is_empty() {
        return Ok(answer::ok(&json!({"status": "ok"})));
    }
    Err(Problem::new(503, "NOT_READY", missing.join("; ")).header("retry-after", "5"))
}

/// `None` when it answers, otherwise why not.
async fn answers<W: World>(world: &W, base: &str, path: &str) -> Result<Option<String>, Problem> {
    let uri: http::Uri = format!("{}{path}", base.trim_end_matches('/'))
        .parse()
        .map_err(|_| problem::misconfigured(&"gitlab_url or kubernetes_url is not a URL"))?;
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = uri;
    Ok(match world.send(request).await {
        Ok(response) if response.status().is_server_error() => {
            Some(format!("status {}", response.status().as_u16()))
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    })
}
