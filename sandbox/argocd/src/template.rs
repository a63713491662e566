//! Filling in ApplicationSet templates: `{{name}}` and the part of Go templates that stands for a value.

use sandbox_kubernetes::object;
use serde_json::{Map, Value};

/// A template that cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to execute template: {0}")]
pub struct ApplicationSetError(String);

/// Fills in every text of the template. `go`: Go templates, where a missing key is an error; otherwise a
/// missing key stays as it is.
pub fn render(
    template: &Value,
    parameters: &Value,
    go: bool,
) -> Result<Value, ApplicationSetError> {
    Ok(match template {
        Value::String(text) => Value::String(render_text(text, parameters, go)?),
        Value::Array(elements) => Value::Array(
            elements
                .iter()
                .map(|element| render(element, parameters, go))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(map) => {
            let fields = map.iter().map(|(name, field)| {
                Ok((
                    render_text(name, parameters, go)?,
                    render(field, parameters, go)?,
                ))
            });
            Value::Object(fields.collect::<Result<Map<_, _>, ApplicationSetError>>()?)
        }
        other => other.clone(),
    })
}

fn render_text(text: &str, parameters: &Value, go: bool) -> Result<String, ApplicationSetError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, after) =
            split_action(after).ok_or_else(|| ApplicationSetError("unclosed action".into()))?;
        out.push_str(before);
        out.push_str(&evaluate(action, parameters, go)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// An action ends at the first `}}` outside quotes.
fn split_action(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        quoted ^= character == '"';
        let (before, after) = text.split_at(at);
        if !quoted && let Some(after) = after.strip_prefix("}}") {
            return Some((before, after));
        }
    }
    None
}

fn evaluate(action: &str, parameters: &Value, go: bool) -> Result<String, ApplicationSetError> {
    let expression = action.trim().trim_matches('-').trim();
    if !go {
        let value = lookup(parameters, expression);
        return Ok(value.map_or_else(|| format!("{{{{{action}}}}}"), shown));
    }
    if let Some(literal) = expression
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        return Ok(literal.to_owned());
    }
    let missing = || ApplicationSetError(format!("map has no entry for key in {expression:?}"));
    let value = match expression.strip_prefix("index ") {
        Some(arguments) => {
            let (path, key) = arguments.trim().split_once(' ').ok_or_else(missing)?;
            let map = lookup(parameters, path.trim_start_matches('.')).ok_or_else(missing)?;
            map.get(key.trim().trim_matches('"'))
        }
        None => {
            let path = expression.strip_prefix('.');
            lookup(
                parameters,
                path.ok_or_else(|| {
                    ApplicationSetError(format!("cannot evaluate {expression:?} here"))
                })?,
            )
        }
    };
    value.map(shown).ok_or_else(missing)
}

/// A parameter by its path; keys with dots, such as labels, are found whole.
fn lookup<'a>(parameters: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(value) = parameters.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let (first, rest) = path.split_at(at);
        lookup(parameters.get(first)?, rest.strip_prefix('.')?)
    })
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A cluster's name as part of a resource's name.
pub fn normalized(name: &str) -> String {
    let allowed = |character: char| {
        character.is_ascii_lowercase()
            || character.is_ascii_digit()
            || matches!(character, '-' | '.')
    };
    let text: String = name
        .to_lowercase()
        .chars()
        .map(|character| if allowed(character) { character } else { '-' })
        .collect();
    text.trim_matches(['-', '.']).chars().take(253).collect()
}

/// Adds a field to parameters.
pub fn with(mut parameters: Value, field: &str, value: Value) -> Value {
    object::set_field(&mut parameters, field, Some(value));
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameters() -> Value {
        json!({"name": "w", "server": "https://s", "metadata": {"labels": {"a.b/c": "x", "d": "y"}}, "values": {"v": "1"}})
    }

    #[test]
    fn plain_templates_leave_what_they_do_not_know() {
        let template = json!({"a": "{{name}}-{{ server }}", "{{name}}": ["{{metadata.labels.a.b/c}}{{values.v}}{{other}}"]});
        let expected = json!({"a": "w-https://s", "w": ["x1{{other}}"]});
        assert_eq!(render(&template, &parameters(), false).unwrap(), expected);
    }

    #[test]
    fn go_templates_refuse_what_they_do_not_know() {
        let go = |text: &str| {
            render(&json!(text), &parameters(), true)
                .map(|value| value.as_str().unwrap().to_owned())
        };
        assert_eq!(go("{{.name}}-{{ .metadata.labels.d }}").unwrap(), "w-y");
        assert_eq!(go("{{ index .metadata.labels \"a.b/c\" }}").unwrap(), "x");
        assert_eq!(go("{{\"{{\"}}.name}}").unwrap(), "{{.name}}");
        for bad in [
            "{{.other}}",
            "{{name}}",
            "{{ .name | upper",
            "{{ range . }}",
        ] {
            assert!(go(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalized("My_Cluster.A-"), "my-cluster.a");
    }
}
