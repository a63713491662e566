//! Reading a query: fields, aliases, arguments and variables; no fragments, no directives.

use serde_json::Value;

/// A field with what is asked of it.
#[derive(Debug, Clone)]
pub(super) struct SelectedField {
    pub(super) name: String,
    /// Key of the answer; the name unless it is said.
    pub(super) alias: String,
    arguments: Vec<(String, Value)>,
    pub(super) fields: Vec<SelectedField>,
}

impl SelectedField {
    fn argument(&self, name: &str) -> Option<&Value> {
        let found = self.arguments.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value)
    }

    /// The text of an argument; empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        let text = self.argument(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    }

    /// The number of an argument.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        let number = self.argument(name)?.as_u64()?;
        usize::try_from(number).ok()
    }

    /// The texts of an argument; one text is a list of one.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match self.argument(name) {
            Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
            Some(one) => text(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The field has this name; the error is GitLab's for an unknown one.
    pub(super) fn is(&self, owner: &str, name: &str) -> Result<(), String> {
        if self.name == name {
            Ok(())
        } else {
            Err(unknown(owner, &self.name))
        }
    }
}

/// GitLab's words for a field that a type does not have.
pub(super) fn unknown(owner: &str, name: &str) -> String {
    format!("Field '{name}' doesn't exist on type '{owner}'")
}

/// The fields of the one operation.
pub(super) fn parse(text: &str, variables: &Value) -> Result<Vec<SelectedField>, String> {
    let tokens = tokens(text)?;
    // What stands before the first brace names the operation and its variables' types.
    let start = tokens.iter().position(|token| token == "{");
    let start = start.ok_or("Unexpected end of document")?;
    let mut reader = DocumentReader {
        tokens: tokens.get(start..).unwrap_or_default(),
        variables,
    };
    reader.fields()
}

/// Names, punctuation, and texts with their quotes.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_ignored);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let escaped = rest.match_indices('"').skip(1);
                let mut ends = escaped.filter(|(at, _)| !rest[..*at].ends_with('\\'));
                ends.next().ok_or("Unterminated string")?.0 + 1
            }
            _ if is_word(first) => rest
                .find(|character| !is_word(character))
                .unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = after.trim_start_matches(is_ignored);
    }
    Ok(tokens)
}

fn is_ignored(character: char) -> bool {
    character.is_whitespace() || character == ','
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '-'
}

struct DocumentReader<'a> {
    tokens: &'a [String],
    variables: &'a Value,
}

impl DocumentReader<'_> {
    fn peek(&self) -> &str {
        self.tokens.first().map_or("", String::as_str)
    }

    fn next(&mut self) -> Result<String, String> {
        let (first, rest) = self
            .tokens
            .split_first()
            .ok_or("Unexpected end of document")?;
        self.tokens = rest;
        Ok(first.clone())
    }

    fn takes(&mut self, token: &str) -> Result<bool, String> {
        let found = self.peek() == token;
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn fields(&mut self) -> Result<Vec<SelectedField>, String> {
        let mut fields = Vec::new();
        if !self.takes("{")? {
            return Ok(fields);
        }
        while !self.takes("}")? {
            fields.push(self.field()?);
        }
        Ok(fields)
    }

    fn field(&mut self) -> Result<SelectedField, String> {
        let alias = self.next()?;
        if !alias.starts_with(is_word) {
            return Err(format!("Expected NAME, actual: {alias}"));
        }
        let name = if self.takes(":")? {
            self.next()?
        } else {
            alias.clone()
        };
        let mut arguments = Vec::new();
        if self.takes("(")? {
            while !self.takes(")")? {
                let name = self.next()?;
                if !self.takes(":")? {
                    return Err(format!("Expected COLON, actual: {}", self.peek()));
                }
                arguments.push((name, self.value()?));
            }
        }
        let fields = self.fields()?;
        Ok(SelectedField {
            name,
            alias,
            arguments,
            fields,
        })
    }

    fn value(&mut self) -> Result<Value, String> {
        if self.takes("$")? {
            let name = self.next()?;
            return Ok(self.variables.get(&name).cloned().unwrap_or_default());
        }
        if self.takes("[")? {
            let mut list = Vec::new();
            while !self.takes("]")? {
                list.push(self.value()?);
            }
            return Ok(Value::Array(list));
        }
        let token = self.next()?;
        serde_json::from_str(&token).map_err(|_| format!("Expected VALUE, actual: {token}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_arguments_and_variables_are_read() {
        let text = r#"query files($p: ID!, $l: [String!]!) {
            one: project(fullPath: $p) { repository { blobs(ref: "a b", paths: $l, first: 3) { nodes { path oid } } } } }"#;
        let fields = parse(text, &json!({"p": "g/p", "l": ["x", "y"]})).unwrap();
        assert_eq!(
            (fields[0].name.as_str(), fields[0].alias.as_str()),
            ("project", "one")
        );
        assert_eq!(fields[0].text("fullPath"), "g/p");
        let blobs = &fields[0].fields[0].fields[0];
        assert_eq!(
            (blobs.text("ref"), blobs.number("first")),
            ("a b".into(), Some(3))
        );
        assert_eq!(blobs.list("paths"), ["x", "y"]);
        assert_eq!(blobs.fields[0].fields.len(), 2);
    }

    #[test]
    fn what_is_no_query_is_an_error() {
        for text in [
            "",
            "query",
            "{ project(fullPath) { x } }",
            "{ a { b }",
            "{ a(b: \"c) }",
        ] {
            assert!(parse(text, &Value::Null).is_err(), "{text}");
        }
    }
}
