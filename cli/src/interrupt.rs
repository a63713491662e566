//! Ctrl-C, and SIGTERM, by which a CI ends a job: the work goes on elsewhere, so it is said where, and how to come back to it.
//!
//! A step that leaves something half made behind holds the first signal back ([`hold`]), ends where it can, and takes back what
//! it has made. The second one leaves at once.

use std::sync::{Mutex, PoisonError};

use crate::exit;
use crate::failure::CommandError;

/// The work that is under way right now, for the one process that a command line is.
static UNDER_WAY: Mutex<String> = Mutex::new(String::new());

/// Answerer of the next signal.
static ANSWERED_BY: Mutex<Answerer> = Mutex::new(Answerer::Process);

/// Signal that asks the command line to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C, SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The process's exit code.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => exit::INTERRUPTED,
            Self::Terminate => exit::TERMINATED,
        }
    }

    /// The end of a command by this signal.
    pub(crate) fn end(self, goes_on: &str) -> CommandError {
        let goes_on = match goes_on {
            "" => "nothing was changed",
            goes_on => goes_on,
        };
        CommandError::Interrupted(self, format!("interrupted; {goes_on}"))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Answerer {
    /// The process ends.
    Process,
    /// A step holds it back, and has not been asked to end.
    Step,
    /// A step is ending for this signal: another one ends the process.
    EndingStep(Signal),
}

/// Notes what goes on if the user leaves now.
pub(crate) fn note(goes_on: impl Into<String>) {
    *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = goes_on.into();
}

/// Holds the first signal back until it is dropped.
pub(crate) struct Hold(());

/// Begins a step that takes back what it has made when a signal comes.
pub(crate) fn hold() -> Hold {
    set_answerer(Answerer::Step);
    Hold(())
}

impl Hold {
    /// Ends the step at a place where nothing is half sent.
    ///
    /// # Errors
    /// Ctrl-C was pressed, or SIGTERM came.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        match answerer() {
            Answerer::EndingStep(signal) => Err(signal.end("")),
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

/// Waits for a signal that no step holds back.
pub(crate) async fn wait() -> CommandError {
    let signal = loop {
        let signal = next_signal().await;
        match answerer() {
            Answerer::Step => set_answerer(Answerer::EndingStep(signal)),
            Answerer::Process | Answerer::EndingStep(_) => break signal,
        }
    };
    signal.end(&UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Waits for the next signal. One that can't be waited for ends the process as it would any other.
async fn next_signal() -> Signal {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => Signal::Interrupt,
        () = terminated() => Signal::Terminate,
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let received = match signal(SignalKind::terminate()) {
        Ok(mut signals) => signals.recv().await,
        Err(_) => None,
    };
    if received.is_none() {
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}
