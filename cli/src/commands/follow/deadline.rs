//! The end of somebody's patience.

use std::time::Duration;

use tokio::time::Instant;

use super::FailedLooks;
use crate::failure::CommandError;

/// Until when somebody waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    timeout: Duration,
}

impl Deadline {
    /// From now on.
    pub(crate) fn after(timeout: Duration) -> Self {
        // Centuries are as good as for ever.
        let timeout = timeout.min(Duration::from_secs(100 * 365 * 24 * 3600));
        Self {
            at: Instant::now() + timeout,
            timeout,
        }
    }

    /// Waits for something, but not longer. `failed` are the looks at it that failed.
    ///
    /// # Errors
    /// The time is up, or the thing itself failed.
    pub(super) async fn limit<T>(
        self,
        what: &str,
        failed: &FailedLooks,
        work: impl Future<Output = Result<T, CommandError>>,
    ) -> Result<T, CommandError> {
        match tokio::time::timeout_at(self.at, work).await {
            Ok(done) => done,
            Err(_) => {
                let next = failed.next_after("the work goes on in the cluster");
                Err(self.passed(what, &next))
            }
        }
    }

    /// The end of a wait whose time is up: what was not so, and what comes next.
    pub(crate) fn passed(self, what: &str, next: &str) -> CommandError {
        let timeout = humantime::format_duration(self.timeout);
        CommandError::Timeout(format!("{what} within {timeout}; {next}"))
    }
}
