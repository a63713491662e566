//! How much a text may ask for: aliases make much of little.

use super::failure::{At, refused};
use crate::tree::read::{Reason, Unreadable};
use crate::tree::{Entry, Node};

/// Lists and maps within each other.
const MAX_DEPTH: usize = 64;

/// Nodes and bytes that are left to a text.
#[derive(Clone, Copy)]
pub(in crate::tree) struct Budget {
    /// Scalars, keys, lists, maps and documents, those of aliases counted at every place.
    nodes: usize,
    /// Text of scalars and keys, counted likewise.
    bytes: usize,
}

impl Budget {
    /// For what a caller sends: a body or a kubeconfig. One of these takes a microsecond or two to read, and each is read up to three
    /// times.
    pub(in crate::tree) const REQUEST: Self = Self {
        nodes: 10_000,
        bytes: 1024 * 1024,
    };
    /// For a file of the repository: the list of 40,000 clusters, which is as large as a file may be.
    pub(in crate::tree) const FILE: Self = Self {
        nodes: 50_000,
        bytes: 4 * 1024 * 1024,
    };

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

/// Nodes and bytes that a value costs.
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
