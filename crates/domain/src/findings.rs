//! What a check finds: violations, and warnings.

use crate::Violation;

/// As many violations and as many warnings are reported; whoever has more will send again anyway.
const MOST: usize = 100;

/// Collects everything that is wrong, so that the caller learns of all at once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    violations: Vec<Violation>,
    warnings: Vec<String>,
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
        }
    }

    /// Something the caller should know although the request is carried out.
    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        if self.warnings.len() < MOST {
            self.warnings.push(warning.into());
        }
    }

    /// The warnings, if no rule is broken, or else the violations.
    pub(crate) fn verdict(self) -> Result<Vec<String>, Vec<Violation>> {
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
    fn the_first_hundred_are_kept() {
        let mut findings = Findings::default();
        for number in 0..=MOST {
            findings.warn(number.to_string());
        }
        for number in 0..=MOST {
            findings.refuse(&number.to_string(), "", "");
        }
        assert_eq!(findings.warnings.last().map(String::as_str), Some("99"));
        let violations = findings.verdict().unwrap_err();
        assert_eq!(violations.len(), MOST);
        assert_eq!(violations[MOST - 1].field, "99");
    }
}
