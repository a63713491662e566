//! Findings of a check: violations, and warnings.

use crate::Violation;
use crate::body::quote::quoted;

/// As many violations and as many warnings are reported, and the others counted; whoever has more will send again
/// anyway.
const MOST: usize = 50;

/// As many unknown fields are named, each with a suggestion, and the others counted: a suggestion compares with every known
/// field.
const MOST_UNKNOWN: usize = 20;

/// The list of a kubeconfig that stands beside the fields of a cluster where its lines are not indented.
pub(crate) const CLUSTERS: &str = "clusters";
const UNINDENTED: &str = "put all of the kubeconfig into `kubeconfig`, and not beside it: in YAML indent its lines below `kubeconfig: |`";

/// Collects everything that is wrong, so that the caller learns of all at once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    violations: Vec<Violation>,
    warnings: Vec<String>,
    /// Those above the number.
    more_violations: usize,
    more_warnings: usize,
    /// Unknown fields.
    unknown: usize,
    /// Where a known field would stand, and the unknown key that is almost its name.
    misspelt: Vec<(String, String)>,
}

impl Findings {
    /// A broken rule, and the way out.
    pub(crate) fn refuse(
        &mut self,
        field: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.violations.len() < MOST {
            self.violations.push(Violation {
                field: field.to_owned(),
                message: message.into(),
                hint: Some(hint.into()),
            });
        } else {
            self.more_violations += 1;
        }
    }

    /// A field that is missing. Where another one has almost its name, that is the way out: the warning about it would be
    /// lost with the request.
    pub(crate) fn refuse_missing(
        &mut self,
        field: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let hint = match self.misspelt(field) {
            Some((_, advice)) => advice,
            None => hint.into(),
        };
        self.refuse(field, message, hint);
    }

    /// Something the caller should know although the request is carried out.
    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        if self.warnings.len() < MOST {
            self.warnings.push(warning.into());
        } else {
            self.more_warnings += 1;
        }
    }

    /// A field that is ignored because nobody knows it. `warning` also has the known name that it almost has.
    pub(crate) fn warn_of_unknown<'a>(
        &mut self,
        warning: impl FnOnce() -> (String, Option<&'a str>),
    ) -> Option<&'a str> {
        self.unknown += 1;
        if self.unknown > MOST_UNKNOWN {
            return None;
        }
        let (warning, near) = warning();
        self.warn(warning);
        near
    }

    /// Remembers where the field would stand that an unknown one is almost named like.
    pub(crate) fn note_misspelt(&mut self, meant: String, key: String) {
        self.misspelt.push((meant, key));
    }

    /// Refuses a field that would be ignored, and the stored value of the one that was probably meant would stay.
    pub(crate) fn refuse_misspelt(&mut self, field: &str) {
        let Some((key, advice)) = self.misspelt(field) else {
            return;
        };
        self.refuse(
            field,
            format!("{key} is no field, and ignoring it would keep what is stored"),
            format!("{advice}, or leave it out"),
        );
    }

    /// The unknown key that has almost a field's name, quoted, and the way out.
    fn misspelt(&self, field: &str) -> Option<(String, String)> {
        let mut misspelt = self.misspelt.iter();
        let (_, key) = misspelt.find(|(meant, _)| meant == field)?;
        let advice = match key.as_str() {
            CLUSTERS => UNINDENTED.to_owned(),
            key => {
                let meant = crate::fields::named(field);
                format!("write {} as {meant}, which was probably meant", quoted(key))
            }
        };
        Some((quoted(key), advice))
    }

    /// The warnings, if no rule is broken, or else the violations.
    pub(crate) fn verdict(mut self) -> Result<Vec<String>, Vec<Violation>> {
        if self.unknown > MOST_UNKNOWN {
            let more = self.unknown - MOST_UNKNOWN;
            self.warn(format!("and {more} more unknown fields are ignored"));
        }
        if self.more_warnings > 0 {
            self.warnings
                .push(format!("and {} more warnings", self.more_warnings));
        }
        if self.more_violations > 0 {
            self.violations.push(Violation {
                field: String::new(),
                message: format!("and {} more", self.more_violations),
                hint: Some("mend these first".to_owned()),
            });
        }
        if self.violations.is_empty() {
            Ok(self.warnings)
        } else {
            Err(self.violations)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twenty_unknown_fields_are_named_and_the_others_counted() {
        for (number, length) in [(19, 19), (20, 20), (21, 21), (5_000, 21)] {
            let mut findings = Findings::default();
            for index in 0..number {
                findings.warn_of_unknown(|| (index.to_string(), None));
            }
            let warnings = findings.verdict().unwrap();
            assert_eq!(warnings.len(), length);
            let last = warnings.last().unwrap();
            assert_eq!(last.starts_with("and "), number > 20, "{last}");
        }
    }

    #[test]
    fn the_first_fifty_are_kept_and_the_others_counted() {
        for (number, length) in [(49, 49), (50, 50), (51, 51), (57, 51)] {
            let mut findings = Findings::default();
            for index in 0..number {
                findings.warn(index.to_string());
            }
            let warnings = findings.verdict().unwrap();
            assert_eq!((warnings.len(), warnings[48].as_str()), (length, "48"));
            let mut findings = Findings::default();
            for index in 0..number {
                findings.refuse(&index.to_string(), "", "");
            }
            let violations = findings.verdict().unwrap_err();
            assert_eq!(
                (violations.len(), violations[48].field.as_str()),
                (length, "48")
            );
            let last = &violations[length - 1].message;
            assert_eq!(last.starts_with("and "), number > MOST, "{last}");
        }
    }
}
