//! GitLab itself, where its URL is known: the token's scopes and end.

use serde_json::Value;
use time::OffsetDateTime;
use url::Url;

use super::{CheckResult, Checks};
use crate::connectivity::{ConnectionFailure, Peer};
use crate::service;
use crate::settings::token::AccessToken;

/// Days before a token's end at which a new one should be made.
const SOON: i64 = 14;

/// Role that may push to a branch and open merge requests (Developer).
/// Source: <https://docs.gitlab.com/api/access_requests/#valid-access-levels>.
const DEVELOPER: u64 = 30;

/// Checks the token, and what it may do with a branch of the tenant's repository where that is named. The HTTP client is the
/// one that knows the private authority.
pub(crate) async fn check(
    client: &reqwest::Client,
    gitlab: &Url,
    token: &AccessToken,
    repository: Option<&TenantRepository<'_>>,
) -> Checks {
    let mut checks = check_token(client, gitlab, token).await;
    let is_refused = checks
        .made
        .iter()
        .any(|check| check.result == CheckResult::Failure);
    if let Some(repository) = repository.filter(|_| !is_refused) {
        let gitlab = Reader {
            client,
            gitlab,
            token,
        };
        check_repository(&mut checks, &gitlab, repository).await;
    }
    checks
}

async fn check_token(client: &reqwest::Client, gitlab: &Url, token: &AccessToken) -> Checks {
    let mut checks = Checks::of("gitlab");
    let host = gitlab.host_str().unwrap_or_default();
    let reader = Reader {
        client,
        gitlab,
        token,
    };
    let answer = reader.get("personal_access_tokens/self").await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            unreachable(&mut checks, host, &error);
            return checks;
        }
    };
    match answer.status().as_u16() {
        200 => {
            let token: Value = answer.json().await.unwrap_or_default();
            check_scopes(&mut checks, &token);
            check_end(&mut checks, &token, OffsetDateTime::now_utc());
        }
        401 => checks.failure(
            format!("{host} refuses the token: it is revoked, has ended, or is another GitLab's"),
            "create a personal or project access token with scope api",
        ),
        // A token of OAuth is none of those that the path tells about; old GitLabs do not have it.
        status => checks.warning(
            format!("{host} does not tell about this token (status {status})"),
            "scope and end are not known; the service's checks above count",
        ),
    }
    checks
}

fn unreachable(checks: &mut Checks, host: &str, error: &reqwest::Error) {
    let failure = ConnectionFailure::of(error);
    let causes = service::named(failure, &service::causes(error));
    let hint = match failure.way_out(Peer::GitLab) {
        "" => "check --gitlab and the way there",
        way_out => way_out,
    };
    checks.failure(format!("{host} can't be reached: {causes}"), hint);
}

/// The repository that the service commits to.
pub(crate) struct TenantRepository<'a> {
    /// Path of the project, such as `nautes/management`.
    pub(crate) project: &'a str,
    /// The branch; the project's default branch where none is named.
    pub(crate) branch: Option<&'a str>,
}

/// GitLab's API, with the token. No `Debug`.
struct Reader<'a> {
    client: &'a reqwest::Client,
    gitlab: &'a Url,
    token: &'a AccessToken,
}

impl Reader<'_> {
    async fn get(&self, path: &str) -> Result<reqwest::Response, reqwest::Error> {
        let base = self.gitlab.as_str().trim_end_matches('/');
        let request = self.client.get(format!("{base}/api/v4/{path}"));
        request.bearer_auth(self.token.reveal()).send().await
    }
}

async fn check_repository(
    checks: &mut Checks,
    gitlab: &Reader<'_>,
    repository: &TenantRepository<'_>,
) {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let path = format!("projects/{}", encode(repository.project));
    let Some(project) = read(checks, gitlab, &path, repository.project).await else {
        return;
    };
    check_project(checks, repository.project, &project);
    let default = project.get("default_branch").and_then(Value::as_str);
    let branch = repository.branch.or(default).unwrap_or("main");
    let path = format!("{path}/repository/branches/{}", encode(branch));
    if let Some(branch) = read(checks, gitlab, &path, &format!("the branch {branch}")).await {
        check_branch(checks, &branch);
    }
}

/// Reads an object, or tells why it can't be read.
async fn read(checks: &mut Checks, gitlab: &Reader<'_>, path: &str, what: &str) -> Option<Value> {
    match gitlab.get(path).await {
        Ok(answer) if answer.status().as_u16() == 200 => {
            Some(answer.json().await.unwrap_or_default())
        }
        Ok(answer) => {
            checks.failure(
                format!(
                    "{what} can't be read with this token (status {})",
                    answer.status().as_u16()
                ),
                "use the name as GitLab spells it, and the token of a member",
            );
            None
        }
        Err(error) => {
            unreachable(checks, gitlab.gitlab.host_str().unwrap_or_default(), &error);
            None
        }
    }
}

fn check_project(checks: &mut Checks, path: &str, project: &Value) {
    let level = |of: &str| {
        project
            .pointer(&format!("/permissions/{of}/access_level"))
            .and_then(Value::as_u64)
    };
    let level = level("project_access")
        .max(level("group_access"))
        .unwrap_or(0);
    let role = match level {
        0..10 => "no role",
        10..15 => "the role Guest",
        15..20 => "the role Planner",
        20..30 => "the role Reporter",
        30..40 => "the role Developer",
        40..50 => "the role Maintainer",
        _ => "the role Owner",
    };
    match level {
        DEVELOPER.. => checks.ok(format!("the token has {role} in {path}")),
        _ => checks.failure(
            format!("the token has {role} in {path}"),
            "have yourself made a Developer at least",
        ),
    }
    if project.get("archived").and_then(Value::as_bool) == Some(true) {
        checks.failure(
            format!("{path} is archived: nothing can be committed"),
            "unarchive it in GitLab's settings, or name the project that took its place",
        );
    }
}

fn check_branch(checks: &mut Checks, branch: &Value) {
    let name = branch
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match branch.get("can_push").and_then(Value::as_bool) {
        Some(true) => checks.ok(format!("the token may push to {name}")),
        _ => checks.warning(
            format!("the token may not push to {name}"),
            "changes go by merge request: --delivery merge-request, where the service is not set to it",
        ),
    }
}

fn check_scopes(checks: &mut Checks, token: &Value) {
    let scopes = token.get("scopes").and_then(Value::as_array);
    let scopes: Vec<&str> = scopes
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let name = token
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match scopes.contains(&"api") {
        true => checks.ok(format!("the token «{name}» has the scope api")),
        false => checks.failure(
            format!(
                "the token «{name}» has the scopes {}, and not api",
                scopes.join(", ")
            ),
            "create one with scope api: registering commits files",
        ),
    }
}

/// `expires_at` is a day: the token ends at its beginning, UTC.
fn check_end(checks: &mut Checks, token: &Value, now: OffsetDateTime) {
    let Some(day) = token.get("expires_at").and_then(Value::as_str) else {
        return;
    };
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let Ok(end) = time::Date::parse(day, &format) else {
        return;
    };
    let left = (end - now.date()).whole_days();
    match left {
        ..=0 => checks.failure(format!("the token ended on {day}"), "create another one"),
        1..=SOON => checks.warning(
            format!("the token ends on {day}, in {left} days"),
            "create another one in time",
        ),
        _ => checks.ok(format!("the token ends on {day}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn results(token: &Value) -> Vec<CheckResult> {
        let now = OffsetDateTime::from_unix_timestamp(1_798_000_000).unwrap();
        let mut checks = Checks::of("gitlab");
        check_scopes(&mut checks, token);
        check_end(&mut checks, token, now);
        checks.made.iter().map(|check| check.result).collect()
    }

    #[test]
    fn scopes_and_ends() {
        use CheckResult::{Failure, Ok, Warning};
        assert_eq!(
            results(&json!({"scopes": ["api"], "expires_at": null})),
            [Ok]
        );
        assert_eq!(
            results(&json!({"scopes": ["read_api"], "expires_at": "2027-06-01"})),
            [Failure, Ok]
        );
        assert_eq!(
            results(&json!({"scopes": ["api"], "expires_at": "2026-12-30"})),
            [Ok, Warning]
        );
        assert_eq!(
            results(&json!({"scopes": ["api"], "expires_at": "2026-12-01"})),
            [Ok, Failure]
        );
    }

    #[test]
    fn roles_and_branches() {
        let mut checks = Checks::of("gitlab");
        let project = |project: u64, group: Option<u64>, archived: bool| {
            json!({
                "archived": archived,
                "permissions": {
                    "project_access": {"access_level": project},
                    "group_access": group.map(|level| json!({"access_level": level})),
                },
            })
        };
        check_project(&mut checks, "a/b", &project(20, Some(40), false));
        check_project(&mut checks, "a/b", &project(10, None, true));
        check_branch(&mut checks, &json!({"name": "main", "can_push": true}));
        check_branch(&mut checks, &json!({"name": "main", "can_push": false}));
        insta::assert_snapshot!(
            anstream::adapter::strip_str(&crate::doctor::draw(&checks.made, 200)).to_string(),
            @r"
        gitlab
          ✔ the token has the role Maintainer in a/b
          ✖ the token has the role Guest in a/b
            → have yourself made a Developer at least
          ✖ a/b is archived: nothing can be committed
            → unarchive it in GitLab's settings, or name the project that took its place
          ✔ the token may push to main
          ! the token may not push to main
            → changes go by merge request: --delivery merge-request, where the service is not set to it
        "
        );
    }
}
