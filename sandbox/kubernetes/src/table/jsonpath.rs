//! The simple JSONPath of printer columns: fields, positions, and `[?(@.name=="value")]`.

use serde_json::Value;

/// The value at `path`, or none.
pub fn find<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let mut current = object;
    let mut rest = path.trim().trim_start_matches('{').trim_end_matches('}');
    while !rest.is_empty() {
        if let Some(bracket) = rest.strip_prefix('[') {
            let (inside, after) = bracket.split_once(']')?;
            current = step_bracket(current, inside)?;
            rest = after;
        } else {
            let (name, after) = split_field(rest.strip_prefix('.').unwrap_or(rest));
            if !name.is_empty() {
                current = current.get(name.replace("\\.", "."))?;
            }
            rest = after;
        }
    }
    Some(current)
}

/// A field name ends at an unescaped dot or a bracket.
fn split_field(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if !escaped && (character == '.' || character == '[') {
            return text.split_at(at);
        }
        escaped = character == '\\';
    }
    (text, "")
}

fn step_bracket<'a>(value: &'a Value, inside: &str) -> Option<&'a Value> {
    if let Some(condition) = inside
        .strip_prefix("?(@.")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let (field, wanted) = condition.split_once("==")?;
        let wanted = wanted.trim().trim_matches(['"', '\'']);
        let mut elements = value.as_array()?.iter();
        return elements
            .find(|element| find(element, field.trim()).and_then(Value::as_str) == Some(wanted));
    }
    let inside = inside.trim_matches(['"', '\'']);
    match inside.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(inside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn walks_fields_positions_and_conditions() {
        let object = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}], "l": [1, 2]}, "m": {"a.b": 3}});
        assert_eq!(
            find(&object, ".status.conditions[?(@.type==\"Ready\")].status"),
            Some(&json!("True"))
        );
        assert_eq!(find(&object, ".status.l[1]"), Some(&json!(2)));
        assert_eq!(find(&object, ".m.a\\.b"), Some(&json!(3)));
        assert_eq!(find(&object, ".missing.x"), None);
    }
}
