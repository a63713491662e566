//! The fields of a kubeconfig's cluster or user.

use super::entries::missing;
use super::mistaken::QUOTES;
use super::{KubeconfigError, View, encoding, token};
use crate::fields::nearest;
use crate::tree::Node;

/// What `kubectl config view` prints in place of secrets and data where it is not told `--raw`.
pub(super) const REDACTED: [&str; 2] = ["REDACTED", "DATA+OMITTED"];

/// What is wrong with data that are not in Base64.
pub(super) fn no_base64(key: &'static str, text: &str) -> KubeconfigError {
    const ESCAPES: [&str; 3] = ["&#", "&amp;", "&quot;"];
    let trimmed = text.trim();
    if let Some(error) = token::placeholder(key, trimmed) {
        return error;
    }
    if trimmed.starts_with(QUOTES) || trimmed.ends_with(QUOTES) {
        KubeconfigError::Quotes(key)
    } else if trimmed.starts_with("-----BEGIN ") {
        KubeconfigError::PlainPem(key)
    } else if trimmed.ends_with('%') {
        KubeconfigError::ShellPercent
    } else if ESCAPES.iter().any(|escape| text.contains(escape)) {
        KubeconfigError::HtmlEscapes(key)
    } else {
        KubeconfigError::Base64(key)
    }
}

/// Reads fields, and collects what is wrong with them.
pub(super) struct Fields<'a> {
    pub node: &'a Node,
    pub errors: &'a mut Vec<KubeconfigError>,
    pub warnings: &'a mut Vec<String>,
}

impl Fields<'_> {
    /// A string.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.node.get(key)? {
            Node::Text(text) => Some(text.clone()),
            _ => {
                self.errors.push(KubeconfigError::Type(key, "a string"));
                None
            }
        }
    }

    /// Refuses that a field is not there, or that it is misspelt.
    pub(super) fn push_missing(&mut self, key: &'static str, otherwise: KubeconfigError) {
        self.errors.push(missing(self.node, key, otherwise));
    }

    /// A boolean, `false` where it is absent.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        match self.node.get(key) {
            None => false,
            Some(Node::Bool(value)) => *value,
            Some(_) => {
                self.errors
                    .push(KubeconfigError::Type(key, "true or false"));
                false
            }
        }
    }

    /// What a field holds in Base64.
    pub(super) fn data(&mut self, key: &'static str) -> Option<Vec<u8>> {
        let text = self.text(key)?;
        let data = encoding::decode(&text);
        let is_omitted = |data: &Vec<u8>| REDACTED.iter().any(|word| word.as_bytes() == data);
        if REDACTED.contains(&text.as_str()) || data.as_ref().is_some_and(is_omitted) {
            let error = KubeconfigError::Redacted(key, View::CurrentContext);
            self.errors.push(error);
            return None;
        }
        let Some(data) = data else {
            self.errors.push(no_base64(key, &text));
            return None;
        };
        let inner = str::from_utf8(&data).ok().and_then(encoding::decode);
        if inner.is_some_and(|inner| inner.starts_with(b"-----BEGIN ")) {
            self.errors.push(KubeconfigError::DataTwice(key));
            return None;
        }
        Some(data)
    }

    /// Refuses fields that name files.
    pub(super) fn refuse_paths(&mut self, keys: &[&'static str]) {
        for key in keys {
            if self.node.get(key).is_some() {
                let error = KubeconfigError::Path(key, View::CurrentContext);
                self.errors.push(error);
            }
        }
    }

    /// Warns of fields other than the known ones. Unknown names are not shown: they may be anything.
    pub(super) fn report_others(&mut self, known: &[&str], without_place: &[&str]) {
        let Node::Map(entries) = self.node else {
            return;
        };
        for entry in entries.iter().filter(|entry| !entry.value.is_absent()) {
            let key = entry.key.as_str();
            if without_place.contains(&key) {
                self.warnings.push(format!(
                    "the kubeconfig's `{key}` is ignored: Argo CD has no place for it"
                ));
            } else if !known.contains(&key) {
                let near = nearest(key, known);
                let near =
                    near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
                self.warnings.push(format!(
                    "an unknown field of the kubeconfig is ignored{near}"
                ));
            }
        }
    }
}
