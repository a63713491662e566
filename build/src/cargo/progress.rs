//! What a build says while it goes on.

use std::io::BufRead;

/// Something that a build says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildMessage<'a> {
    /// A line of cargo's, or of the table of sizes.
    Line(&'a str),
    /// Progress of cargo.
    Step(BuildStep<'a>),
}

/// Number of units that cargo has compiled, and of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildStep<'a> {
    /// Units that are done.
    pub done: usize,
    /// Units in all, with those that were compiled before.
    pub total: usize,
    /// A crate that is being compiled.
    pub name: &'a str,
}

/// Prints lines to standard error, and leaves the steps out.
pub fn print_lines(message: BuildMessage<'_>) {
    if let BuildMessage::Line(line) = message {
        eprintln!("{line}");
    }
}

/// Environment variables by which cargo draws its bar into a pipe as well, where nothing else tells how many units there are, and
/// leaves colours out.
pub(super) const VARIABLES: [(&str, &str); 3] = [
    ("CARGO_TERM_PROGRESS_WHEN", "always"),
    ("CARGO_TERM_PROGRESS_WIDTH", "120"),
    ("CARGO_TERM_COLOR", "never"),
];

/// Reads cargo's lines and its bar, which ends with a carriage return.
pub(super) fn read(from: impl BufRead, mut message: impl FnMut(BuildMessage<'_>)) {
    let mut bytes = Vec::new();
    let mut say = |bytes: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(bytes);
        match step(&text) {
            Some(step) => message(BuildMessage::Step(step)),
            None => message(BuildMessage::Line(&text)),
        }
        bytes.clear();
    };
    for byte in from.bytes().map_while(Result::ok) {
        match byte {
            b'\n' => say(&mut bytes),
            b'\r' if bytes.is_empty() => {}
            b'\r' => say(&mut bytes),
            byte => bytes.push(byte),
        }
    }
    if !bytes.is_empty() {
        say(&mut bytes);
    }
}

/// Reads cargo's bar: `Building [===>    ] 37/93: domain, api`.
fn step(text: &str) -> Option<BuildStep<'_>> {
    let (_, rest) = text.trim().strip_prefix("Building [")?.split_once("] ")?;
    let (numbers, names) = rest.split_once(": ")?;
    let (done, total) = numbers.split_once('/')?;
    Some(BuildStep {
        done: done.parse().ok()?,
        total: total.parse().ok()?,
        name: names.split([',', '(', ' ']).next().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_told_from_lines_and_read() {
        let said = "   Compiling domain v0.1.0 (/w)\n    Building [==>   ] 37/93: domain(build.rs), api...   \r\
                    warning: a [b] 1/2: c\n\n    Finished `release` profile";
        let mut messages = Vec::new();
        read(said.as_bytes(), |message| {
            messages.push(format!("{message:?}"));
        });
        let line = |text| format!("{:?}", BuildMessage::Line(text));
        let step = BuildStep {
            done: 37,
            total: 93,
            name: "domain",
        };
        let expected = [
            line("   Compiling domain v0.1.0 (/w)"),
            format!("{:?}", BuildMessage::Step(step)),
            line("warning: a [b] 1/2: c"),
            line(""),
            line("    Finished `release` profile"),
        ];
        assert_eq!(messages, expected);
    }
}
