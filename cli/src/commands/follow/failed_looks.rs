//! Looks at a cluster that failed, and how many of them in a row are enough.

use std::cell::{Cell, RefCell};

use api::Reason;

use crate::failure::CommandError;
use crate::service::{MAX_FAILURES_IN_A_ROW, ServiceError};
use crate::wording;

/// Failures of looks that are repeated until the time is up.
#[derive(Default)]
pub(crate) struct FailedLooks {
    /// Number of failures since the last answer that were none of the service's own.
    unanswered: Cell<u32>,
    /// Text of the newest failure since the last answer.
    last: RefCell<Option<String>>,
}

impl FailedLooks {
    /// Notes a failure which the next look may make good, and says the first one of a row: who waits would take the silence for
    /// a slow cluster.
    ///
    /// # Errors
    /// The next look would fail as well, or so many have failed in a row that nobody believes in the next one. A service that
    /// answers, and lacks GitLab or the management cluster for a while, is asked until the time is up.
    pub(crate) fn note(&self, error: ServiceError, say: impl Fn(&str)) -> Result<(), CommandError> {
        // A gateway may say in the service's form that the service is gone.
        let problem = error.problem();
        let is_answer =
            problem.is_some_and(|problem| problem.reason != Reason::FunctionUnavailable);
        let unanswered = if is_answer {
            0
        } else {
            self.unanswered.get() + 1
        };
        if !error.may_pass() || unanswered > MAX_FAILURES_IN_A_ROW {
            return Err(error.into());
        }
        let words = wording::of_command_line(&error.to_string());
        if self.last.borrow().is_none() {
            say(&format!("no news at the moment: {words}"));
        }
        self.unanswered.set(unanswered);
        self.last.replace(Some(words));
        Ok(())
    }

    /// Notes an answer.
    pub(crate) fn forget(&self) {
        self.unanswered.set(0);
        self.last.replace(None);
    }

    /// Advice for a wait whose time is up: where the last look failed nobody knows what goes on.
    pub(super) fn next_after(&self, otherwise: &str) -> String {
        let last = self.last.borrow();
        last.as_ref().map_or_else(
            || otherwise.to_owned(),
            |words| format!("the last look failed: {words}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectivity::ConnectionFailure;

    fn closed_port() -> ServiceError {
        ServiceError::Unreachable {
            server: "http://127.0.0.1:1".to_owned(),
            causes: "connection refused".to_owned(),
            failure: ConnectionFailure::Refused,
        }
    }

    fn without_gitlab() -> ServiceError {
        let reason = Reason::GitlabUnavailable;
        let problem = api::Problem::new(502, reason, "send it again".to_owned());
        ServiceError::Problem(Box::new(problem))
    }

    #[test]
    fn failures_in_a_row_are_said_once_and_end_at_last() {
        let said = RefCell::new(Vec::new());
        let say = |words: &str| said.borrow_mut().push(words.to_owned());
        let failed = FailedLooks::default();
        for _ in 0..2 {
            for _ in 0..MAX_FAILURES_IN_A_ROW {
                failed.note(closed_port(), say).unwrap();
            }
            let next = failed.next_after("the work goes on");
            assert!(
                next.contains("http://127.0.0.1:1 can't be reached"),
                "{next}"
            );
            failed.forget();
            assert_eq!(failed.next_after("the work goes on"), "the work goes on");
        }
        assert_eq!(said.borrow().len(), 2, "{said:?}");
        for _ in 0..MAX_FAILURES_IN_A_ROW {
            failed.note(closed_port(), say).unwrap();
        }
        let error = failed.note(closed_port(), say).unwrap_err();
        assert!(error.to_string().contains("can't be reached"), "{error}");
    }

    #[test]
    fn a_failure_after_many_answers_is_the_first_of_its_kind() {
        let failed = FailedLooks::default();
        for _ in 0..2 * MAX_FAILURES_IN_A_ROW {
            failed.note(without_gitlab(), |_| ()).unwrap();
        }
        failed.note(closed_port(), |_| ()).unwrap();
    }

    #[test]
    fn a_gateway_that_says_that_the_service_is_gone_is_no_answer_of_it() {
        let gone = || {
            let problem = api::Problem::new(502, Reason::FunctionUnavailable, "gone".to_owned());
            ServiceError::Problem(Box::new(problem))
        };
        let failed = FailedLooks::default();
        for _ in 0..MAX_FAILURES_IN_A_ROW {
            failed.note(gone(), |_| ()).unwrap();
        }
        failed.note(gone(), |_| ()).unwrap_err();
    }

    #[test]
    fn a_service_that_answers_is_asked_until_the_time_is_up() {
        let failed = FailedLooks::default();
        for _ in 0..10 * MAX_FAILURES_IN_A_ROW {
            failed.note(without_gitlab(), |_| ()).unwrap();
        }
        assert_eq!(
            failed.next_after("x"),
            "the last look failed: run the command again"
        );
    }
}
