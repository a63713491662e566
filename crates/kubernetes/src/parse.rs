//! Parsers of the API server's answers.

use http::Response;
use serde_json::Value;

use crate::error::{Error, classify, unreadable};

/// An answer as it arrived, with its whole body.
pub type Answer = Response<Vec<u8>>;

/// One page of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The objects.
    pub items: Vec<Value>,
    /// Token of the next page, for [`crate::api::ListQuery::continue_from`]; `None` at the end.
    pub continue_from: Option<String>,
    /// From which a watch tells what has changed since.
    pub resource_version: Option<String>,
}

/// An object, or the `Status` that follows a deletion.
pub fn parse(answer: &Answer) -> Result<Value, Error> {
    if !answer.status().is_success() {
        return Err(classify(answer));
    }
    match serde_json::from_slice(answer.body()) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(unreadable(answer)),
    }
}

/// Answer to [`crate::ClusterApi::list`]. A page may be empty and yet have a next one.
pub fn parse_list(answer: &Answer) -> Result<Page, Error> {
    let mut list = parse(answer)?;
    let text = |pointer| {
        let text = list.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let continue_from = text("/metadata/continue");
    let resource_version = text("/metadata/resourceVersion");
    let items = match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        // Go writes an empty list as null.
        Some(Value::Null) => Vec::new(),
        _ => return Err(unreadable(answer)),
    };
    Ok(Page {
        items,
        continue_from,
        resource_version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: &str) -> Answer {
        let body = body.as_bytes().to_vec();
        Response::builder().status(status).body(body).unwrap()
    }

    #[test]
    fn objects() {
        assert_eq!(
            parse(&answer(201, r#"{"kind":"X"}"#)),
            Ok(json!({"kind": "X"}))
        );
        for body in ["", "<html>", "[]", r#"{"kind":"#] {
            assert!(matches!(
                parse(&answer(200, body)),
                Err(Error::Unavailable { .. })
            ));
        }
    }

    #[test]
    fn lists() {
        let page = |body| parse_list(&answer(200, body)).map(|p| (p.items.len(), p.continue_from));
        assert_eq!(
            page(r#"{"metadata":{"continue":""},"items":[{}]}"#),
            Ok((1, None))
        );
        assert_eq!(
            page(r#"{"metadata":{"continue":"c"},"items":null}"#),
            Ok((0, Some("c".to_owned())))
        );
        assert!(page(r#"{"kind":"Status"}"#).is_err());
        let version = |body| parse_list(&answer(200, body)).unwrap().resource_version;
        let list = r#"{"metadata":{"resourceVersion":"7"},"items":[]}"#;
        assert_eq!(version(list).as_deref(), Some("7"));
        assert_eq!(
            version(r#"{"metadata":{"resourceVersion":""},"items":[]}"#),
            None
        );
    }
}
