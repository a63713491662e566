//! Sets of paths as a tree: at each level the members themselves and the sets below.

use std::collections::{BTreeMap, BTreeSet};

use super::{Element, Path};
use crate::schema::Schema;

/// A set of field paths. A path can be a member without its parents or children being members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet {
    /// Paths of one step.
    pub members: BTreeSet<Element>,
    /// Longer paths, by their first step; never holds an empty set.
    pub children: BTreeMap<Element, FieldSet>,
}

impl FieldSet {
    /// True without any path.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.is_empty()
    }

    /// Adds a path; the empty path is no field and is left out.
    pub fn insert(&mut self, path: &[Element]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Removes a path and everything below it.
    pub fn remove_below(&mut self, path: &[Element]) {
        match path {
            [] => {}
            [last] => {
                self.members.remove(last);
                self.children.remove(last);
            }
            [first, rest @ ..] => {
                if let Some(child) = self.children.get_mut(first) {
                    child.remove_below(rest);
                    if child.is_empty() {
                        self.children.remove(first);
                    }
                }
            }
        }
    }

    /// Keeps only what lies at or below `path`.
    pub fn keep_below(&self, path: &[Element]) -> FieldSet {
        let mut kept = FieldSet::default();
        match path {
            [] => return self.clone(),
            [last] => {
                if self.members.contains(last) {
                    kept.members.insert(last.clone());
                }
                if let Some(child) = self.children.get(last) {
                    kept.children.insert(last.clone(), child.clone());
                }
            }
            [first, rest @ ..] => {
                if let Some(child) = self.children.get(first).map(|child| child.keep_below(rest))
                    && !child.is_empty()
                {
                    kept.children.insert(first.clone(), child);
                }
            }
        }
        kept
    }

    /// Paths in either.
    pub fn union(&self, other: &FieldSet) -> FieldSet {
        let mut result = self.clone();
        result.members.extend(other.members.iter().cloned());
        for (element, child) in &other.children {
            let merged = self
                .children
                .get(element)
                .map_or_else(|| child.clone(), |own| own.union(child));
            result.children.insert(element.clone(), merged);
        }
        result
    }

    /// Paths in both.
    pub fn intersection(&self, other: &FieldSet) -> FieldSet {
        let children = self.children.iter().filter_map(|(element, own)| {
            let both = own.intersection(other.children.get(element)?);
            (!both.is_empty()).then(|| (element.clone(), both))
        });
        FieldSet {
            children: children.collect(),
            members: self.members.intersection(&other.members).cloned().collect(),
        }
    }

    /// Paths here that are not in `other`.
    pub fn difference(&self, other: &FieldSet) -> FieldSet {
        let children = self.children.iter().filter_map(|(element, own)| {
            let rest = other
                .children
                .get(element)
                .map_or_else(|| own.clone(), |theirs| own.difference(theirs));
            (!rest.is_empty()).then(|| (element.clone(), rest))
        });
        FieldSet {
            children: children.collect(),
            members: self.members.difference(&other.members).cloned().collect(),
        }
    }

    /// Adds, as members, the declared fields that paths lead through, so that they can be removed once empty.
    pub fn with_declared_parents(&self, schema: Option<&Schema>) -> FieldSet {
        let mut result = FieldSet {
            members: self.members.clone(),
            ..FieldSet::default()
        };
        for (element, child) in &self.children {
            if let Element::Field(name) = element
                && schema.is_some_and(|schema| schema.properties.contains_key(name))
            {
                result.members.insert(element.clone());
            }
            let below = child.with_declared_parents(schema_below(schema, element));
            result.children.insert(element.clone(), below);
        }
        result
    }

    /// Every path, parents before children.
    pub fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, prefix: &mut Vec<Element>, paths: &mut Vec<Path>) {
        let elements: BTreeSet<&Element> =
            self.members.iter().chain(self.children.keys()).collect();
        for element in elements {
            prefix.push(element.clone());
            if self.members.contains(element) {
                paths.push(Path(prefix.clone()));
            }
            if let Some(child) = self.children.get(element) {
                child.collect(prefix, paths);
            }
            prefix.pop();
        }
    }
}

fn schema_below<'a>(schema: Option<&'a Schema>, element: &Element) -> Option<&'a Schema> {
    match element {
        Element::Field(name) => schema?.field(name).map(AsRef::as_ref),
        _ => schema?.items.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> FieldSet {
        let mut set = FieldSet::default();
        for path in paths {
            set.insert(&path.split('.').map(Element::field).collect::<Vec<_>>());
        }
        set
    }

    fn shown(set: &FieldSet) -> Vec<String> {
        set.paths().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn algebra() {
        let left = set(&["a", "a.b", "c.d"]);
        let right = set(&["a.b", "c.e"]);
        assert_eq!(shown(&left.union(&right)), [".a", ".a.b", ".c.d", ".c.e"]);
        assert_eq!(shown(&left.intersection(&right)), [".a.b"]);
        assert_eq!(shown(&left.difference(&right)), [".a", ".c.d"]);
        assert!(left.difference(&left).is_empty());
    }

    #[test]
    fn keeps_and_removes_subtrees() {
        let mut all = set(&["status.a", "status", "spec.b"]);
        assert_eq!(
            shown(&all.keep_below(&[Element::field("status")])),
            [".status", ".status.a"]
        );
        all.remove_below(&[Element::field("status")]);
        assert_eq!(shown(&all), [".spec.b"]);
    }
}
