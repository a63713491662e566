//! The additions of a component, from wherever a request has them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Context, Draft};
use crate::Category;
use crate::body::quote::{is_harmful, quoted, trim_blanks};
use crate::catalog::{Entry, Property, PropertyRule};
use crate::fields::{named, unknown};
use crate::findings::Findings;
use crate::name;
use crate::request::{Legacy, Request};
use crate::rules::virtual_cluster::parse_node_port;

/// A value, and where it stands.
struct Given {
    at: String,
    value: String,
}

/// The additions, with the catalog's defaults. Only those that obey the catalog's rules.
pub(super) fn read(
    context: &Context<'_>,
    category: Category,
    entry: &Entry,
    draft: &Draft,
    findings: &mut Findings,
) -> BTreeMap<String, String> {
    let mut given = listed(context.request, category, entry, findings);
    for legacy in &context.request.legacy {
        if legacy.category == category {
            unite(legacy, entry, &mut given, findings);
        }
    }
    let mut additions = BTreeMap::new();
    for (name, property) in &entry.properties {
        let value = match given.remove(name) {
            Some(given) => judged(property.rule, &given, findings),
            None if context.request.is_broken(category, name) => None,
            None => default(context, category, name, property, draft)
                // A long domain can make too long a name.
                .and_then(|default| judged(property.rule, &default, findings)),
        };
        if let Some(value) = value {
            additions.insert(name.clone(), value);
        }
    }
    refuse_equal_ports(context.request, category, entry, &additions, findings);
    for (name, given) in given {
        let name = Given {
            at: given.at.clone(),
            value: name,
        };
        let name = judged(PropertyRule::Free, &name, findings);
        let value = judged(PropertyRule::Free, &given, findings);
        additions.extend(name.zip(value));
    }
    additions
}

fn default(
    context: &Context<'_>,
    category: Category,
    addition: &str,
    property: &Property,
    draft: &Draft,
) -> Option<Given> {
    // A bad name of the cluster is reported as such.
    let domain = draft
        .primary_domain
        .as_deref()
        .filter(|_| name::is_cluster_name(context.name))?;
    Some(Given {
        at: context.request.place_of(category, addition),
        value: property.default_value(context.name, domain)?,
    })
}

/// Collects the additions of `components_list`, without those that the component does not know.
fn listed(
    request: &Request,
    category: Category,
    entry: &Entry,
    findings: &mut Findings,
) -> BTreeMap<String, Given> {
    let mut given = BTreeMap::new();
    let known: Vec<&str> = entry.properties.keys().map(String::as_str).collect();
    let requested = request.components.get(&category);
    let requested = requested.filter(|_| category.is_requestable());
    for (name, field) in requested.into_iter().flat_map(|it| &it.additions) {
        let Some(value) = &field.value else {
            continue;
        };
        if entry.open || entry.properties.contains_key(name) {
            let at = field.at.clone();
            given.insert(
                name.clone(),
                Given {
                    at,
                    value: value.clone(),
                },
            );
        } else {
            findings.warn_of_unknown(|| unknown(&field.at, name, &known));
        }
    }
    given
}

/// Adds what a field of an older version says; where the list says the same, it must say it equally.
fn unite(
    legacy: &Legacy,
    entry: &Entry,
    given: &mut BTreeMap<String, Given>,
    findings: &mut Findings,
) {
    let Some(value) = &legacy.value.value else {
        return;
    };
    let Some(property) = entry.properties.get(legacy.addition) else {
        findings.warn(format!(
            "`{}` is ignored: `{}` has no `{}`",
            legacy.field, entry.name, legacy.addition
        ));
        return;
    };
    let value = without_scheme(legacy, value);
    match given.get(legacy.addition) {
        Some(listed)
            if canonical(property.rule, &listed.value) != canonical(property.rule, value) =>
        {
            findings.refuse(
                &legacy.value.at,
                format!(
                    "`{}` is {}, but {} is {}",
                    legacy.field,
                    quoted(value),
                    quoted(&listed.at),
                    quoted(&listed.value)
                ),
                format!(
                    "send the same value in both, or leave out `{}`",
                    legacy.field
                ),
            );
        }
        Some(_) => {}
        None => {
            let given_here = Given {
                at: legacy.value.at.clone(),
                value: value.to_owned(),
            };
            given.insert(legacy.addition.to_owned(), given_here);
        }
    }
}

/// The guide of version 0.2 has a URL for `argocd_host`.
fn without_scheme<'a>(legacy: &Legacy, value: &'a str) -> &'a str {
    if legacy.field != "argocd_host" {
        return value;
    }
    let host = value.strip_prefix("https://").unwrap_or(value);
    host.strip_suffix('/').unwrap_or(host)
}

/// The value, if it obeys the catalog's rule.
fn judged(rule: PropertyRule, given: &Given, findings: &mut Findings) -> Option<String> {
    let value = canonical(rule, &given.value);
    if value.is_none() {
        let (expected, hint) = match rule {
            PropertyRule::Free => (
                "text of at most 4 KiB without control characters and line separators",
                "send it without them, or shorter",
            ),
            PropertyRule::HostName => (
                "a host name in lower case, without scheme, port and path",
                "send a name such as argocd.example.com",
            ),
            PropertyRule::Flag => ("true or false", "send \"true\" or \"false\""),
            PropertyRule::ObjectName => (
                "the name of a Kubernetes object",
                "use lower-case letters, digits, inner hyphens and dots",
            ),
            PropertyRule::NodePort => (
                "a port from 30000 to 32767",
                "send a free port from 30000 to 32767",
            ),
        };
        let message = format!(
            "{} must be {expected}, not {}",
            named(&given.at),
            quoted(&given.value)
        );
        findings.refuse(&given.at, message, hint);
    }
    value
}

/// Bytes of an addition without a rule of its own: a chart's value of a few lines; more belongs into a catalog.
const MAX_TEXT: usize = 4 * 1024;

/// Tells whether every reader downstream takes a value: kustomize refuses a whole folder over one such character.
pub(crate) fn is_text(value: &str) -> bool {
    value.len() <= MAX_TEXT && !value.contains(is_harmful)
}

/// The one spelling of a value; none where it breaks the rule. Whoever copies a value takes the blanks beside it along.
fn canonical(rule: PropertyRule, value: &str) -> Option<String> {
    if rule == PropertyRule::Free {
        return is_text(value).then(|| value.to_owned());
    }
    let value = trim_blanks(value);
    match rule {
        PropertyRule::Free => None,
        PropertyRule::Flag => ["true", "false"].contains(&value).then(|| value.to_owned()),
        PropertyRule::ObjectName => name::is_dns_name(value).then(|| value.to_owned()),
        PropertyRule::NodePort => parse_node_port(value).map(|port| port.to_string()),
        PropertyRule::HostName => {
            // An Ingress takes no address for a host name.
            let is_name = name::is_dns_name(value) && value.parse::<Ipv4Addr>().is_err();
            is_name.then(|| value.to_owned())
        }
    }
}

fn refuse_equal_ports(
    request: &Request,
    category: Category,
    entry: &Entry,
    additions: &BTreeMap<String, String>,
    findings: &mut Findings,
) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in additions {
        let rule = entry.properties.get(name).map(|property| property.rule);
        if rule != Some(PropertyRule::NodePort) {
            continue;
        }
        let Some(other) = taken.insert(value, name) else {
            continue;
        };
        // The one that was sent is the one to change.
        let at = request
            .given(category, name)
            .or_else(|| request.given(category, other));
        findings.refuse(
            at.unwrap_or_default(),
            format!("`{other}` and `{name}` are both {value}"),
            "send two different ports",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TEXT, is_text};

    #[test]
    fn text_is_what_every_reader_downstream_takes() {
        for (length, expected) in [
            (MAX_TEXT - 1, true),
            (MAX_TEXT, true),
            (MAX_TEXT + 1, false),
        ] {
            assert_eq!(is_text(&"a".repeat(length)), expected, "{length}");
        }
        for text in ["", "a b", "ü", "\u{1f600}", "{{ value }}", "\u{e000}"] {
            assert!(is_text(text), "{text:?}");
        }
        let harmful = [
            '\0',
            '\n',
            '\r',
            '\t',
            '\u{7f}',
            '\u{85}',
            '\u{2028}',
            '\u{2029}',
            '\u{fdd0}',
            '\u{ffff}',
            '\u{1fffe}',
        ];
        for character in harmful {
            assert!(!is_text(&format!("a{character}b")), "{character:?}");
        }
    }
}
