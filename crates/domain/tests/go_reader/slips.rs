//! Damage to certificates and keys on their way into a kubeconfig.

use std::ops::Range;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
use proptest::prelude::*;
use proptest::sample::select;

/// In the PEM, or in how it was encoded.
#[derive(Debug, Clone)]
pub enum DataSlip {
    LoseBreak(usize),
    AddBreak(usize),
    WindowsBreaks,
    MacBreaks,
    Cut(usize),
    Replace(usize, u8),
    Twice,
    Glued,
    Before(&'static str),
    Behind(&'static str),
    Indented,
    Label(&'static str, &'static str),
    WithoutPadding,
    OfUrls,
    InLines,
    EncodedTwice,
    AsItIs,
    /// Of the DER in the PEM's first block.
    Flip(usize, u8),
}

pub fn data_slip() -> impl Strategy<Value = DataSlip> {
    use DataSlip::*;
    let at = any::<usize>;
    let texts = [
        "subject=/CN=a\n",
        "\u{feff}",
        " ",
        "\n\n",
        "Proc-Type: 4\n",
        "-----BEGIN A-----\nYWJj\n-----END A-----\n",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n",
        "-----",
        "\0",
    ];
    let labels = [
        ("CERTIFICATE", "TRUSTED CERTIFICATE"),
        ("CERTIFICATE", "X509 CERTIFICATE"),
        ("CERTIFICATE", "PKCS7"),
        ("CERTIFICATE", "certificate"),
        ("EC PRIVATE", "PRIVATE"),
        ("PRIVATE", "EC PRIVATE"),
        ("PRIVATE", "ANY PRIVATE"),
        ("PRIVATE KEY", "PUBLIC KEY"),
        ("-----", "----"),
        ("-----\n", "----- \n"),
        ("-----END", " -----END"),
        ("-----BEGIN", "------BEGIN"),
    ];
    prop_oneof![
        at().prop_map(LoseBreak),
        at().prop_map(AddBreak),
        Just(WindowsBreaks),
        Just(MacBreaks),
        at().prop_map(Cut),
        (at(), any::<u8>()).prop_map(|(at, byte)| Replace(at, byte)),
        Just(Twice),
        Just(Glued),
        select(texts.to_vec()).prop_map(Before),
        select(texts.to_vec()).prop_map(Behind),
        Just(Indented),
        select(labels.to_vec()).prop_map(|(label, other)| Label(label, other)),
        Just(WithoutPadding),
        Just(OfUrls),
        Just(InLines),
        Just(EncodedTwice),
        Just(AsItIs),
        flip(),
    ]
}

/// A bit or a whole byte of what the PEM holds: PEM and Base64 around it stay right.
pub fn flip() -> impl Strategy<Value = DataSlip> {
    let bits = prop_oneof![(0..8_u8).prop_map(|bit| 1 << bit), 1..=255_u8];
    // The beginning has the lengths, types and algorithms.
    let at = prop_oneof![1 => 0..60_usize, 2 => any::<usize>()];
    (at, bits).prop_map(|(at, bits)| DataSlip::Flip(at, bits))
}

impl DataSlip {
    /// The text with one of its data changed; as it is where it has none.
    pub fn apply(&self, text: &str, at: usize) -> String {
        let words = data(text);
        let Some(word) = words.get(at % words.len().max(1)).cloned() else {
            return text.to_owned();
        };
        let Ok(pem) = BASE64_STANDARD.decode(&text[word.clone()]) else {
            return text.to_owned();
        };
        let changed = self.encoded(pem);
        format!("{}{changed}{}", &text[..word.start], &text[word.end..])
    }

    /// The data in Base64.
    pub fn encoded(&self, mut pem: Vec<u8>) -> String {
        let replace =
            |from: &str, to: &str| String::from_utf8_lossy(&pem).replace(from, to).into_bytes();
        let place = |at: usize| at % pem.len().max(1);
        let pem = match *self {
            Self::WithoutPadding => return BASE64_STANDARD_NO_PAD.encode(pem),
            Self::OfUrls => return BASE64_URL_SAFE.encode(pem),
            Self::InLines => {
                let encoded = BASE64_STANDARD.encode(pem);
                let lines: Vec<&str> = (0..encoded.len())
                    .step_by(64)
                    .map(|start| &encoded[start..encoded.len().min(start + 64)])
                    .collect();
                return format!("|\n      {}", lines.join("\n      "));
            }
            Self::EncodedTwice => BASE64_STANDARD.encode(pem).into_bytes(),
            Self::AsItIs => return String::from_utf8_lossy(&pem).replace('\n', "\n      "),
            Self::LoseBreak(at) => {
                let breaks: Vec<usize> = (0..pem.len()).filter(|at| pem[*at] == b'\n').collect();
                if let Some(at) = breaks.get(at % breaks.len().max(1)) {
                    pem.remove(*at);
                }
                pem
            }
            Self::AddBreak(at) => {
                pem.insert(place(at), b'\n');
                pem
            }
            Self::WindowsBreaks => replace("\n", "\r\n"),
            Self::MacBreaks => replace("\n", "\r"),
            Self::Cut(at) => pem[..place(at)].to_vec(),
            Self::Replace(at, byte) => {
                let at = place(at);
                if let Some(there) = pem.get_mut(at) {
                    *there = byte;
                }
                pem
            }
            Self::Twice => [pem.as_slice(), &pem].concat(),
            Self::Glued => [pem.trim_ascii_end(), &pem].concat(),
            Self::Before(text) => [text.as_bytes(), &pem].concat(),
            Self::Behind(text) => [&pem, text.as_bytes()].concat(),
            Self::Indented => replace("\n", "\n  "),
            Self::Label(label, other) => replace(label, other),
            Self::Flip(at, bits) => flipped(&pem, at, bits).unwrap_or(pem),
        };
        BASE64_STANDARD.encode(pem)
    }
}

/// The PEM with other bits in its first block; `None` where it is broken already.
fn flipped(pem: &[u8], at: usize, bits: u8) -> Option<Vec<u8>> {
    let text = str::from_utf8(pem).ok()?;
    let (digits, mut der) = first_block(text)?;
    let at = at % der.len().max(1);
    *der.get_mut(at)? ^= bits;
    let (before, behind) = (&text[..digits.start], &text[digits.end..]);
    Some(format!("{before}{}\n{behind}", BASE64_STANDARD.encode(der)).into_bytes())
}

/// Where the first block of a PEM has its Base64, and what that holds.
pub fn first_block(text: &str) -> Option<(Range<usize>, Vec<u8>)> {
    let start = text.find("-----\n")? + 6;
    let end = start + text[start..].find("-----END")?;
    let digits: String = text[start..end].split_whitespace().collect();
    Some((start..end, BASE64_STANDARD.decode(digits).ok()?))
}

/// The long words that are PEM in Base64.
pub fn data(text: &str) -> Vec<Range<usize>> {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let mut found = Vec::new();
    let mut start = 0;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if !is_digit(byte) {
            if at - start > 100 && text[start..].starts_with("LS0t") {
                found.push(start..at);
            }
            start = at + 1;
        }
    }
    found
}
