//! Errors with their place.

use granit_parser::{ErrorKind, Marker, ScanError};

use crate::tree::read::{Reason, Unreadable, place};

/// Line and column, where known.
#[derive(Clone, Copy, Default)]
pub(super) struct At(pub(super) Option<(u32, u32)>);

impl At {
    pub(super) fn of(marker: &Marker) -> Self {
        Self(place(marker.line(), marker.col() + 1))
    }
}

pub(super) fn refused(reason: Reason, At(at): At) -> Unreadable {
    Unreadable { reason, at }
}

pub(super) fn failed(message: &str, at: At) -> Unreadable {
    refused(Reason::Syntax(message.to_owned()), at)
}

pub(super) fn of_parser(error: &ScanError) -> Unreadable {
    let at = At::of(error.marker());
    match error.kind() {
        ErrorKind::UnknownAnchor => failed("an alias without an anchor", at),
        ErrorKind::RecursionLimitExceeded => refused(Reason::Limit, at),
        // The parser's messages are fixed texts.
        _ => failed(&error.info(), at),
    }
}
