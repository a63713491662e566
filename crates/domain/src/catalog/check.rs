//! Rules on a catalog that has the right shape.

use std::collections::{BTreeMap, BTreeSet};

use super::{CatalogError, Chart, Entry, Image, Property, PropertyRule, Source};
use crate::Category;

/// Charts the system itself installs.
const NEEDED_CHARTS: [&str; 1] = ["vcluster"];

/// The only category of which no kind of cluster needs a component.
const OPTIONAL: Category = Category::CertManagement;

/// Every rule; the first that does not hold.
pub fn catalog(entries: &[Entry], charts: &BTreeMap<String, Chart>) -> Result<(), CatalogError> {
    let mut names = BTreeSet::new();
    for item in entries {
        let place = format!("component {}: ", item.name);
        require(names.insert(&item.name), &place, "name", "stands twice")?;
        entry(item, &place)?;
    }
    for category in Category::ALL {
        let found = entries.iter().any(|entry| entry.category == category);
        let name = category.camel_case();
        let rule = format!("must have a component of category {name}");
        require(found || category == OPTIONAL, "", "components", &rule)?;
    }
    for (name, item) in charts {
        chart(item, &format!("chart {name}: helm."))?;
    }
    for name in NEEDED_CHARTS {
        let rule = format!("must have a chart named {name}");
        require(charts.contains_key(name), "", "charts", &rule)?;
    }
    Ok(())
}

fn entry(entry: &Entry, place: &str) -> Result<(), CatalogError> {
    const LABEL: &str = "must be a DNS label: a to z, 0 to 9 and -, at most 63 characters";
    require(is_label(&entry.name), place, "name", LABEL)?;
    require(is_label(&entry.namespace), place, "namespace", LABEL)?;
    for (name, item) in &entry.properties {
        property(item, place, &format!("properties.{name}.default"))?;
    }
    match &entry.source {
        Source::Helm(item) => chart(item, &format!("{place}source.helm.")),
        Source::Nothing => Ok(()),
        Source::Manifests { urls, images } => {
            let field = "source.manifests";
            require(
                !urls.is_empty(),
                place,
                field,
                "must name at least one file",
            )?;
            let valid = urls.iter().all(|url| is_https(url));
            require(valid, place, field, "must be https URLs")?;
            images.iter().try_for_each(|item| image(item, place))
        }
    }
}

fn image(image: &Image, place: &str) -> Result<(), CatalogError> {
    let field = format!("source.images.{}", image.name);
    let replaced = image.new_name.is_some() || image.new_tag.is_some() || image.digest.is_some();
    let rule = "must have newName, newTag or digest";
    require(replaced, place, &field, rule)?;
    let single = image.new_tag.is_none() || image.digest.is_none();
    require(
        single,
        place,
        &field,
        "must have newTag or digest, not both",
    )?;
    let is_hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digest = image.digest.as_deref();
    let valid = digest.is_none_or(|text| text.strip_prefix("sha256:").is_some_and(is_hex));
    let rule = "must have a digest of sha256: and 64 hexadecimal digits";
    require(valid, place, &field, rule)
}

fn property(property: &Property, place: &str, field: &str) -> Result<(), CatalogError> {
    let Some(default) = &property.default else {
        return Ok(());
    };
    let filled = default
        .replace("{name}", "a")
        .replace("{primary_domain}", "b");
    let rule = "may hold no other placeholders than {name} and {primary_domain}";
    require(!filled.contains(['{', '}']), place, field, rule)?;
    match property.rule {
        PropertyRule::Free => Ok(()),
        PropertyRule::Flag => {
            let valid = ["true", "false"].contains(&default.as_str());
            require(valid, place, field, "must be \"true\" or \"false\"")
        }
        PropertyRule::ObjectName => {
            let valid = filled.split('.').all(is_label);
            require(valid, place, field, "must be the name of an object")
        }
        PropertyRule::HostName => {
            let valid = filled.split('.').all(is_label);
            require(valid, place, field, "must be a host name")
        }
        PropertyRule::NodePort => {
            let port = default.parse::<u16>();
            let valid = port.is_ok_and(|port| (30_000..=32_767).contains(&port));
            require(valid, place, field, "must be a number from 30000 to 32767")
        }
    }
}

fn chart(chart: &Chart, place: &str) -> Result<(), CatalogError> {
    let url = "must be an https URL";
    require(is_https(&chart.repository), place, "repository", url)?;
    let rule = "must be one version, such as 1.2.3, not a range";
    require(is_pinned(&chart.version), place, "version", rule)
}

fn require(holds: bool, place: &str, field: &str, rule: &str) -> Result<(), CatalogError> {
    if holds {
        return Ok(());
    }
    Err(CatalogError {
        place: format!("{place}{field}"),
        rule: rule.to_owned(),
    })
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// User information would end in Git, and in Applications of the management cluster.
fn is_https(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !authority.is_empty() && !authority.contains('@') && !text.contains(char::is_whitespace)
    })
}

/// Three numbers, as Semantic Versioning has them, whatever follows `-` or `+`.
fn is_pinned(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let rest = |char: char| char.is_ascii_alphanumeric() || "-+.".contains(char);
    core.split('.').count() == 3 && core.split('.').all(number) && version.chars().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let longest = "a".repeat(63);
        for text in ["a", "a-1", "1", &longest] {
            assert!(is_label(text), "{text}");
        }
        let longer = "a".repeat(64);
        for text in ["", "-a", "a-", "A", "a.b", "ä", &longer] {
            assert!(!is_label(text), "{text}");
        }
    }

    #[test]
    fn urls() {
        assert!(is_https("https://charts.example.com/a"));
        for text in [
            "",
            "https://",
            "https:///a",
            "https://a b",
            "http://a",
            "a",
            "https://user:token@charts.example.com/a",
            "https://token@charts.example.com",
        ] {
            assert!(!is_https(text), "{text}");
        }
    }

    #[test]
    fn versions() {
        for text in ["1.2.3", "v1.2.3", "0.10.0-rc.1", "1.2.3+build.5"] {
            assert!(is_pinned(text), "{text}");
        }
        for text in [
            "",
            "v",
            "1.2",
            "1.2.3.4",
            "1..3",
            "1.2.x",
            "1.2.3 || 4.0.0",
            "1.2.3-a b",
            "~1.2.3",
        ] {
            assert!(!is_pinned(text), "{text}");
        }
    }
}
