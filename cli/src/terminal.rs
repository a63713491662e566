//! Where the output goes: a terminal with colours and a width, or a pipe.

use std::io::{IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::output::wrap;
use crate::{exit, progress, wording};

/// Bold red, as compilers show errors.
const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
/// Yellow, as compilers show warnings.
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Narrow enough for a table in a ticket, where no terminal tells its width.
const PIPE_WIDTH: usize = 120;

/// Has everything that writes colours follow one rule: none for a dumb terminal, none with `NO_COLOR`.
///
/// By itself `anstream` colours a dumb terminal in a CI, and `console` takes `CLICOLOR_FORCE` before `NO_COLOR`.
pub(crate) fn settle_colours() {
    if is_dumb() {
        ColorChoice::Never.write_global();
    }
    let has_colours = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
    // Everything that moves is drawn on the standard error.
    console::set_colors_enabled(has_colours);
    console::set_colors_enabled_stderr(has_colours);
}

/// Tells whether the terminal takes text and nothing else.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Facts about the two outputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Somebody looks at the messages: progress may move, and questions be asked.
    pub(crate) is_interactive: bool,
    /// Somebody looks at the results.
    pub(crate) shows_results: bool,
    /// Nothing but results, warnings and errors.
    pub(crate) quiet: bool,
    /// Columns.
    pub(crate) width: usize,
}

impl Terminal {
    /// Looks at the process's outputs. Colours are the matter of [`settle_colours`].
    pub(crate) fn detect(quiet: bool) -> Self {
        let width = console::Term::stdout().size_checked();
        let width = width.or_else(|| console::Term::stderr().size_checked());
        Self {
            is_interactive: std::io::stderr().is_terminal() && !is_dumb(),
            shows_results: std::io::stdout().is_terminal(),
            quiet,
            width: width.map_or(PIPE_WIDTH, |(_, columns)| columns.into()),
        }
    }

    /// Nobody is told anything but candidates: for completions of a shell.
    pub(crate) const fn silent() -> Self {
        Self {
            is_interactive: false,
            shows_results: false,
            quiet: true,
            width: PIPE_WIDTH,
        }
    }

    /// Columns for results; a pipe has no width that lines would have to be cut to.
    pub(crate) fn result_width(&self) -> usize {
        match self.shows_results {
            true => self.width,
            false => usize::MAX,
        }
    }

    /// Tells whether a question reaches somebody.
    pub(crate) fn can_ask(&self) -> bool {
        self.is_interactive && std::io::stdin().is_terminal()
    }

    /// A message, unless `--quiet` asks for none.
    pub(crate) fn say(&self, message: &str) {
        if !self.quiet {
            write_message(&self.wrapped(message));
        }
    }

    /// A warning.
    pub(crate) fn warn(&self, message: &str) {
        let message = format!("{WARNING}warning{WARNING:#}: {message}");
        write_message(&self.wrapped(&message));
    }

    /// A warning of the service, which may begin with a cluster's name.
    pub(crate) fn warn_of_service(&self, message: &str) {
        self.warn(&wording::of_command_line(message));
    }

    /// An error.
    pub(crate) fn error(&self, message: &str) {
        let message = format!("{ERROR}error{ERROR:#}: {message}");
        write_message(&self.wrapped(&message));
    }

    /// Breaks sentences for the window, where there is one.
    pub(crate) fn wrapped(&self, message: &str) -> String {
        match self.is_interactive {
            true => wrap::wrap(message, self.width),
            false => message.to_owned(),
        }
    }

    /// A message that is laid out already.
    pub(crate) fn raw(&self, message: &str) {
        write_message(message);
    }

    /// A result. Whoever closes a pipe early (`| head`) has seen enough, and ends this program as the signal would; a disk that is full
    /// has it fail.
    pub(crate) fn print(&self, result: &str) {
        let mut out = anstream::stdout().lock();
        let written = out
            .write_all(result.as_bytes())
            .and_then(|()| match result.ends_with('\n') || result.is_empty() {
                true => Ok(()),
                false => out.write_all(b"\n"),
            })
            .and_then(|()| out.flush());
        if let Err(error) = written {
            let code = match error.kind() {
                std::io::ErrorKind::BrokenPipe => exit::CLOSED,
                _ => {
                    self.error(&format!("can't write the results: {error}"));
                    exit::TROUBLE
                }
            };
            std::process::exit(i32::from(code));
        }
    }
}

fn write_message(message: &str) {
    progress::make_room(|| {
        let mut err = anstream::stderr().lock();
        // Nobody is left to be told.
        writeln!(err, "{message}").ok();
    });
}
