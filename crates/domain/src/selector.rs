//! `field_selector` of `ListClusters`: `cluster_type=physical,usage=worker`.

use crate::body::quote::{quoted, trim_blanks};
use crate::{Cluster, Violation, WorkerType};

/// Which clusters to list. The default selects all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    terms: Vec<(Key, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    ClusterName,
    ClusterType,
    Usage,
    WorkerType,
}

/// Name, key, and the words that it can have: any where there are none.
const KEYS: [(&str, Key, &[&str]); 4] = [
    ("cluster_name", Key::ClusterName, &[]),
    ("cluster_type", Key::ClusterType, &["physical", "virtual"]),
    ("usage", Key::Usage, &["host", "worker"]),
    ("worker_type", Key::WorkerType, &["deployment", "pipeline"]),
];

const HINT: &str =
    "send terms such as usage=worker; the keys are cluster_name, cluster_type, usage, worker_type";

fn parse_term(term: &str) -> Result<(Key, String), String> {
    let Some((key, value)) = term.split_once('=') else {
        return Err(format!("{} is not of the form key=value", quoted(term)));
    };
    let (key, value) = (trim_blanks(key), trim_blanks(value));
    let is_name = |name: &str| name == key || camel_case(name) == key;
    let known = KEYS.iter().find(|(name, ..)| is_name(name));
    let Some((name, known, words)) = known else {
        return Err(format!("clusters can't be selected by {}", quoted(key)));
    };
    // Hosts have no worker type, and are selected by that.
    let is_none = value.is_empty() && *known == Key::WorkerType;
    match words.is_empty() || words.contains(&value) || is_none {
        true => Ok((*known, value.to_owned())),
        false => Err(format!(
            "`{name}` is {}, not {}",
            words.join(" or "),
            quoted(value)
        )),
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_ascii_uppercase() + rest
    })
}

impl Selector {
    /// Reads a selector: terms `key=value` with commas between them.
    ///
    /// # Errors
    /// Every term that is not of that form or has an unknown key.
    pub fn parse(text: &str) -> Result<Self, Vec<Violation>> {
        let mut terms = Vec::new();
        let mut violations = Vec::new();
        for term in text
            .split(',')
            .map(str::trim)
            .filter(|term| !term.is_empty())
        {
            match parse_term(term) {
                Ok((key, value))
                    if terms
                        .iter()
                        .any(|(other, given)| *other == key && *given != value) =>
                {
                    violations.push(Violation {
                        field: "?field_selector".to_owned(),
                        message: format!("{} asks for two values at once", quoted(term)),
                        hint: Some("send each key once".to_owned()),
                    });
                }
                Ok(term) => terms.push(term),
                Err(message) => violations.push(Violation {
                    field: "?field_selector".to_owned(),
                    message,
                    hint: Some(HINT.to_owned()),
                }),
            }
        }
        if violations.is_empty() {
            Ok(Self { terms })
        } else {
            Err(violations)
        }
    }

    /// Tells whether a cluster is selected: every term has to match. As in the original, `cluster_name` matches a
    /// part of the name, the others match exactly.
    #[must_use]
    pub fn matches(&self, cluster: &Cluster) -> bool {
        self.terms.iter().all(|(key, value)| match key {
            Key::ClusterName => cluster.name.contains(value.as_str()),
            Key::ClusterType => cluster.cluster_type.as_str() == value,
            Key::Usage => cluster.usage.as_str() == value,
            Key::WorkerType => cluster.worker_type.map_or("", WorkerType::as_str) == value,
        })
    }
}
