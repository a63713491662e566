//! Values that aliases repeat.

use std::collections::BTreeMap;

use super::budget::{Budget, Size};
use super::failure::{At, failed};
use super::scalar::Scalar;
use crate::tree::Node;
use crate::tree::read::Unreadable;

/// The values of the document's anchors by the parser's numbers, of which 0 is none.
pub(super) struct Anchors<'t> {
    values: BTreeMap<usize, Anchored<'t>>,
    /// For the copies that are kept here.
    budget: Budget,
}

pub(super) enum Anchored<'t> {
    /// Unresolved: as a key it is taken as it is written.
    Scalar(Scalar<'t>),
    Collection(Node, Size),
}

impl<'t> Anchors<'t> {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            values: BTreeMap::new(),
            budget,
        }
    }

    pub(super) fn define_scalar(
        &mut self,
        anchor: usize,
        scalar: &Scalar<'t>,
        at: At,
    ) -> Result<(), Unreadable> {
        if anchor != 0 {
            self.budget.spend(1, scalar.text.len(), at)?;
            let value = Anchored::Scalar(scalar.clone());
            self.values.insert(anchor, value);
        }
        Ok(())
    }

    pub(super) fn define(&mut self, anchor: usize, node: &Node, at: At) -> Result<(), Unreadable> {
        if anchor != 0 {
            let size = Size::of(node);
            self.budget.spend(size.nodes, size.bytes, at)?;
            let value = Anchored::Collection(node.clone(), size);
            self.values.insert(anchor, value);
        }
        Ok(())
    }

    pub(super) fn get(&self, anchor: usize, at: At) -> Result<&Anchored<'t>, Unreadable> {
        // The parser knows the anchor, so its value is not complete.
        let value = self.values.get(&anchor);
        value.ok_or_else(|| failed("an alias within its own anchor", at))
    }
}
