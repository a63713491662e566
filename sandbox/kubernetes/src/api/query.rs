//! Query parameters.

use percent_encoding::percent_decode_str;

/// Parameters in the order they came.
#[derive(Debug, Clone, Default)]
pub struct QueryParams(Vec<(String, String)>);

impl QueryParams {
    /// Reads what follows the question mark.
    pub fn parse(text: &str) -> Self {
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
        )
    }

    /// The parameter's value; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The parameter's value.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// `true`, `1` or present without a value.
    pub fn flag(&self, name: &str) -> bool {
        self.find(name)
            .is_some_and(|value| matches!(value, "" | "1" | "true" | "True"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        let query = QueryParams::parse("labelSelector=a%3Db%2Cc&watch=1&force=false&x=a+b");
        assert_eq!(query.get("labelSelector"), "a=b,c");
        assert!(query.flag("watch"));
        assert!(!query.flag("force") && !query.flag("missing"));
        assert_eq!(query.get("x"), "a b");
    }
}
