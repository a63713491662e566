//! A request as YAML for people to copy.
//!
//! Made from its JSON: text that JSON would quote stays quoted, so no reader takes `yes` or `0x10` for something else. An
//! emitter for every YAML there is would be a thirtieth of the component.

use api::SaveClusterRequest;
use serde_json::Value;

/// The request, a field a line.
pub(crate) fn document(request: &SaveClusterRequest) -> String {
    let json = serde_json::to_vec(request).unwrap_or_default();
    let value = serde_json::from_slice(&json).unwrap_or(Value::Null);
    let mut text = String::new();
    write_block(&mut text, &value, 0, "");
    text
}

/// The members of an object or list, each on a line of its own; `first` goes before the first one instead of the indentation.
fn write_block(text: &mut String, value: &Value, depth: usize, first: &str) {
    let indent = "  ".repeat(depth);
    let mut start = first;
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                text.push_str(if start.is_empty() { &indent } else { start });
                start = "";
                text.push_str(&scalar(key));
                text.push(':');
                write_member(text, member, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::Object(_) => write_block(text, item, depth + 1, &format!("{indent}- ")),
                    other => text.push_str(&format!("{indent}- {}\n", inline(other))),
                }
            }
        }
        other => text.push_str(&format!("{indent}{}\n", inline(other))),
    }
}

fn write_member(text: &mut String, member: &Value, depth: usize) {
    let is_block = match member {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if is_block {
        text.push('\n');
        write_block(text, member, depth + 1, "");
    } else {
        text.push_str(&format!(" {}\n", inline(member)));
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// Names and words of letters, digits and dashes are plain; whatever could be a number, a flag or syntax is quoted.
fn scalar(text: &str) -> String {
    const FLAGS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_word = text.starts_with(|char: char| char.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    let is_flag = FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(text));
    if is_word && !is_flag {
        text.to_owned()
    } else {
        Value::String(text.to_owned()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_read_back_as_the_same_request() {
        let request: SaveClusterRequest = serde_json::from_value(serde_json::json!({
            "name": "on", "api_server": "https://10.0.0.1:6443", "cluster_type": "physical", "usage": "worker",
            "primary_domain": "0x10", "worker_type": "deployment",
            "components_list": {"gateway": {"name": "traefik", "additions": {"httpNodePort": "30090", "text": "a: \"b\" # c"}}},
            "reserved_namespaces_allowed_products": {"traefik": ["a", "yes"], "empty": []},
            "product_allowed_cluster_resources": {"a": [{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}, {"kind": "X", "group": "~"}]},
        }))
        .unwrap();
        let text = document(&request);
        let read = domain::yaml::from_str(&text).unwrap();
        assert_eq!(read, serde_json::to_value(&request).unwrap(), "{text}");
        insta::assert_snapshot!(text);
    }
}
