//! What changed between two values, as sets of fields.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{descend, field_schema, is_associative, item_schema, list};
use crate::fields::{Element, FieldSet};
use crate::schema::Schema;

/// Fields that differ.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Only in the new value.
    pub added: FieldSet,
    /// In both, with different content.
    pub modified: FieldSet,
    /// Only in the old value.
    pub removed: FieldSet,
}

impl Comparison {
    /// Fields whose new content someone has just set.
    pub fn set(&self) -> FieldSet {
        self.added.union(&self.modified)
    }
}

/// Compares two values of one schema.
pub fn compare(old: &Value, new: &Value, schema: Option<&Schema>) -> Comparison {
    let mut comparison = Comparison::default();
    walk(
        Some(old),
        Some(new),
        schema,
        &mut Vec::new(),
        &mut comparison,
    );
    comparison
}

type Side<'a> = Option<&'a Value>;

fn walk(
    old: Side<'_>,
    new: Side<'_>,
    schema: Option<&Schema>,
    path: &mut Vec<Element>,
    out: &mut Comparison,
) {
    let is_leaf = match (old, new) {
        (None, None) => return,
        (Some(old), Some(new)) if kind(old, schema) != kind(new, schema) => true,
        (Some(one), _) | (None, Some(one)) => {
            kind(one, schema) == Kind::Leaf || (is_empty(old) && is_empty(new))
        }
    };
    match (old, new) {
        (Some(old), Some(new)) if is_leaf && old != new => out.modified.insert(path),
        (None, Some(_)) => out.added.insert(path),
        (Some(_), None) => out.removed.insert(path),
        _ => {}
    }
    if is_leaf {
        return;
    }
    let one = old.or(new);
    if one.is_some_and(Value::is_object) {
        for name in field_names(old, new) {
            let sides = (
                old.and_then(|old| old.get(name)),
                new.and_then(|new| new.get(name)),
            );
            let below = field_schema(schema, name);
            descend(path, Element::field(name), |path| {
                walk(sides.0, sides.1, below, path, out)
            });
        }
    } else {
        walk_list(old, new, schema, path, out);
    }
}

fn walk_list(
    old: Side<'_>,
    new: Side<'_>,
    schema: Option<&Schema>,
    path: &mut Vec<Element>,
    out: &mut Comparison,
) {
    let old: BTreeMap<Element, &Value> = list::elements(as_list(old), schema).into_iter().collect();
    let new: BTreeMap<Element, &Value> = list::elements(as_list(new), schema).into_iter().collect();
    let all: BTreeSet<&Element> = old.keys().chain(new.keys()).collect();
    for element in all {
        let sides = (old.get(element).copied(), new.get(element).copied());
        descend(path, element.clone(), |path| {
            walk(sides.0, sides.1, item_schema(schema), path, out)
        });
    }
}

#[derive(PartialEq)]
enum Kind {
    Leaf,
    Map,
    List,
}

fn kind(value: &Value, schema: Option<&Schema>) -> Kind {
    match value {
        Value::Object(_) if !schema.is_some_and(|schema| schema.atomic_map) => Kind::Map,
        Value::Array(_) if is_associative(schema) => Kind::List,
        _ => Kind::Leaf,
    }
}

fn is_empty(side: Side<'_>) -> bool {
    match side {
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
        None => true,
    }
}

fn field_names<'a>(old: Side<'a>, new: Side<'a>) -> BTreeSet<&'a String> {
    let names = |side: Side<'a>| {
        side.and_then(Value::as_object)
            .into_iter()
            .flat_map(|map| map.keys())
    };
    names(old).chain(names(new)).collect()
}

fn as_list(side: Side<'_>) -> &[Value] {
    side.and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(set: &FieldSet) -> Vec<String> {
        set.paths().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tells_added_modified_and_removed_apart() {
        let old = json!({"a": 1, "b": {"c": 1, "d": 2}, "e": [1]});
        let new = json!({"a": 2, "b": {"c": 1}, "e": [1, 2], "f": {"g": 1}});
        let comparison = compare(&old, &new, None);
        assert_eq!(shown(&comparison.modified), [".a", ".e"]);
        assert_eq!(shown(&comparison.removed), [".b.d"]);
        assert_eq!(shown(&comparison.added), [".f", ".f.g"]);
    }

    #[test]
    fn a_value_that_becomes_a_map_is_modified() {
        assert_eq!(
            shown(&compare(&json!({"a": 1}), &json!({"a": {"b": 1}}), None).modified),
            [".a"]
        );
    }
}
