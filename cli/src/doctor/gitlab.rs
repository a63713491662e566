//! GitLab itself, where its URL is known: the token's scopes and end.

use serde_json::Value;
use time::OffsetDateTime;
use url::Url;

use super::Checks;
use crate::settings::token::AccessToken;

/// Days before a token's end at which a new one should be made.
const SOON: i64 = 14;

/// Checks the token. The HTTP client is the one that knows the private authority.
pub(crate) async fn check(client: &reqwest::Client, gitlab: &Url, token: &AccessToken) -> Checks {
    let mut checks = Checks::of("gitlab");
    let host = gitlab.host_str().unwrap_or_default();
    let path = format!(
        "{}/api/v4/personal_access_tokens/self",
        gitlab.as_str().trim_end_matches('/')
    );
    let answer = client.get(path).bearer_auth(token.reveal()).send().await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let causes = crate::service::causes(&error);
            checks.failure(
                format!("{host} can't be reached: {causes}"),
                "check --gitlab and the way there",
            );
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
        true => checks.ok(format!("the token {name} has the scope api")),
        false => checks.failure(
            format!(
                "the token {name} has the scopes {}, and not api",
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
    use crate::doctor::CheckResult;

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
}
