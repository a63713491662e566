//! PEM: blocks of Base64 between lines that name them (RFC 7468). What stands between blocks is no matter.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A block.
pub(super) struct Pem {
    pub label: String,
    pub contents: Vec<u8>,
}

/// Why a block can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It breaks off, or is no Base64.
    Block,
    /// A block begins on the line where another ends, or is indented: Go's reader passes over both.
    Glued,
}

/// The blocks of a text.
pub(super) fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Pem, Broken>> {
    let mut lines = text.split(|byte| *byte == b'\n');
    std::iter::from_fn(move || {
        let line = lines.find(|line| holds(line, BEGIN))?;
        Some(match line.strip_prefix(BEGIN) {
            Some(label) => block(label, &mut lines),
            None => Err(Broken::Glued),
        })
    })
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

fn holds(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len()).any(|window| window == word)
}

/// A line without what Go's reader drops at its end: one carriage return, and the blanks before it.
fn without_end(line: &[u8]) -> &[u8] {
    let mut line = line.strip_suffix(b"\r").unwrap_or(line);
    while let [rest @ .., b' ' | b'\t'] = line {
        line = rest;
    }
    line
}

fn block<'a>(label: &[u8], lines: &mut impl Iterator<Item = &'a [u8]>) -> Result<Pem, Broken> {
    let label = str::from_utf8(without_end(label)).map_err(|_| Broken::Block)?;
    let label = label.strip_suffix("-----").ok_or(Broken::Block)?;
    let mut contents = Vec::new();
    loop {
        let line = without_end(lines.next().ok_or(Broken::Block)?);
        if let Some(end) = line.strip_prefix(END) {
            let end = end.strip_prefix(label.as_bytes()).ok_or(Broken::Block)?;
            match end.strip_prefix(b"-----") {
                Some(b"") => break,
                Some(_) => return Err(Broken::Glued),
                None => return Err(Broken::Block),
            }
        }
        contents.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
    }
    Ok(Pem {
        label: label.to_owned(),
        contents: BASE64_STANDARD
            .decode(contents)
            .map_err(|_| Broken::Block)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Option<(String, Vec<u8>)>> {
        let blocks = blocks(text.as_bytes());
        blocks
            .map(|block| block.ok().map(|block| (block.label, block.contents)))
            .collect()
    }

    #[test]
    fn blocks_stand_among_other_text() {
        let text = "subject=/CN=a\r\n-----BEGIN A KEY-----\r\nYWJj\r\nZA==\r\n-----END A KEY-----\r\nb\n-----BEGIN B-----\n-----END B-----";
        let expected = [
            Some(("A KEY".to_owned(), b"abcd".to_vec())),
            Some(("B".to_owned(), Vec::new())),
        ];
        assert_eq!(read(text), expected);
        assert_eq!(read("YWJj"), []);
    }

    #[test]
    fn glued_blocks_are_told() {
        for text in [
            "-----BEGIN A-----\nYWJj\n-----END A----------BEGIN A-----\nYWJj\n-----END A-----\n",
            "x -----BEGIN A-----\nYWJj\n-----END A-----\n",
            "  -----BEGIN A-----\n  YWJj\n  -----END A-----\n",
        ] {
            let first = blocks(text.as_bytes()).next().unwrap();
            assert_eq!(first.err(), Some(Broken::Glued), "{text}");
        }
    }

    #[test]
    fn broken_blocks_are_told() {
        for text in [
            "-----BEGIN A-----\nYWJj\n",
            "-----BEGIN A\nYWJj\n-----END A-----\n",
            "-----BEGIN A-----\nYWJ\n-----END A-----\n",
            "-----BEGIN A-----\nYWJj\n-----END B-----\n",
            "-----BEGIN A-----YWJj-----END A-----\n",
            "-----BEGIN A-----\r\r\nYWJj\r\r\n-----END A-----\r\r\n",
            "-----BEGIN A-----\\nYWJj\\n-----END A-----",
            "-----BEGIN A-----\nProc-Type: 4\n\nYWJj\n-----END A-----\n",
        ] {
            assert_eq!(read(text), [None], "{text}");
        }
    }
}
