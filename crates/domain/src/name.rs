//! Names that Kubernetes, DNS and GitLab accept.

/// Longest name of a cluster. The longest name derived from one is the AppProject
/// `{name}-runtime-project`; with room for component names, every one stays below 63 characters.
pub const MAX_CLUSTER_NAME: usize = 40;

/// Longest DNS label (RFC 1123).
pub const MAX_LABEL: usize = 63;

/// Longest DNS name, written out without the final dot (RFC 1035).
pub const MAX_DNS_NAME: usize = 253;

/// Tells whether a text is a DNS-1123 label: lower-case letters, digits and inner hyphens, at most 63.
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= MAX_LABEL
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Tells whether a text is a DNS-1123 subdomain: labels with dots between them, at most 253 characters.
#[must_use]
pub fn is_dns_name(text: &str) -> bool {
    text.len() <= MAX_DNS_NAME && text.split('.').all(is_dns_label)
}

/// Tells whether a text can be the path of a product, which is a group of GitLab (`MAX_PATH_LENGTH` of a namespace).
#[must_use]
pub fn is_product(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    !text.is_empty() && text.len() <= 255 && text.bytes().all(inner)
}

/// Tells whether a text can be the kind of a resource, or Argo CD's pattern for all of them.
#[must_use]
pub fn is_kind(text: &str) -> bool {
    let is_name = text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name && text.len() <= MAX_LABEL || text == "*"
}

/// Tells whether a text can be the API group of a resource, or Argo CD's pattern for all of them.
#[must_use]
pub fn is_group(text: &str) -> bool {
    is_dns_name(text) || text == "*"
}

/// Tells whether a text can be the name of a cluster.
#[must_use]
pub fn is_cluster_name(text: &str) -> bool {
    is_dns_label(text) && text.len() <= MAX_CLUSTER_NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for good in ["a", "0", "a-b", "1e3", "yes", &"a".repeat(63)] {
            assert!(is_dns_label(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a.b",
            "a_b",
            "a b",
            "ä",
            "../a",
            &"a".repeat(64),
        ] {
            assert!(!is_dns_label(bad), "{bad}");
        }
    }

    #[test]
    fn products_kinds_and_groups() {
        let repeated = |length| "A".repeat(length);
        for good in ["a", "Group/sub_group.x-1", &repeated(255)] {
            assert!(is_product(good), "{good}");
        }
        for bad in ["", "a b", "ä", "a\u{85}", &repeated(256)] {
            assert!(!is_product(bad), "{bad}");
        }
        for good in ["ClusterRole", "*", &repeated(63)] {
            assert!(is_kind(good), "{good}");
        }
        for bad in ["", "clusterRole", "A-b", "A*", "**", &repeated(64)] {
            assert!(!is_kind(bad), "{bad}");
        }
        for (group, is_good) in [
            ("rbac.k8s.io", true),
            ("*", true),
            ("", false),
            ("*.a", false),
        ] {
            assert_eq!(is_group(group), is_good, "{group}");
        }
    }

    #[test]
    fn names() {
        for good in ["a.b", "8.217.50.114.nip.io", "a"] {
            assert!(is_dns_name(good), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "a.B", &"a.".repeat(127)] {
            assert!(!is_dns_name(bad), "{bad}");
        }
        assert!(
            is_dns_name(&format!("{}a", "a.".repeat(126))),
            "253 characters"
        );
        assert!(
            !is_dns_name(&format!("{}ab", "a.".repeat(126))),
            "254 characters"
        );
        assert!(is_cluster_name(&"a".repeat(40)));
        assert!(!is_cluster_name(&"a".repeat(41)));
    }
}
