//! From the name of a variable to its value.

use std::env::VarError;

/// In the order in which they are looked for.
const PREFIXES: [&str; 2] = ["NAUTES_", "SPIN_VARIABLE_"];

/// Why there is no value. The environment variable is named where there is one to set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    InvalidName,
    Undefined(String),
    NotText(String),
}

/// The value of a variable, from what `environment` knows.
pub(crate) fn lookup(
    name: &str,
    environment: impl Fn(&str) -> Result<String, VarError>,
) -> Result<String, Missing> {
    if !is_lower_snake_case(name) {
        return Err(Missing::InvalidName);
    }
    let name = name.to_uppercase();
    for prefix in PREFIXES {
        let variable = format!("{prefix}{name}");
        match environment(&variable) {
            Ok(value) => return Ok(value),
            Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => return Err(Missing::NotText(variable)),
        }
    }
    Err(Missing::Undefined(format!("NAUTES_{name}")))
}

fn is_lower_snake_case(name: &str) -> bool {
    name.split('_').all(|word| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{Missing, lookup};
    use std::env::VarError;

    fn of(environment: &[(&str, &str)], name: &str) -> Result<String, Missing> {
        lookup(name, |variable| {
            let found = environment.iter().find(|(known, _)| *known == variable);
            found
                .map(|(_, value)| (*value).to_owned())
                .ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn our_name_comes_before_spins() {
        let both = [
            ("SPIN_VARIABLE_GITLAB_URL", "spin"),
            ("NAUTES_GITLAB_URL", "ours"),
        ];
        assert_eq!(of(&both, "gitlab_url").unwrap(), "ours");
        assert_eq!(of(&both[..1], "gitlab_url").unwrap(), "spin");
    }

    #[test]
    fn an_empty_value_is_a_value() {
        assert_eq!(of(&[("NAUTES_CA_BUNDLE", "")], "ca_bundle").unwrap(), "");
    }

    #[test]
    fn a_missing_variable_says_what_to_set() {
        let missing = Missing::Undefined("NAUTES_GITLAB_URL".to_owned());
        assert_eq!(of(&[], "gitlab_url").unwrap_err(), missing);
    }

    #[test]
    fn names_are_lower_snake_case() {
        for name in ["", "A", "a__b", "_a", "a_", "a-b", "a b", "1a", "a=b"] {
            assert_eq!(of(&[], name).unwrap_err(), Missing::InvalidName, "{name}");
        }
        assert_eq!(of(&[("NAUTES_A1_B2", "x")], "a1_b2").unwrap(), "x");
    }

    #[test]
    fn a_value_that_is_not_text_is_not_passed_over() {
        let broken = |_: &str| Err(VarError::NotUnicode("x".into()));
        let missing = Missing::NotText("NAUTES_A".to_owned());
        assert_eq!(lookup("a", broken).unwrap_err(), missing);
    }
}
