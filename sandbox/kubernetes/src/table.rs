//! The Table format: what `kubectl get` prints.

use serde_json::{Value, json};

mod age;
mod builtin;
mod jsonpath;

pub use age::{age, age_between};
pub use builtin::builtin_columns;

/// A column of a resource's table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub kind: String,
    /// Format, mostly empty.
    pub format: String,
    /// Text for `kubectl explain`-like tools.
    pub description: String,
    /// Above 0: only with `-o wide`.
    pub priority: i64,
    /// Where the content comes from.
    pub cell: Cell,
}

/// Source of a cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// JSONPath of a CustomResourceDefinition, such as `.status.health.status`.
    Path(String),
    /// Computed.
    Computed(fn(&Value) -> Value),
}

impl Column {
    fn definition(&self) -> Value {
        json!({
            "name": self.name, "type": self.kind, "format": self.format,
            "description": self.description, "priority": self.priority,
        })
    }

    fn cell(&self, object: &Value) -> Value {
        match &self.cell {
            Cell::Computed(compute) => compute(object),
            Cell::Path(path) => {
                let found = jsonpath::find(object, path);
                if self.kind == "date" {
                    date_cell(found)
                } else {
                    plain_cell(found)
                }
            }
        }
    }
}

fn date_cell(value: Option<&Value>) -> Value {
    value
        .and_then(Value::as_str)
        .map_or(Value::Null, |time| age(time).into())
}

fn plain_cell(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => Value::Null,
        Some(nested @ (Value::Object(_) | Value::Array(_))) => nested.to_string().into(),
        Some(scalar) => scalar.clone(),
    }
}

/// Columns of a definition's version; AGE where it declares none.
pub fn custom_columns(version: &Value) -> Vec<Column> {
    let declared = version
        .get("additionalPrinterColumns")
        .and_then(Value::as_array);
    let columns: Vec<Column> = declared
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(custom_column)
        .collect();
    if columns.is_empty() {
        vec![age_column()]
    } else {
        columns
    }
}

fn custom_column(column: &Value) -> Column {
    let text = |name: &str| {
        column
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Column {
        name: text("name"),
        kind: text("type"),
        format: text("format"),
        description: text("description"),
        priority: column
            .get("priority")
            .and_then(Value::as_i64)
            .unwrap_or_default(),
        cell: Cell::Path(text("jsonPath")),
    }
}

fn age_column() -> Column {
    custom_column(
        &json!({ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }),
    )
}

/// How much of each object a row carries (`includeObject`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncludeObject {
    /// Metadata only.
    #[default]
    Metadata,
    /// Everything.
    Object,
    /// Nothing.
    None,
}

/// A Table of the objects; `metadata` is the list's. NAME comes first where the columns have none of their own.
pub fn table(
    columns: &[Column],
    objects: &[&Value],
    metadata: Value,
    include: IncludeObject,
    with_header: bool,
) -> Value {
    let name = name_column();
    let has_own_name = columns.iter().any(|column| column.name == name.name);
    let columns: Vec<&Column> = (!has_own_name)
        .then_some(&name)
        .into_iter()
        .chain(columns)
        .collect();
    let definitions: Vec<Value> = columns.iter().map(|column| column.definition()).collect();
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| row(&columns, object, include))
        .collect();
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": if with_header { Value::Array(definitions) } else { Value::Null },
        "rows": rows,
    })
}

fn name_column() -> Column {
    Column {
        name: "Name".into(),
        kind: "string".into(),
        format: "name".into(),
        description: "Name of the object.".into(),
        priority: 0,
        cell: Cell::Path(".metadata.name".into()),
    }
}

fn row(columns: &[&Column], object: &Value, include: IncludeObject) -> Value {
    let cells: Vec<Value> = columns.iter().map(|column| column.cell(object)).collect();
    let mut row = json!({ "cells": cells });
    let included = match include {
        IncludeObject::None => None,
        IncludeObject::Object => Some(object.clone()),
        IncludeObject::Metadata => Some(partial_metadata(object)),
    };
    if let (Some(map), Some(object)) = (row.as_object_mut(), included) {
        map.insert("object".into(), object);
    }
    row
}

/// The object as PartialObjectMetadata.
pub fn partial_metadata(object: &Value) -> Value {
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.get("metadata") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_columns_read_their_paths() {
        let version = json!({"additionalPrinterColumns": [
            {"name": "Sync Status", "type": "string", "jsonPath": ".status.sync.status"}]});
        let object = json!({"metadata": {"name": "a"}, "status": {"sync": {"status": "Synced"}}});
        let table = table(
            &custom_columns(&version),
            &[&object],
            json!({}),
            IncludeObject::None,
            true,
        );
        assert_eq!(table["rows"], json!([{"cells": ["a", "Synced"]}]));
        assert_eq!(table["columnDefinitions"][1]["name"], "Sync Status");
    }
}
