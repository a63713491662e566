//! Ctrl-C: the work goes on elsewhere, so it is said where, and how to come back to it.

use std::sync::{Mutex, PoisonError};

use crate::failure::CommandError;

/// The work that is under way right now, for the one process that a command line is.
static UNDER_WAY: Mutex<String> = Mutex::new(String::new());

/// Notes what goes on if the user leaves now.
pub(crate) fn note(goes_on: impl Into<String>) {
    *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = goes_on.into();
}

/// Waits for Ctrl-C.
pub(crate) async fn wait() -> CommandError {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    let goes_on = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    CommandError::Interrupted(match goes_on.as_str() {
        "" => "interrupted; nothing was changed".to_owned(),
        goes_on => format!("interrupted; {goes_on}"),
    })
}
