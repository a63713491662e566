//! Progress of the components' build on the terminal: one line that is rewritten, or where nobody watches, one at the beginning
//! and one at the end.

use std::io::Write;
use std::time::{Duration, Instant};

use sandbox_host::build::{BuildMessage, BuildStep};

use crate::options::{LogForm, SandboxOptions};

/// Form in which a build is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressForm {
    /// Not at all: what is written is for programs, or warnings are all that is wanted.
    Silent,
    /// One line of a terminal, rewritten.
    Rewritten,
    /// A line at the beginning and one at the end.
    FirstAndLast,
}

impl ProgressForm {
    /// The form that goes with these options.
    #[must_use]
    pub fn of(options: &SandboxOptions, is_terminal: bool) -> Self {
        match (options.quiet || options.log == LogForm::Json, is_terminal) {
            (true, _) => Self::Silent,
            (false, true) => Self::Rewritten,
            (false, false) => Self::FirstAndLast,
        }
    }
}

/// Duration of the first build of the components on two cores; what was compiled before is not compiled again.
const USUALLY: &str = "usually 3 min";

/// Cells that a line may take: a terminal wraps a longer one, which can't be rewritten then.
const WIDTH: usize = 79;

/// A build that is shown while it goes on.
pub struct BuildProgress<W> {
    form: ProgressForm,
    to: W,
    began: Instant,
    has_steps: bool,
}

impl<W: Write> BuildProgress<W> {
    /// Says that the build begins.
    pub fn begin(form: ProgressForm, to: W) -> Self {
        let mut progress = Self {
            form,
            to,
            began: Instant::now(),
            has_steps: false,
        };
        let text = format!("components: {USUALLY} on two cores the first time, then a second");
        match form {
            ProgressForm::Silent => {}
            ProgressForm::Rewritten => progress.rewrite(&text),
            ProgressForm::FirstAndLast => progress.write(&format!("{text}\n")),
        }
        progress
    }

    /// Shows a message, where the form does. Lines that cargo writes before it compiles, such as those of downloads, are shown as well.
    pub fn show(&mut self, message: BuildMessage<'_>) {
        if self.form != ProgressForm::Rewritten {
            return;
        }
        match message {
            BuildMessage::Step(step) => {
                self.has_steps = true;
                self.rewrite(&step_line(step));
            }
            BuildMessage::Line(line) if !self.has_steps => self.rewrite(line.trim()),
            BuildMessage::Line(_) => {}
        }
    }

    /// Says that it has ended. What failed says so itself, on a line of its own.
    pub fn end(mut self, components: Option<usize>) {
        let Some(components) = components else {
            if self.form == ProgressForm::Rewritten {
                self.write(&rewritten(""));
            }
            return;
        };
        let text = end_line(components, self.began.elapsed());
        match self.form {
            ProgressForm::Silent => {}
            ProgressForm::Rewritten => self.write(&format!("{}\n", rewritten(&text))),
            ProgressForm::FirstAndLast => self.write(&format!("{text}\n")),
        }
    }

    fn rewrite(&mut self, text: &str) {
        self.write(&rewritten(text));
    }

    fn write(&mut self, text: &str) {
        // Nobody reads a terminal that is gone.
        self.to.write_all(text.as_bytes()).ok();
        self.to.flush().ok();
    }
}

/// How far the build is: `components 37/93: domain, usually 3 min`.
fn step_line(step: BuildStep<'_>) -> String {
    let BuildStep { done, total, name } = step;
    format!("components {done}/{total}: {name}, {USUALLY}")
}

fn end_line(components: usize, took: Duration) -> String {
    format!("components: {components} built in {} s", took.as_secs())
}

/// The line of the terminal, replaced by another one.
fn rewritten(text: &str) -> String {
    let shown = text.chars().filter(|char| !char.is_control()).take(WIDTH);
    let shown: String = shown.collect();
    format!("\r\u{1b}[K{shown}")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    const STEP: BuildMessage<'_> = BuildMessage::Step(BuildStep {
        done: 37,
        total: 93,
        name: "domain",
    });

    fn shown(form: ProgressForm, components: Option<usize>) -> String {
        let mut bytes = Vec::new();
        let mut progress = BuildProgress::begin(form, &mut bytes);
        for message in [
            BuildMessage::Line("  Downloading 3 crates"),
            STEP,
            BuildMessage::Line("   Compiling domain v0.1.0"),
        ] {
            progress.show(message);
        }
        progress.end(components);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_terminal_has_one_line_which_is_rewritten() {
        let text = shown(ProgressForm::Rewritten, Some(9));
        let lines: Vec<&str> = text.split("\r\u{1b}[K").collect();
        let expected = [
            "",
            "components: usually 3 min on two cores the first time, then a second",
            "Downloading 3 crates",
            "components 37/93: domain, usually 3 min",
            "components: 9 built in 0 s\n",
        ];
        assert_eq!(lines, expected);
        let failed = shown(ProgressForm::Rewritten, None);
        assert!(failed.ends_with("usually 3 min\r\u{1b}[K"), "{failed:?}");
        let long = rewritten(&"a\u{1b}[31m".repeat(100));
        assert_eq!(long.matches('\u{1b}').count(), 1);
        assert_eq!(long.chars().count(), "\r\u{1b}[K".len() + WIDTH);
    }

    #[test]
    fn a_file_has_the_first_and_the_last_line() {
        let first = "components: usually 3 min on two cores the first time, then a second\n";
        let last = "components: 9 built in 0 s\n";
        let text = shown(ProgressForm::FirstAndLast, Some(9));
        assert_eq!(text, format!("{first}{last}"));
        assert_eq!(shown(ProgressForm::FirstAndLast, None), first);
    }

    #[test]
    fn nothing_is_shown_to_programs_and_to_who_wants_warnings_alone() {
        for arguments in [&["--log", "json"][..], &["--quiet"]] {
            let options = SandboxOptions::parse_from(["sandbox"].iter().chain(arguments));
            assert_eq!(ProgressForm::of(&options, true), ProgressForm::Silent);
        }
        assert_eq!(shown(ProgressForm::Silent, Some(9)), "");
        let options = SandboxOptions::parse_from(["sandbox"]);
        assert_eq!(ProgressForm::of(&options, true), ProgressForm::Rewritten);
        assert_eq!(
            ProgressForm::of(&options, false),
            ProgressForm::FirstAndLast
        );
    }
}
