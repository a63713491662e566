//! Advice that does not go in a circle: what every case's hints say is done to the very request, until it is accepted.
//!
//! Each hint of a case needs an entry here that does what it says. A refusal that comes again although its hint was
//! followed fails the test, and so does a request that has not ended well after some rounds.

use std::collections::BTreeSet;

use domain::{Rejection, check};
use serde_json::Value;

use super::{Case, case_files, names, neighbours, settings};

#[path = "bodies.rs"]
mod bodies;
#[path = "fields.rs"]
mod fields;
#[path = "kubeconfigs.rs"]
mod kubeconfigs;
#[path = "mending.rs"]
mod mending;

/// A request, as it is mended.
pub struct Sent {
    case: Case,
    pub body: Vec<u8>,
    /// Numbers and names that nobody else has yet.
    next: usize,
}

/// A refusal with its way out.
#[derive(Clone)]
pub struct Advice {
    pub field: String,
    pub message: String,
    pub hint: String,
    /// Line and column in the body, from 1.
    pub at: Option<(usize, usize)>,
}

/// Function that follows a hint.
pub type Mend = fn(&mut Sent, &Advice);

/// So often a request may be refused anew: a body that can't be read hides its fields, and these what follows from them.
const ROUNDS: usize = 12;

#[test]
fn every_hint_leads_on() {
    let mut failures = Vec::new();
    let mut followed = BTreeSet::new();
    let mut cases = 0;
    for name in names() {
        let document = case_files::read(&name);
        let case = Case::of(&document);
        if case.remove || case.catalog.is_some() {
            continue;
        }
        let request = super::request(&document, &case);
        let mut sent = Sent {
            case,
            body: request.body,
            next: 0,
        };
        sent.case.content_type = request.content_type;
        cases += 1;
        if let Err(failure) = walk(&mut sent, &mut followed) {
            failures.push(format!("{name}: {failure}"));
        }
    }
    println!("{cases} cases, {} hints followed", followed.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let unused = bodies::MENDS
        .iter()
        .chain(fields::MENDS)
        .chain(kubeconfigs::MENDS);
    let unused: Vec<_> = unused
        .filter(|(hint, _)| !followed.contains(hint))
        .map(|(hint, _)| hint)
        .collect();
    assert!(unused.is_empty(), "no case has these hints: {unused:#?}");
}

fn walk(sent: &mut Sent, followed: &mut BTreeSet<&'static str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for _ in 0..ROUNDS {
        let refused = sent.refused();
        if refused.is_empty() {
            return Ok(());
        }
        let before = sent.state();
        // From the end, so that what is removed moves nothing that is still to be mended.
        for advice in refused.iter().rev() {
            let again = !seen.insert((advice.field.clone(), advice.message.clone()));
            if again && advice.at.is_none() {
                return Err(format!(
                    "{} comes again after: {}",
                    advice.message, advice.hint
                ));
            }
            let Some((hint, mend)) = entry(advice) else {
                return Err(format!(
                    "nobody follows: {} ({})",
                    advice.hint, advice.message
                ));
            };
            followed.insert(hint);
            mend(sent, advice);
        }
        if sent.state() == before {
            let messages: Vec<_> = refused
                .iter()
                .map(|it| format!("{} > {}", it.message, it.hint))
                .collect();
            return Err(format!("nothing was changed: {}", messages.join("; ")));
        }
    }
    Err(format!(
        "still refused after {ROUNDS} rounds: {}",
        sent.refused()[0].message
    ))
}

/// The entry of a hint. Some words are said of bodies and of kubeconfigs.
fn entry(advice: &Advice) -> Option<(&'static str, Mend)> {
    let tables: [&[(&'static str, Mend)]; 2] = match advice.field.as_str() {
        "" => [bodies::MENDS, &[]],
        field if field.ends_with("/kubeconfig") => [kubeconfigs::MENDS, fields::MENDS],
        _ => [fields::MENDS, &[]],
    };
    let mut entries = tables.into_iter().flatten();
    entries
        .find(|(hint, _)| advice.hint.starts_with(hint))
        .copied()
}

impl Sent {
    /// Lists the present refusals. A conflict with another cluster is another matter than the request's content.
    fn refused(&self) -> Vec<Advice> {
        let request = domain::SaveRequest {
            name: self.case.name.clone(),
            content_type: self.case.content_type.clone(),
            body: self.body.clone(),
        };
        match check(&request, &neighbours(&self.case), &settings(&self.case)) {
            Ok(_) | Err(Rejection::ApiServerInUse(_) | Rejection::ClusterInUse(_)) => Vec::new(),
            Err(Rejection::ValidationFailed(violations)) => violations
                .into_iter()
                .map(|it| Advice {
                    field: it.field,
                    message: it.message,
                    hint: it.hint.unwrap_or_default(),
                    at: None,
                })
                .collect(),
            Err(Rejection::MalformedBody(it)) => vec![Advice {
                field: String::new(),
                message: it.message,
                hint: it.hint.unwrap_or_default(),
                at: it
                    .line
                    .zip(it.column)
                    .map(|(line, column)| (line as usize, column as usize)),
            }],
            Err(Rejection::UnsupportedMediaType(_)) => vec![Advice {
                field: String::new(),
                message: "unsupported media type".to_owned(),
                hint: "send the header `Content-Type: application/json`".to_owned(),
                at: None,
            }],
            // What others have left in the repository is not the request's to mend.
            Err(Rejection::Other(_) | Rejection::ClusterNotFound) => Vec::new(),
        }
    }

    /// All that a hint can change.
    fn state(&self) -> (Vec<u8>, String, Option<String>, usize) {
        let case = &self.case;
        (
            self.body.clone(),
            case.name.clone(),
            case.content_type.clone(),
            case.registered.len(),
        )
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn change_text(&mut self, change: impl FnOnce(String) -> String) {
        self.body = change(self.text()).into_bytes();
    }

    /// The line of an error, and where in it.
    pub fn change_line(&mut self, advice: &Advice, change: impl Fn(&str, usize) -> String) {
        let (line, column) = advice.at.unwrap();
        self.change_text(|text| {
            let lines = text.split('\n').enumerate();
            let changed = lines.map(|(number, text)| match number + 1 == line {
                true => change(text, column - 1),
                false => text.to_owned(),
            });
            changed.collect::<Vec<_>>().join("\n")
        });
    }

    /// The fields, written anew: of two that are equal one is kept.
    pub fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let text = self.text();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut fields: Value = domain::yaml::from_str(text)
            .or_else(|_| serde_json::from_str(text))
            .unwrap_or_default();
        change(&mut fields);
        self.body = fields.to_string().into_bytes();
        let is_yaml = self
            .case
            .content_type
            .as_deref()
            .is_some_and(|it| it.contains("yaml"));
        if !is_yaml {
            self.case.content_type = Some("application/json".to_owned());
        }
    }

    pub fn replace(&mut self, body: &str) {
        self.body = body.as_bytes().to_vec();
    }

    pub fn set_content_type(&mut self, content_type: &str) {
        self.case.content_type = Some(content_type.to_owned());
    }

    pub fn name(&mut self) -> &mut String {
        &mut self.case.name
    }

    /// Registers a host, where none is.
    pub fn host(&mut self) -> String {
        let registered = &mut self.case.registered;
        let host = registered
            .iter()
            .find(|name| name.starts_with("host-"))
            .cloned();
        host.unwrap_or_else(|| {
            registered.push("host-1".to_owned());
            "host-1".to_owned()
        })
    }

    pub fn unused(&mut self) -> usize {
        self.next += 1;
        self.next
    }
}
