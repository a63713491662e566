//! Which of an operator's settings for rendering can't be used.

use crate::Settings;
use crate::catalog::Catalog;
use crate::kubeconfig::certificate_bundle;

/// A setting that is missing or has no usable value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("variable {name} {problem}")]
pub struct SettingError {
    /// Name of the setting in `spin.toml`.
    pub name: &'static str,
    /// Reason why the setting can't be used. Never its value.
    pub problem: String,
}

/// Judges certificates and catalog. What has to be a URL, a label or a word is judged where it is read.
///
/// # Errors
/// The first setting that is unusable.
pub fn check_settings(settings: &Settings) -> Result<(), SettingError> {
    catalog(settings).map(|_| ())
}

/// The catalog to be used.
pub(crate) fn catalog(settings: &Settings) -> Result<Catalog, SettingError> {
    if !settings.ca_bundle.is_empty() {
        certificate_bundle(&settings.ca_bundle)
            .map_err(|problem| unusable("ca_bundle", problem))?;
    }
    let catalog = Catalog::from_settings(settings);
    catalog.map_err(|error| unusable("catalog", &format!("can't be used: {error}")))
}

fn unusable(name: &'static str, problem: &str) -> SettingError {
    SettingError {
        name,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../tests/authority.crt");

    fn told(settings: &Settings) -> String {
        check_settings(settings)
            .err()
            .map(|it| it.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn bundles() {
        let of = |text: &str| {
            told(&Settings {
                ca_bundle: text.to_owned(),
                ..Settings::default()
            })
        };
        let two = format!("# the company's\n{CERTIFICATE}\n{CERTIFICATE}");
        for text in ["", CERTIFICATE, &two] {
            assert_eq!(of(text), "", "{text}");
        }
        let glued = format!("{}{}", CERTIFICATE.trim_end(), CERTIFICATE);
        let label = "EC PRIVATE KEY";
        let key = format!("-----BEGIN {label}-----\nYQ==\n-----END {label}-----\n");
        let with_key = format!("{CERTIFICATE}{key}");
        let cut = &CERTIFICATE[..CERTIFICATE.len() / 2];
        for (text, words) in [
            ("/etc/ssl/ca.crt", "holds no certificate in PEM"),
            ("LS0tLS1CRUdJTg==", "holds no certificate in PEM"),
            (cut, "holds a PEM block that can't be read"),
            (
                &CERTIFICATE.replace('\n', "\\n"),
                "holds a PEM block that can't be read",
            ),
            (&glued, "does not begin on a line of its own"),
            (&with_key, "holds a private key"),
            (
                "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n",
                "holds a certificate that can't be read",
            ),
        ] {
            let told = of(text);
            assert!(
                told.starts_with("variable ca_bundle ") && told.contains(words),
                "{told}"
            );
        }
    }

    #[test]
    fn catalogs() {
        let settings = Settings {
            catalog: Some("a: b".to_owned()),
            ..Settings::default()
        };
        assert!(told(&settings).starts_with("variable catalog can't be used: "));
    }
}
