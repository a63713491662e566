//! W3C Trace Context, level 1 with the random flag of level 2: <https://www.w3.org/TR/trace-context/>.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
/// `00-{32}-{16}-{2}`
const LENGTH: usize = 55;
/// The flags that are handed on: sampled, and that the trace id is random. Others must be zero.
const FLAGS: u8 = 0b11;
/// The flags of a trace that begins here: its id is random, whether it is recorded is for others to say.
const BEGUN: u8 = 0b10;
/// A list with more members is dropped.
const MEMBERS: usize = 32;

/// The place of one step in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    trace: u128,
    id: u64,
    parent: Option<u64>,
    flags: u8,
    state: Option<HeaderValue>,
}

impl Span {
    /// The span of an incoming request: below the caller's, or the first of a new trace where the caller
    /// sent no valid context.
    #[must_use]
    pub fn of_request(headers: &HeaderMap, mut random: impl FnMut() -> u64) -> Self {
        let mut caller = headers.get_all(TRACEPARENT).iter();
        let parent = match (caller.next(), caller.next()) {
            (Some(value), None) => value.to_str().ok().and_then(parse),
            _ => None,
        };
        let id = random().max(1);
        match parent {
            Some((trace, parent, flags)) => Self {
                trace,
                id,
                parent: Some(parent),
                flags: flags & FLAGS,
                state: state(headers),
            },
            None => Self {
                trace: (u128::from(random()) << 64 | u128::from(random())).max(1),
                id,
                parent: None,
                flags: BEGUN,
                state: None,
            },
        }
    }

    /// The span of a step below this one.
    #[must_use]
    pub fn child(&self, random: u64) -> Self {
        Self {
            id: random.max(1),
            parent: Some(self.id),
            ..self.clone()
        }
    }

    /// Makes a request part of this span.
    pub fn write(&self, headers: &mut HeaderMap) {
        let (trace, id, flags) = (self.trace, self.id, self.flags);
        if let Ok(value) = format!("00-{trace:032x}-{id:016x}-{flags:02x}").parse() {
            headers.insert(TRACEPARENT, value);
        }
        headers.remove(TRACESTATE);
        if let Some(state) = &self.state {
            headers.insert(TRACESTATE, state.clone());
        }
    }

    /// The trace's id, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The span's own id, 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016x}", self.id)
    }

    /// The id of the span above, where there is one.
    #[must_use]
    pub fn parent_id(&self) -> Option<String> {
        self.parent.map(|id| format!("{id:016x}"))
    }
}

/// Trace id, span id and flags of a `traceparent`. A later version is read as far as this one goes.
fn parse(value: &str) -> Option<(u128, u64, u8)> {
    let head = value.get(..LENGTH)?;
    let rest = value.get(LENGTH..)?;
    let mut parts = head.split('-');
    let version = hex(parts.next()?, 2)?;
    let trace = hex(parts.next()?, 32)?;
    let id = hex(parts.next()?, 16)?;
    let flags = hex(parts.next()?, 2)?;
    let known = match version {
        0xff => false,
        0 => rest.is_empty(),
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    if !known || parts.next().is_some() || trace == 0 || id == 0 {
        return None;
    }
    Some((trace, u64::try_from(id).ok()?, u8::try_from(flags).ok()?))
}

/// Lower case alone is allowed.
fn hex(digits: &str, length: usize) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() != length || !digits.bytes().all(is_digit) {
        return None;
    }
    u128::from_str_radix(digits, 16).ok()
}

/// The caller's `tracestate`, several headers as one; `None` where it is not as it should be.
fn state(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut list = String::new();
    let mut keys = Vec::new();
    for value in headers.get_all(TRACESTATE) {
        let members = value.to_str().ok()?.split(',');
        for member in members.map(|it| it.trim_matches([' ', '\t'])) {
            if member.is_empty() {
                continue;
            }
            let (key, value) = member.split_once('=')?;
            if !is_key(key) || !is_value(value) || keys.contains(&key) {
                return None;
            }
            keys.push(key);
            let comma = if list.is_empty() { "" } else { "," };
            write!(list, "{comma}{member}").ok()?;
        }
    }
    if keys.is_empty() || keys.len() > MEMBERS {
        return None;
    }
    list.parse().ok()
}

/// `vendor` or `tenant@vendor`.
fn is_key(key: &str) -> bool {
    let allowed =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    key.len() <= 256
        && key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && key.bytes().all(allowed)
        && key.matches('@').count() <= 1
}

/// Printable, without comma and equals sign, no blank at the end.
fn is_value(value: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(allowed) && !value.ends_with(' ')
}

#[cfg(test)]
mod tests;
