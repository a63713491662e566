//! The entries of `managedFields`, decoded.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::fields::{self, FieldSet};

/// How a manager writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Server-side apply.
    Apply,
    /// Everything else.
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// Who an entry belongs to. An applier is the same one whatever version it applies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Manager {
    /// Name: `fieldManager`, or the start of the user agent.
    pub name: String,
    /// How it writes.
    pub operation: Operation,
    /// `apiVersion` it writes; empty for appliers.
    pub api_version: String,
    /// Subresource it writes through.
    pub subresource: String,
}

/// What a manager owns.
#[derive(Debug, Clone, PartialEq)]
pub struct Owned {
    /// Its fields.
    pub set: FieldSet,
    /// Version the fields are of.
    pub api_version: String,
    /// Last change, RFC 3339.
    pub time: Option<String>,
}

/// All managers of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Managers(pub BTreeMap<Manager, Owned>);

impl Managers {
    /// Reads `metadata.managedFields`; an error where any entry makes no sense.
    pub fn decode(object: &Value) -> Result<Self, String> {
        let entries = object
            .pointer("/metadata/managedFields")
            .and_then(Value::as_array);
        let mut managers = Self::default();
        for entry in entries.map(Vec::as_slice).unwrap_or_default() {
            let (manager, owned) = decode_entry(entry)?;
            managers.0.insert(manager, owned);
        }
        Ok(managers)
    }

    /// As `metadata.managedFields`, in the order the API server uses.
    pub fn encode(&self) -> Vec<Value> {
        let mut entries: Vec<_> = self.0.iter().collect();
        entries.sort_by_key(|(manager, owned)| {
            (
                manager.operation,
                owned.time.clone().unwrap_or_default(),
                manager.name.clone(),
                (*manager).clone(),
            )
        });
        entries
            .into_iter()
            .map(|(manager, owned)| encode_entry(manager, owned))
            .collect()
    }

    /// Writes the entries into the object.
    pub fn store(&self, object: &mut Value) {
        let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        if self.0.is_empty() {
            metadata.remove("managedFields");
        } else {
            metadata.insert("managedFields".into(), Value::Array(self.encode()));
        }
    }

    /// The managers an update starts from: those in the request where they make sense (clients may edit
    /// them), none where the request resets them with `[{}]`, else the stored ones.
    pub fn of_request(live: Option<&Value>, new: &Value) -> Self {
        let requested = new.pointer("/metadata/managedFields");
        if requested.is_some_and(|list| *list == json!([{}])) {
            return Self::default();
        }
        match Self::decode(new) {
            Ok(managers) if !managers.0.is_empty() => managers,
            _ => live
                .and_then(|live| Self::decode(live).ok())
                .unwrap_or_default(),
        }
    }

    pub(super) fn drop_empty(&mut self) {
        self.0.retain(|_, owned| !owned.set.is_empty());
    }

    /// Takes the fields away from everyone but `except`.
    pub(super) fn release(&mut self, fields: &FieldSet, except: &Manager) {
        for (_, owned) in self.0.iter_mut().filter(|(manager, _)| *manager != except) {
            owned.set = owned.set.difference(fields);
        }
    }
}

fn decode_entry(entry: &Value) -> Result<(Manager, Owned), String> {
    let text = |name: &str| {
        entry
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let operation = match text("operation").as_str() {
        "Apply" => Operation::Apply,
        "Update" => Operation::Update,
        _ => return Err("operation must be `Apply` or `Update`".into()),
    };
    let api_version = text("apiVersion");
    if api_version.is_empty() {
        return Err("apiVersion must not be empty".into());
    }
    if text("fieldsType") != "FieldsV1" {
        return Err("fieldsType must be FieldsV1".into());
    }
    let set = entry
        .get("fieldsV1")
        .map(fields::decode)
        .transpose()?
        .unwrap_or_default();
    let own_version = if operation == Operation::Apply {
        String::new()
    } else {
        api_version.clone()
    };
    let manager = Manager {
        name: text("manager"),
        operation,
        api_version: own_version,
        subresource: text("subresource"),
    };
    let time = entry.get("time").and_then(Value::as_str).map(str::to_owned);
    Ok((
        manager,
        Owned {
            set,
            api_version,
            time,
        },
    ))
}

fn encode_entry(manager: &Manager, owned: &Owned) -> Value {
    let mut entry = json!({
        "manager": manager.name, "operation": manager.operation.as_str(), "apiVersion": owned.api_version,
        "fieldsType": "FieldsV1", "fieldsV1": fields::encode(&owned.set),
    });
    if let Some(map) = entry.as_object_mut() {
        if !manager.subresource.is_empty() {
            map.insert("subresource".into(), manager.subresource.clone().into());
        }
        if let Some(time) = &owned.time {
            map.insert("time".into(), time.clone().into());
        }
    }
    entry
}
