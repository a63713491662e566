//! Merge keys: `<<: *base` adds the entries of another map, or of a list of maps.

use std::collections::BTreeSet;

use crate::tree::read::Reason;
use crate::tree::{Entry, Node};

/// The maps that one map merges, the first one first.
#[derive(Default)]
pub(super) struct Merged(Vec<Vec<Entry>>);

impl Merged {
    /// Adds the value of a merge key.
    pub(super) fn add(&mut self, value: Node) -> Result<(), Reason> {
        match value {
            Node::Null => Ok(()),
            Node::Map(entries) => {
                self.0.push(entries);
                Ok(())
            }
            Node::List(items) => items.into_iter().try_for_each(|item| self.add(item)),
            _ => Err(Reason::Syntax(
                "a merge key whose value is neither a map nor a list of maps".to_owned(),
            )),
        }
    }

    /// The entries to add to a map that has some keys: those of earlier maps before those of later ones.
    pub(super) fn entries(self, mut seen: BTreeSet<String>) -> Vec<Entry> {
        let mut added = Vec::new();
        for entries in self.0 {
            let start = added.len();
            // Within one map the last one of equal keys counts.
            for entry in entries.into_iter().rev() {
                if seen.insert(entry.key.clone()) {
                    added.push(Entry {
                        repetition: None,
                        ..entry
                    });
                }
            }
            if let Some(of_this_map) = added.get_mut(start..) {
                of_this_map.reverse();
            }
        }
        added
    }
}
