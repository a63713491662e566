//! Answers without what a terminal would obey: messages of components are written in clusters that somebody else runs, and an escape
//! sequence in one could rewrite what was said before, or the title of a window.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Takes the control characters out of every text but line breaks and tabs.
pub(super) fn make_plain(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|char| !char.is_control() || "\n\t".contains(char)),
        Value::Array(items) => items.iter_mut().for_each(make_plain),
        Value::Object(fields) => fields.values_mut().for_each(make_plain),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns a value whose texts have no control characters, as [`make_plain`] says; unchanged where it has no form as JSON.
pub(super) fn plain<T: Serialize + DeserializeOwned>(read: T) -> T {
    let Ok(mut value) = serde_json::to_value(&read) else {
        return read;
    };
    make_plain(&mut value);
    serde_json::from_value(value).unwrap_or(read)
}

#[cfg(test)]
mod tests {
    use api::Cluster;

    use super::*;

    #[test]
    fn a_text_has_nothing_that_a_terminal_obeys() {
        let cluster = Cluster {
            name: "a\u{1b}]0;title\u{7}\u{9b}2J".to_owned(),
            ..Cluster::default()
        };
        assert_eq!(plain(cluster).name, "a]0;title2J");
        let mut value = serde_json::json!({"items": [{"message": "line\n\tline\r\u{8}"}]});
        make_plain(&mut value);
        assert_eq!(value["items"][0]["message"], "line\n\tline");
    }
}
