//! Checks of everything that can be in the way of registering a cluster.

pub(crate) mod cluster;
pub(crate) mod gitlab;
pub(crate) mod management;
pub(crate) mod rights;
pub(crate) mod service;

use serde::Serialize;

use crate::output::{BAD, GOING, GOOD, styled, wrap};
use crate::service::ServiceError;
use crate::wording;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Check {
    /// Part that was looked at: `service`, `gitlab`, `management cluster`, `cluster`.
    pub(crate) area: &'static str,
    /// Result.
    pub(crate) result: CheckResult,
    /// Finding.
    pub(crate) message: String,
    /// The way out, where one is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// Results of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckResult {
    /// As it should be.
    Ok,
    /// Works, but somebody should look at it.
    Warning,
    /// Does not work.
    Failure,
}

/// The checks of one area, as they are made.
pub(crate) struct Checks {
    area: &'static str,
    pub(crate) made: Vec<Check>,
}

impl Checks {
    /// None yet.
    pub(crate) const fn of(area: &'static str) -> Self {
        Self {
            area,
            made: Vec::new(),
        }
    }

    pub(crate) fn ok(&mut self, message: impl Into<String>) {
        self.add(CheckResult::Ok, message.into(), None);
    }

    pub(crate) fn warning(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.add(CheckResult::Warning, message.into(), Some(hint.into()));
    }

    pub(crate) fn failure(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.add(CheckResult::Failure, message.into(), Some(hint.into()));
    }

    /// A failure of the service in its own words, or else with this hint.
    pub(crate) fn refused(&mut self, error: &ServiceError, otherwise: &str) {
        let own = error.problem().and_then(|problem| problem.hint.as_deref());
        self.failure(
            wording::of_command_line(&error.to_string()),
            own.map_or_else(|| otherwise.to_owned(), wording::of_command_line),
        );
    }

    fn add(&mut self, result: CheckResult, message: String, hint: Option<String>) {
        let hint = hint.filter(|hint| !hint.is_empty());
        self.made.push(Check {
            area: self.area,
            result,
            message,
            hint,
        });
    }
}

/// Draws checks, one line each, under their areas; wider than the window, a line goes on below.
pub(crate) fn draw(checks: &[Check], width: usize) -> String {
    let mut lines = Vec::new();
    let mut area = "";
    for check in checks {
        if check.area != area {
            area = check.area;
            lines.push(area.to_owned());
        }
        let mark = match check.result {
            CheckResult::Ok => styled(GOOD, "✔"),
            CheckResult::Warning => styled(GOING, "!"),
            CheckResult::Failure => styled(BAD, "✖"),
        };
        lines.push(format!("  {mark} {}", check.message));
        lines.extend(check.hint.iter().map(|hint| format!("    → {hint}")));
    }
    wrap::wrap(&lines.join("\n"), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_drawn_under_their_areas() {
        let mut service = Checks::of("service");
        service.ok("https://clusters.example.com answers");
        service.warning("version 0.2.0", "update one of them");
        let mut gitlab = Checks::of("gitlab");
        gitlab.failure(
            "the token has ended",
            "create another one, and put it where the old one was",
        );
        let checks = [service.made, gitlab.made].concat();
        let drawn = anstream::adapter::strip_str(&draw(&checks, 40)).to_string();
        insta::assert_snapshot!(drawn, @r"
        service
          ✔ https://clusters.example.com answers
          ! version 0.2.0
            → update one of them
        gitlab
          ✖ the token has ended
            → create another one, and put it
              where the old one was
        ");
    }
}
