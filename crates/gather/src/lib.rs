//! Collecting into ordered sets and maps with little code.
//!
//! To collect into a `BTreeMap` or `BTreeSet` the standard library sorts everything first and builds the whole tree from
//! that. Fast for many entries, it takes 4 KiB of code for every type: a twelfth of a component whose sets have a few
//! dozen entries.

/// [`Gather::gather`] for every iterator.
pub trait Gather: Iterator + Sized {
    /// Collects like `collect`, entry by entry. Of equal keys the last one counts.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::Gather as _;

    #[test]
    fn it_is_what_collect_makes() {
        let entries = [("b", 1), ("a", 2), ("b", 3)];
        let map: BTreeMap<&str, u8> = entries.into_iter().gather();
        assert_eq!(map, entries.into_iter().collect());
        let set: BTreeSet<u8> = [3, 1, 3].into_iter().gather();
        assert_eq!(set, BTreeSet::from([1, 3]));
    }
}
