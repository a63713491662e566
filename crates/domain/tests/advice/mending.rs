//! Steps that advice about a kubeconfig asks for, on the kubeconfig of a request.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use serde_json::{Value, json};

use super::{Advice, Sent, case_files};

/// Output of `kubectl config view --minify --flatten --raw` where kubectl reaches the cluster.
pub fn complete() -> String {
    COMPLETE.to_string()
}

/// With the client certificate of a case, in whose lifetime all cases are.
pub static COMPLETE: LazyLock<Value> = LazyLock::new(|| {
    let case = case_files::read("a-kubeconfig-with-a-client-certificate");
    let (_, body) = case_files::request(&case).unwrap();
    let request: Value = domain::yaml::from_str(str::from_utf8(&body).unwrap()).unwrap();
    let given: Value = domain::yaml::from_str(request["kubeconfig"].as_str().unwrap()).unwrap();
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "clusters": [{"name": "a", "cluster": given["clusters"][0]["cluster"]}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "users": [{"name": "a", "user": given["users"][0]["user"]}],
    })
});

pub const LISTS: [(&str, &str); 2] = [("clusters", "cluster"), ("users", "user")];

/// With what stands first between the marks of a conflict.
pub fn resolved(text: &str) -> String {
    let (before, rest) = text.split_once("<<<<<<< ").unwrap();
    let (ours, theirs) = rest
        .split_once('\n')
        .unwrap()
        .1
        .split_once("=======\n")
        .unwrap();
    let behind = theirs
        .split_once(">>>>>>> ")
        .unwrap()
        .1
        .split_once('\n')
        .unwrap()
        .1;
    format!("{before}{ours}{behind}")
}

/// Both halves of a client certificate.
pub fn fill_in_pair(sent: &mut Sent, advice: &Advice) {
    change(sent, advice, |config| {
        for entry in config["users"].as_array_mut().unwrap() {
            entry["user"] = COMPLETE["users"][0]["user"].clone();
        }
    });
}

pub fn with_token(token: &str) -> String {
    json!({"clusters": [{"name": "a", "cluster": {}}], "users": [{"name": "a", "user": {"token": token}}]}).to_string()
}

pub fn get(sent: &mut Sent, advice: &Advice) -> String {
    let mut text = String::new();
    sent.change(|fields| {
        text = fields
            .pointer(&advice.field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    });
    text
}

pub fn set(sent: &mut Sent, advice: &Advice, kubeconfig: &str) {
    sent.change(|fields| *fields.pointer_mut(&advice.field).unwrap() = json!(kubeconfig));
}

/// What an object around it holds.
pub fn send_held(sent: &mut Sent, advice: &Advice) {
    let mut held = None;
    change(sent, advice, |object| held = find_config(object));
    set(sent, advice, &held.unwrap());
}

pub fn send_complete(sent: &mut Sent, advice: &Advice) {
    set(sent, advice, &complete());
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.split_whitespace().collect();
    BASE64_STANDARD
        .decode(&joined)
        .or_else(|_| BASE64_STANDARD_NO_PAD.decode(&joined))
        .ok()
}

/// The text of the file, and not its Base64 form.
pub fn plain(text: &str) -> String {
    let decoded = if text.contains(':') {
        None
    } else {
        decode(text)
    };
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.unwrap_or_else(|| text.to_owned())
}

pub fn rewrite(sent: &mut Sent, advice: &Advice, rewrite: impl FnOnce(String) -> String) {
    let text = plain(&get(sent, advice));
    set(sent, advice, &rewrite(text));
}

/// Changes what the file says, and writes it anew.
pub fn change(sent: &mut Sent, advice: &Advice, change: impl FnOnce(&mut Value)) {
    rewrite(sent, advice, |text| {
        let mut config: Value = domain::yaml::from_str(&text).unwrap();
        change(&mut config);
        config.to_string()
    });
}

/// The field that a message names.
pub fn named(advice: &Advice) -> String {
    advice.message.split('`').nth(1).unwrap().to_owned()
}

/// In every entry that has the field, or at the top.
pub fn set_field(sent: &mut Sent, advice: &Advice, value: Value) {
    let field = named(advice);
    change(sent, advice, |config| walk(config, &field, &value));
}

/// Gives the name to the fields that have almost that one.
pub fn rename(node: &mut Value, name: &str) {
    match node {
        Value::Object(map) => {
            let mut keys = map.keys();
            let known = LISTS.map(|(list, inner)| [list, inner]);
            let key = keys.find(|key| {
                domain::nearest(key, &[name]).is_some()
                    && !known.as_flattened().contains(&key.as_str())
            });
            if let Some(key) = key.cloned().filter(|_| !map.contains_key(name)) {
                let value = map.remove(&key).unwrap();
                map.insert(name.to_owned(), value);
            }
            map.values_mut().for_each(|inner| rename(inner, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, name)),
        _ => {}
    }
}

pub fn walk(node: &mut Value, field: &str, value: &Value) {
    match node {
        Value::Object(map) => {
            for (key, inner) in map {
                let fits =
                    |inner: &Value| std::mem::discriminant(inner) == std::mem::discriminant(value);
                if key == field && !fits(inner) {
                    inner.clone_from(value);
                } else {
                    walk(inner, field, value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, field, value)),
        _ => {}
    }
}

/// Puts what belongs there into the field that the message names.
pub fn fill_in(sent: &mut Sent, advice: &Advice) {
    let field = named(advice);
    let given = [
        ("token", "abc"),
        ("username", "a"),
        ("password", "p"),
        ("tls-server-name", "a.example.com"),
    ];
    let given = given
        .into_iter()
        .find(|(name, _)| *name == field)
        .map(|(_, value)| json!(value));
    change(sent, advice, |config| {
        for (list, inner) in LISTS {
            let value = given
                .clone()
                .unwrap_or_else(|| COMPLETE[list][0][inner][&field].clone());
            for entry in config[list].as_array_mut().into_iter().flatten() {
                if !entry[inner][&field].is_null() {
                    entry[inner][&field] = value.clone();
                }
            }
        }
    });
}

pub fn token_alone(sent: &mut Sent, advice: &Advice) {
    change(sent, advice, |config| {
        for entry in config["users"].as_array_mut().unwrap() {
            entry["user"] = json!({"token": "abc"});
        }
    });
}

pub fn without_ends(sent: &mut Sent, advice: &Advice) {
    rewrite(sent, advice, |text| {
        let lines: Vec<&str> = text.trim().lines().collect();
        lines[1..lines.len() - 1].join("\n")
    });
}

pub fn unescape(sent: &mut Sent, advice: &Advice) {
    rewrite(sent, advice, |text| {
        text.replace("&#43;", "+")
            .replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
    });
}

/// The kubeconfig that is somewhere in an object.
pub fn find_config(node: &Value) -> Option<String> {
    match node {
        Value::String(text) => {
            let text = plain(text);
            text.contains("clusters").then_some(text)
        }
        Value::Array(items) => items.iter().find_map(find_config),
        Value::Object(map) => map.values().find_map(find_config),
        _ => None,
    }
}
