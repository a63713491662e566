//! The Table format: what `kubectl get` prints. Columns are those of definitions; built-in kinds have few.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

mod jsonpath;

/// A column of a resource's table.
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// Heading.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub kind: String,
    /// Above 0: only with `-o wide`.
    pub priority: i64,
    /// JSONPath of the content, such as `.status.health.status`.
    pub path: String,
}

impl TableColumn {
    fn new(name: &str, kind: &str, path: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            priority: 0,
            path: path.to_owned(),
        }
    }

    fn definition(&self) -> Value {
        let format = if self.name == "Name" { "name" } else { "" };
        json!({
            "name": self.name, "type": self.kind, "format": format, "description": "", "priority": self.priority,
        })
    }

    fn cell(&self, object: &Value) -> Value {
        match jsonpath::find(object, &self.path) {
            Some(Value::String(time)) if self.kind == "date" => age(time).into(),
            Some(nested @ (Value::Object(_) | Value::Array(_))) => nested.to_string().into(),
            scalar => scalar.cloned().unwrap_or_default(),
        }
    }
}

fn age_column() -> TableColumn {
    TableColumn::new("Age", "date", ".metadata.creationTimestamp")
}

/// Columns of a definition's version; AGE where it declares none.
pub fn custom_columns(version: &Value) -> Vec<TableColumn> {
    let declared = crate::object::list(version, "/additionalPrinterColumns");
    let column = |column: &Value| {
        let text = |name: &str| crate::object::text(column, &format!("/{name}"));
        let priority = column.get("priority").and_then(Value::as_i64);
        TableColumn {
            priority: priority.unwrap_or_default(),
            ..TableColumn::new(text("name"), text("type"), text("jsonPath"))
        }
    };
    if declared.is_empty() {
        vec![age_column()]
    } else {
        declared.iter().map(column).collect()
    }
}

/// Columns of a built-in resource, by plural name.
pub fn builtin_columns(plural: &str) -> Vec<TableColumn> {
    let mut columns = match plural {
        "events" => vec![
            TableColumn::new("Type", "string", ".type"),
            TableColumn::new("Reason", "string", ".reason"),
            TableColumn::new("Message", "string", ".message"),
        ],
        "secrets" => vec![TableColumn::new("Type", "string", ".type")],
        "namespaces" | "pods" => vec![TableColumn::new("Status", "string", ".status.phase")],
        "jobs" => vec![TableColumn::new(
            "Succeeded",
            "integer",
            ".status.succeeded",
        )],
        _ => Vec::new(),
    };
    columns.push(age_column());
    columns
}

/// Part of each object that a row carries (`includeObject`).
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

/// A Table of the objects; `metadata` is the list's.
pub fn table(
    columns: &[TableColumn],
    objects: &[&Value],
    metadata: Value,
    include: IncludeObject,
    with_header: bool,
) -> Value {
    let name = TableColumn::new("Name", "string", ".metadata.name");
    let columns: Vec<&TableColumn> = std::iter::once(&name).chain(columns).collect();
    let definitions: Vec<Value> = columns.iter().map(|column| column.definition()).collect();
    let row = |object: &&Value| {
        let cells: Vec<Value> = columns.iter().map(|column| column.cell(object)).collect();
        match include {
            IncludeObject::None => json!({ "cells": cells }),
            IncludeObject::Object => json!({ "cells": cells, "object": object }),
            IncludeObject::Metadata => {
                json!({ "cells": cells, "object": partial_metadata(object) })
            }
        }
    };
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": if with_header { Value::Array(definitions) } else { Value::Null },
        "rows": objects.iter().map(row).collect::<Vec<_>>(),
    })
}

/// The object as PartialObjectMetadata.
pub fn partial_metadata(object: &Value) -> Value {
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.get("metadata") })
}

/// Time since `timestamp` (RFC 3339) in its largest unit, such as `5m`.
fn age(timestamp: &str) -> String {
    let Ok(then) = OffsetDateTime::parse(timestamp, &Rfc3339) else {
        return "<unknown>".into();
    };
    let seconds = (OffsetDateTime::now_utc() - then).whole_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..10_800 => format!("{}m", seconds / 60),
        10_800..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
