//! PEM: blocks of Base64 between lines that name them (RFC 7468). What stands between blocks is no matter.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A block.
pub(super) struct Pem {
    pub label: String,
    pub contents: Vec<u8>,
}

/// A block that breaks off, or is no Base64.
pub(super) struct Broken;

/// The blocks of a text.
pub(super) fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Pem, Broken>> {
    let mut lines = text.split(|byte| *byte == b'\n');
    std::iter::from_fn(move || {
        let label = lines.find_map(|line| line.strip_prefix(b"-----BEGIN "))?;
        Some(block(label, &mut lines))
    })
}

fn block<'a>(label: &[u8], lines: &mut impl Iterator<Item = &'a [u8]>) -> Result<Pem, Broken> {
    let mut contents = Vec::new();
    loop {
        let line = lines.next().ok_or(Broken)?;
        if line.starts_with(b"-----END ") {
            break;
        }
        contents.extend_from_slice(line.trim_ascii_end());
    }
    let label = str::from_utf8(label).map_err(|_| Broken)?;
    let (label, _) = label.split_once("-----").ok_or(Broken)?;
    Ok(Pem {
        label: label.to_owned(),
        contents: BASE64_STANDARD.decode(contents).map_err(|_| Broken)?,
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
    fn broken_blocks_are_told() {
        for text in [
            "-----BEGIN A-----\nYWJj\n",
            "-----BEGIN A\nYWJj\n-----END A-----\n",
            "-----BEGIN A-----\nYWJ\n-----END A-----\n",
            "-----BEGIN A-----\nYW j\n-----END A-----\n",
            "-----BEGIN A-----\nProc-Type: 4\n\nYWJj\n-----END A-----\n",
        ] {
            assert_eq!(read(text), [None], "{text}");
        }
    }
}
