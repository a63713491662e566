//! How much a text may ask for: aliases make much of little.

use super::failure::{At, refused};
use crate::tree::read::{Reason, Unreadable};
use crate::tree::{Entry, Node};

/// Lists and maps within each other.
const MAX_DEPTH: usize = 64;
/// Scalars, keys, lists and maps, those of aliases counted at every place.
const MAX_NODES: usize = 250_000;
/// Text of scalars and keys, counted likewise.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What is left.
pub(super) struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            nodes: MAX_NODES,
            bytes: MAX_BYTES,
        }
    }
}

impl Budget {
    pub(super) fn spend(&mut self, nodes: usize, bytes: usize, at: At) -> Result<(), Unreadable> {
        let left = (self.nodes.checked_sub(nodes), self.bytes.checked_sub(bytes));
        let (Some(nodes), Some(bytes)) = left else {
            return Err(refused(Reason::Limit, at));
        };
        *self = Self { nodes, bytes };
        Ok(())
    }
}

pub(super) fn check_depth(depth: usize, at: At) -> Result<(), Unreadable> {
    if depth > MAX_DEPTH {
        return Err(refused(Reason::Limit, at));
    }
    Ok(())
}

/// What a value costs.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub nodes: usize,
    pub bytes: usize,
    pub depth: usize,
}

impl Size {
    pub(super) fn of(node: &Node) -> Self {
        let mut size = match node {
            Node::Text(text) => Self {
                bytes: text.len(),
                ..Self::default()
            },
            Node::List(items) => items.iter().map(Self::of).fold(INNER, Self::with),
            Node::Map(entries) => entries.iter().map(Self::of_entry).fold(INNER, Self::with),
            _ => Self::default(),
        };
        size.nodes += 1;
        size
    }

    fn of_entry(entry: &Entry) -> Self {
        let size = Self::of(&entry.value);
        Self {
            nodes: size.nodes + 1,
            bytes: size.bytes + entry.key.len(),
            ..size
        }
    }

    fn with(self, item: Self) -> Self {
        Self {
            nodes: self.nodes + item.nodes,
            bytes: self.bytes + item.bytes,
            depth: self.depth.max(item.depth + 1),
        }
    }
}

/// An empty list or map.
const INNER: Size = Size {
    nodes: 0,
    bytes: 0,
    depth: 1,
};
