//! Ctrl-C: the work goes on elsewhere, so it is said where, and how to come back to it.
//!
//! A step that leaves something half made behind holds the first Ctrl-C back ([`hold`]), ends where it can, and takes back what
//! it has made. The second one leaves at once.

use std::sync::{Mutex, PoisonError};

use crate::failure::CommandError;

/// The work that is under way right now, for the one process that a command line is.
static UNDER_WAY: Mutex<String> = Mutex::new(String::new());

/// Tells who answers the next Ctrl-C.
static ANSWERED_BY: Mutex<Answerer> = Mutex::new(Answerer::Process);

#[derive(Clone, Copy, PartialEq)]
enum Answerer {
    /// The process ends.
    Process,
    /// A step holds it back, and has not been asked to end.
    Step,
    /// A step is ending: another Ctrl-C ends the process.
    EndingStep,
}

/// Notes what goes on if the user leaves now.
pub(crate) fn note(goes_on: impl Into<String>) {
    *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = goes_on.into();
}

/// Holds the first Ctrl-C back until it is dropped.
pub(crate) struct Hold(());

/// Begins a step that takes back what it has made when Ctrl-C is pressed.
pub(crate) fn hold() -> Hold {
    set_answerer(Answerer::Step);
    Hold(())
}

impl Hold {
    /// Ends the step at a place where nothing is half sent.
    ///
    /// # Errors
    /// Ctrl-C was pressed.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        match answerer() {
            Answerer::EndingStep => Err(CommandError::Interrupted(
                "interrupted; nothing was changed".to_owned(),
            )),
            Answerer::Process | Answerer::Step => Ok(()),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        set_answerer(Answerer::Process);
    }
}

fn answerer() -> Answerer {
    *ANSWERED_BY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set_answerer(answerer: Answerer) {
    *ANSWERED_BY.lock().unwrap_or_else(PoisonError::into_inner) = answerer;
}

/// Waits for a Ctrl-C that no step holds back.
pub(crate) async fn wait() -> CommandError {
    loop {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        match answerer() {
            Answerer::Step => set_answerer(Answerer::EndingStep),
            Answerer::Process | Answerer::EndingStep => break,
        }
    }
    let goes_on = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    CommandError::Interrupted(match goes_on.as_str() {
        "" => "interrupted; nothing was changed".to_owned(),
        goes_on => format!("interrupted; {goes_on}"),
    })
}
