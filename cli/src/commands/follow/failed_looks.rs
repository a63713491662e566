//! Looks at a cluster that failed, and how many of them in a row are enough.

use std::cell::{Cell, RefCell};

use crate::failure::CommandError;
use crate::service::{PATIENCE, ServiceError};
use crate::wording;

/// Failures of looks that are repeated until the time is up.
#[derive(Default)]
pub(crate) struct FailedLooks {
    /// Since the last answer.
    in_a_row: Cell<u32>,
    /// Words of the newest one since the last answer.
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
        let count = self.in_a_row.get() + 1;
        let is_answer = error.problem().is_some();
        if !error.may_pass() || (count > PATIENCE && !is_answer) {
            return Err(error.into());
        }
        let words = wording::of_command_line(&error.to_string());
        if count == 1 {
            say(&format!("no news at the moment: {words}"));
        }
        self.in_a_row.set(count);
        self.last.replace(Some(words));
        Ok(())
    }

    /// Notes an answer.
    pub(crate) fn forget(&self) {
        self.in_a_row.set(0);
        self.last.replace(None);
    }

    /// What comes next when the time is up: where the last look failed nobody knows what goes on.
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
        let reason = api::Reason::GitlabUnavailable;
        let problem = api::Problem::new(502, reason, "send it again".to_owned());
        ServiceError::Problem(Box::new(problem))
    }

    #[test]
    fn failures_in_a_row_are_said_once_and_end_at_last() {
        let said = RefCell::new(Vec::new());
        let say = |words: &str| said.borrow_mut().push(words.to_owned());
        let failed = FailedLooks::default();
        for _ in 0..2 {
            for _ in 0..PATIENCE {
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
        for _ in 0..PATIENCE {
            failed.note(closed_port(), say).unwrap();
        }
        let error = failed.note(closed_port(), say).unwrap_err();
        assert!(error.to_string().contains("can't be reached"), "{error}");
    }

    #[test]
    fn a_service_that_answers_is_asked_until_the_time_is_up() {
        let failed = FailedLooks::default();
        for _ in 0..10 * PATIENCE {
            failed.note(without_gitlab(), |_| ()).unwrap();
        }
        assert_eq!(
            failed.next_after("x"),
            "the last look failed: run the command again"
        );
    }
}
