//! Questions. They are asked on a terminal alone: elsewhere the command says which argument answers them.

use dialoguer::{Confirm, Input};

use crate::failure::CommandError;
use crate::interrupt::Signal;
use crate::terminal::Terminal;

/// Shows what is decided about. Whoever is asked sees it with `--quiet`, too.
pub(crate) fn show(terminal: &Terminal, is_answered: bool, laid_out: &str) {
    let is_asked = !is_answered && terminal.can_ask();
    if is_asked || !terminal.quiet {
        terminal.raw(laid_out.trim_end());
    }
}

/// Asks for a yes. `question` ends with a question mark.
///
/// # Errors
/// Nobody can be asked, or the answer is no.
pub(crate) async fn confirm(terminal: &Terminal, question: String) -> Result<(), CommandError> {
    require_somebody(terminal, &question)?;
    let answer = ask(move || {
        Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact()
    });
    match answer.await? {
        true => Ok(()),
        false => Err(declined()),
    }
}

/// Asks for a name to be typed, so that nobody says yes by habit.
///
/// # Errors
/// Nobody can be asked, or another name was typed.
pub(crate) async fn confirm_by_name(
    terminal: &Terminal,
    question: String,
    name: &str,
) -> Result<(), CommandError> {
    require_somebody(terminal, &question)?;
    let answer = ask(move || {
        let input = Input::<String>::new().with_prompt(question);
        input.allow_empty(true).interact_text()
    });
    match answer.await? == name {
        true => Ok(()),
        false => Err(declined()),
    }
}

fn require_somebody(terminal: &Terminal, question: &str) -> Result<(), CommandError> {
    match terminal.can_ask() {
        true => Ok(()),
        false => Err(CommandError::usage(format!(
            "nobody can be asked here («{question}»): say it with --yes; nothing was changed"
        ))),
    }
}

fn declined() -> CommandError {
    CommandError::Failed("nothing was changed".to_owned())
}

/// Waits in a thread of its own, so that Ctrl-C is noticed meanwhile.
async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> dialoguer::Result<T> + Send + 'static,
) -> Result<T, CommandError> {
    let answer = tokio::task::spawn_blocking(question).await;
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        // Ctrl-C while a key was awaited; the signal arrives as well.
        Ok(Err(dialoguer::Error::IO(error))) if error.kind() == std::io::ErrorKind::Interrupted => {
            Err(Signal::Interrupt.end(""))
        }
        Ok(Err(error)) => Err(CommandError::usage(format!("can't ask: {error}"))),
        Err(error) => Err(CommandError::usage(format!("can't ask: {error}"))),
    }
}
