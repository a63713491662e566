//! A value together with where it stands, so that every error can say so.

use serde_json::{Map, Value};

use super::CatalogError;

/// A value of the catalog.
pub struct Node<'a> {
    place: String,
    value: &'a Value,
}

/// An object whose keys are all known.
pub struct Fields<'a> {
    place: String,
    map: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    pub fn new(place: &str, value: &'a Value) -> Self {
        let place = place.to_owned();
        Self { place, value }
    }

    /// The same value, told by its own name, or by its number where it has none.
    pub fn called(self, what: &str, index: usize) -> Self {
        let place = match self.value.get("name").and_then(Value::as_str) {
            Some(name) => format!("{what} {name}"),
            None => format!("{what} number {}", index + 1),
        };
        Self { place, ..self }
    }

    pub fn error(&self, rule: &str) -> CatalogError {
        let (place, rule) = (self.place.clone(), rule.to_owned());
        CatalogError { place, rule }
    }

    pub fn child(&self, name: &str, value: &'a Value) -> Self {
        Self::new(&join(&self.place, name), value)
    }

    pub fn object(&self) -> Result<&'a Map<String, Value>, CatalogError> {
        self.value
            .as_object()
            .ok_or_else(|| self.error("must be a mapping"))
    }

    /// The value as an object that has no other keys than these.
    pub fn fields(&self, known: &[&str]) -> Result<Fields<'a>, CatalogError> {
        let map = self.object()?;
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => {
                let rule = format!(
                    "has an unknown field {key:?}; known are {}",
                    known.join(", ")
                );
                Err(self.error(&rule))
            }
            None => Ok(Fields {
                place: self.place.clone(),
                map,
            }),
        }
    }

    pub fn items(&self) -> Result<impl Iterator<Item = Self> + use<'a>, CatalogError> {
        let place = self.place.clone();
        let list = self.value.as_array();
        let list = list.ok_or_else(|| self.error("must be a list"))?;
        let item = move |(index, value)| Self::new(&format!("{place}[{index}]"), value);
        Ok(list.iter().enumerate().map(item))
    }

    pub fn text(&self) -> Result<String, CatalogError> {
        match self.value.as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            Some(_) => Err(self.error("must not be empty")),
            None => Err(self.error("must be a string (in quotes where it looks like a number)")),
        }
    }

    pub fn boolean(&self) -> Result<bool, CatalogError> {
        self.value
            .as_bool()
            .ok_or_else(|| self.error("must be true or false"))
    }

    /// The choice of that name.
    pub fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, CatalogError> {
        let text = self.text()?;
        let found = choices.iter().find(|(name, _)| *name == text);
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.error(&format!("must be one of {}", names.join(", ")))
        })
    }
}

impl<'a> Fields<'a> {
    pub fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.map.get(name)?;
        Some(Node::new(&join(&self.place, name), value))
    }

    pub fn need(&self, name: &str) -> Result<Node<'a>, CatalogError> {
        self.get(name).ok_or_else(|| CatalogError {
            place: join(&self.place, name),
            rule: "is missing".to_owned(),
        })
    }
}

/// `component traefik: source.helm`, and for the document itself just the name.
fn join(place: &str, name: &str) -> String {
    match place {
        "the document" => name.to_owned(),
        _ if place.contains(": ") => format!("{place}.{name}"),
        _ => format!("{place}: {name}"),
    }
}
