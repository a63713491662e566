//! A compact notation for the built-in kinds' schemas.
//!
//! ```text
//! Container                      a type starts at the margin; attributes may follow
//!   name string !                a field: name, type, attributes; `!` is required
//!   ports []ContainerPort map=containerPort,protocol patch=containerPort
//!   env []EnvVar map=name        lists: `map=` keys, `set`, else atomic; `patch=` defaults to the first key
//!   labels {string}              a map; `atomic` makes it one unit of ownership
//!   kind string ="kubernetes"    a default, as JSON without spaces
//!   image string #2              protobuf: field 2; `#1.2`: field 2 of field 1; `#2*`: a pointer in Go
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Kind, ListType, Schema, Tag, compile_pattern};

/// Named types read from the notation.
#[derive(Debug, Default)]
pub struct TypeLibrary {
    types: BTreeMap<String, Arc<Schema>>,
}

impl TypeLibrary {
    /// Reads types. A type may refer only to types above it or read before.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let mut current: Option<(String, Schema)> = None;
        for line in text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        {
            if let Some(field) = line.strip_prefix("  ") {
                let (_, schema) = current
                    .as_mut()
                    .ok_or_else(|| format!("field outside a type: {line}"))?;
                self.read_field(schema, field)?;
            } else {
                self.finish(current.take());
                current = Some(header(line));
            }
        }
        self.finish(current);
        Ok(())
    }

    fn finish(&mut self, current: Option<(String, Schema)>) {
        if let Some((name, schema)) = current {
            self.types.insert(name, Arc::new(schema));
        }
    }

    /// The type of that name.
    pub fn get(&self, name: &str) -> Result<Arc<Schema>, String> {
        self.types
            .get(name)
            .cloned()
            .ok_or_else(|| format!("no type named {name}"))
    }

    fn read_field(&self, owner: &mut Schema, line: &str) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let (Some(name), Some(type_name)) = (words.next(), words.next()) else {
            return Err(format!("a field needs a name and a type: {line}"));
        };
        let mut schema = self.resolve(type_name)?;
        for word in words {
            if word == "!" {
                owner.required.push(name.to_owned());
            } else if let Some(tag) = word.strip_prefix('#') {
                let tag = Tag::parse(tag).ok_or_else(|| format!("not a field number: {word}"))?;
                owner.tags.insert(name.to_owned(), tag);
            } else {
                attribute(&mut schema, word)?;
            }
        }
        owner.properties.insert(name.to_owned(), Arc::new(schema));
        Ok(())
    }

    fn resolve(&self, name: &str) -> Result<Schema, String> {
        if let Some(element) = name.strip_prefix("[]") {
            let items = Some(Arc::new(self.resolve(element)?));
            return Ok(Schema {
                items,
                ..Schema::of(Kind::Array)
            });
        }
        if let Some(element) = name
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            let additional = Some(Arc::new(self.resolve(element)?));
            return Ok(Schema {
                additional,
                ..Schema::of(Kind::Object)
            });
        }
        if let Some(schema) = scalar(name) {
            return Ok(schema);
        }
        Ok(self.get(name)?.as_ref().clone())
    }
}

fn header(line: &str) -> (String, Schema) {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default().to_owned();
    let mut schema = Schema::of(Kind::Object);
    for word in words {
        match word {
            "atomic" => schema.atomic_map = true,
            "open" => schema.preserve_unknown = true,
            _ => {}
        }
    }
    (name, schema)
}

fn scalar(name: &str) -> Option<Schema> {
    let with_format = |kind, format: &str| Schema {
        format: Some(format.to_owned()),
        ..Schema::of(kind)
    };
    Some(match name {
        "string" => Schema::of(Kind::String),
        "bool" => Schema::of(Kind::Boolean),
        "number" => Schema::of(Kind::Number),
        "int32" | "int64" => with_format(Kind::Integer, name),
        "time" => with_format(Kind::String, "date-time"),
        "bytes" => with_format(Kind::String, "byte"),
        "intstr" | "quantity" => Schema {
            int_or_string: name == "intstr",
            ..Schema::default()
        },
        "object" => Schema {
            preserve_unknown: true,
            ..Schema::of(Kind::Object)
        },
        "embedded" => Schema {
            preserve_unknown: true,
            embedded: true,
            ..Schema::of(Kind::Object)
        },
        "any" => Schema::any(),
        _ => return None,
    })
}

fn attribute(schema: &mut Schema, word: &str) -> Result<(), String> {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    let number = || {
        value
            .parse::<f64>()
            .map_err(|_| format!("not a number: {word}"))
    };
    match name {
        "" => {
            schema.default =
                Some(serde_json::from_str(value).map_err(|error| format!("{word}: {error}"))?)
        }
        "atomic" => schema.atomic_map = true,
        "nullable" => schema.nullable = true,
        "set" => schema.list_type = ListType::Set,
        "map" => {
            let keys: Vec<String> = value.split(',').map(str::to_owned).collect();
            schema.patch_key = keys.first().cloned();
            schema.list_type = ListType::Map(keys);
        }
        "patch" => schema.patch_key = Some(value.to_owned()),
        "enum" => {
            schema.enumeration = value
                .split('|')
                .map(|choice| json!(choice))
                .collect::<Vec<Value>>()
        }
        "min" => schema.minimum = Some(number()?),
        "max" => schema.maximum = Some(number()?),
        "minlen" => schema.min_length = Some(number()? as u64),
        "minitems" => schema.min_items = Some(number()? as u64),
        "pattern" => schema.pattern = Some(compile_pattern(value)?),
        _ => return Err(format!("unknown attribute {word}")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::to_json;
    use super::*;

    #[test]
    fn reads_types_that_refer_to_each_other() {
        let mut library = TypeLibrary::default();
        library.read("Port\n  number int32 ! min=1\n  protocol string =\"TCP\"\nPod\n  ports []Port map=number,protocol\n").unwrap();
        let schema = to_json(&library.get("Pod").unwrap());
        let ports = &schema["properties"]["ports"];
        assert_eq!(
            ports["x-kubernetes-list-map-keys"],
            json!(["number", "protocol"])
        );
        assert_eq!(ports["x-kubernetes-patch-merge-key"], "number");
        assert_eq!(ports["items"]["required"], json!(["number"]));
        assert_eq!(ports["items"]["properties"]["protocol"]["default"], "TCP");
    }

    #[test]
    fn names_what_it_cannot_read() {
        let mut library = TypeLibrary::default();
        assert!(
            library
                .read("Pod\n  a Missing\n")
                .unwrap_err()
                .contains("Missing")
        );
        assert!(
            library
                .read("Pod\n  a string unheard\n")
                .unwrap_err()
                .contains("unheard")
        );
    }
}
