//! A kubeconfig as a person recognises it: which server, which user, until when.

use super::{KubeconfigError, cluster, encoding, entries, user};
use crate::tree::Node;

/// What may be shown of a kubeconfig. Holds no credential.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// URL of the API server.
    pub server: Option<String>,
    /// Name of the user.
    pub user: Option<String>,
    /// End of the credentials, in seconds since 1970-01-01T00:00:00Z.
    pub expires_at: Option<u64>,
    /// Reasons why it can't be used.
    pub errors: Vec<KubeconfigError>,
}

/// Reads what can be shown of a kubeconfig, at a time in seconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn summary(text: &str, now: u64) -> Summary {
    let config = match encoding::tree(text) {
        Ok(config) => config,
        Err(error) => {
            return Summary {
                errors: vec![error],
                ..Summary::default()
            };
        }
    };
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let (server, login) = entries::chosen(&config, &mut errors);
    if let Some(server) = server {
        cluster::read(server, now, &mut errors, &mut warnings);
    }
    let user = login.and_then(|node| user::read(node, now, &mut errors, &mut warnings));
    Summary {
        server: server.and_then(|node| text_of(node, "server")),
        user: entries::user_name(&config),
        expires_at: user.and_then(|user| user.expires_at),
        errors,
    }
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::text).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "
current-context: b
clusters:
- {name: one, cluster: {server: https://10.0.0.1:6443, insecure-skip-tls-verify: true}}
- {name: two, cluster: {server: https://10.0.0.2:6443, insecure-skip-tls-verify: true}}
contexts:
- {name: b, context: {cluster: two, user: admin}}
users:
- {name: admin, user: {token: canary}}
";

    #[test]
    fn the_current_contexts_server_and_user_are_shown_and_no_credential() {
        let summary = summary(CONFIG, 0);
        assert_eq!(summary.server.as_deref(), Some("https://10.0.0.2:6443"));
        assert_eq!(summary.user.as_deref(), Some("admin"));
        assert_eq!(summary.errors, []);
        assert!(!format!("{summary:?}").contains("canary"));
    }

    #[test]
    fn what_is_no_kubeconfig_has_its_reason() {
        assert_eq!(summary("a: [", 0).errors.len(), 1);
        assert!(!summary("users: []", 0).errors.is_empty());
    }
}
