//! The service: there, ready, of which version, and what it lets this token do.

use api::Reason;

use super::Checks;
use crate::service::{ChangeOptions, SaveBody, ServiceClient, ServiceError};

/// A name for a request that is refused before it could do anything.
const NO_CLUSTER: &str = "doctor-asks-what-this-token-may-do";

/// Checks the service.
pub(crate) async fn check(service: &ServiceClient, has_token: bool) -> Checks {
    let mut checks = Checks::of("service");
    let server = service.server().as_str().trim_end_matches('/').to_owned();
    match service.index().await {
        Ok(index) => checks.ok(format!(
            "{server} answers: {} {}",
            index.name, index.version
        )),
        Err(error) => {
            checks.failure(
                error.to_string(),
                "check the URL (--server, NAUTES_SERVER) and the way there",
            );
            return checks;
        }
    }
    match service.ready().await {
        Ok(()) => checks.ok("GitLab and the management cluster answer it"),
        Err(error) => checks.failure(
            error.to_string(),
            "its operator has to mend that: docs/deploy.md",
        ),
    }
    if has_token {
        check_token(service, &mut checks).await;
    }
    checks
}

async fn check_token(service: &ServiceClient, checks: &mut Checks) {
    match service.list(None).await {
        Ok(list) => checks.ok(format!(
            "the token reads the tenant's repository: {} clusters",
            list.items.len()
        )),
        Err(error) => {
            checks.failure(error.to_string(), "");
            return;
        }
    }
    // A request without a single field is refused; but who may not push is told that first, and nothing of the rules.
    let body = SaveBody {
        content_type: "application/json",
        text: "{}".to_owned(),
    };
    let options = ChangeOptions {
        dry_run: true,
        ..ChangeOptions::default()
    };
    match service.save(NO_CLUSTER, &body, options).await {
        Err(ServiceError::Problem(problem)) if problem.reason == Reason::ValidationFailed => {
            checks.ok("the token may change the branch");
        }
        Err(error) => checks.failure(
            error.to_string(),
            "registering and removing needs more rights than reading",
        ),
        Ok(_) => checks.warning(
            "an empty request was not refused",
            "the service is another one than expected",
        ),
    }
}
