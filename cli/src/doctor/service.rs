//! The service: there, ready, of which version, and what it lets this token do.

use api::Reason;

use super::Checks;
use crate::connectivity::Peer;
use crate::service::{self, ChangeOptions, SaveBody, ServiceClient, ServiceError};

/// A name for a request that is refused before it could do anything.
const NO_CLUSTER: &str = "doctor-asks-what-this-token-may-do";

/// Checks the service.
pub(crate) async fn check(service: &ServiceClient, has_token: bool) -> Checks {
    let mut checks = Checks::of("service");
    let server = service.server().as_str().trim_end_matches('/').to_owned();
    match service.index().await {
        Ok(index) => {
            checks.ok(format!(
                "{server} answers: {} {}",
                index.name, index.version
            ));
            check_versions(&mut checks, &index.version, env!("CARGO_PKG_VERSION"));
        }
        Err(error) => {
            unreachable(&mut checks, &error);
            return checks;
        }
    }
    match service.ready().await {
        Ok(()) => checks.ok("GitLab and the management cluster answer it"),
        // The gateways of deploy/ publish no probes.
        Err(error) if error.is_no_route() => {}
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

/// The way out is the check's hint, and no part of the finding.
fn unreachable(checks: &mut Checks, error: &ServiceError) {
    let otherwise = "check the URL (--server, NAUTES_SERVER) and the way there";
    match error {
        ServiceError::Unreachable {
            server,
            causes,
            failure,
        } => {
            let hint = match failure.way_out(Peer::Service) {
                "" => otherwise,
                way_out => way_out,
            };
            let causes = service::named(*failure, causes);
            checks.failure(format!("{server} can't be reached: {causes}"), hint);
        }
        error => checks.failure(error.to_string(), otherwise),
    }
}

/// Below 1.0.0 the minor version is the one that breaks.
fn check_versions(checks: &mut Checks, service: &str, own: &str) {
    let series = |version: &str| {
        let parts: Vec<&str> = version.split('.').collect();
        match parts.as_slice() {
            ["0", minor, ..] => format!("0.{minor}"),
            [major, ..] => (*major).to_owned(),
            [] => String::new(),
        }
    };
    if series(service) != series(own) {
        checks.warning(
            format!("the service is {service}, this command line {own}"),
            "take the command line of the service's version: either may know words that the other does not",
        );
    }
}

async fn check_token(service: &ServiceClient, checks: &mut Checks) {
    match service.list(None).await {
        Ok(list) => {
            let clusters = match list.items.len() {
                1 => "1 cluster".to_owned(),
                count => format!("{count} clusters"),
            };
            checks.ok(format!(
                "the token reads the tenant's repository: {clusters}"
            ));
        }
        Err(error) => {
            checks.refused(
                &error,
                "use the token of a member of the tenant's repository, with scope api",
            );
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
        Err(error) => checks.refused(
            &error,
            "registering and removing needs more rights than reading",
        ),
        Ok(_) => checks.warning(
            "an empty request was not refused",
            "the service is another one than expected",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_one_series_fit() {
        for (service, own, fits) in [
            ("0.1.0", "0.1.7", true),
            ("0.2.0", "0.1.0", false),
            ("1.4.0", "1.0.0", true),
            ("2.0.0", "1.0.0", false),
        ] {
            let mut checks = Checks::of("service");
            check_versions(&mut checks, service, own);
            assert_eq!(checks.made.is_empty(), fits, "{service} {own}");
        }
    }
}
