//! Which cluster and which user of a kubeconfig count.

use std::collections::BTreeSet;

use super::KubeconfigError;
use crate::fields::nearest;
use crate::tree::Node;

/// The chosen cluster and user, as far as they are there.
pub(super) fn chosen<'a>(
    config: &'a Node,
    errors: &mut Vec<KubeconfigError>,
) -> (Option<&'a Node>, Option<&'a Node>) {
    errors.extend(LISTS.iter().filter_map(|key| entries_error(config, key)));
    let (cluster, user) = match config.get("current-context") {
        // The first user may be another one than was meant.
        None if is_misspelt(config, "current-context") => {
            errors.push(KubeconfigError::Misspelt("current-context"));
            (Choice::None, Choice::None)
        }
        None => (Choice::First, Choice::First),
        Some(current) => match context(config, current) {
            Some(context) => (Choice::of(context, "cluster"), Choice::of(context, "user")),
            None => {
                errors.push(unknown_context(config, current));
                (Choice::None, Choice::None)
            }
        },
    };
    let clusters = List {
        key: "clusters",
        inner: "cluster",
        empty: KubeconfigError::NoCluster,
        unknown: KubeconfigError::UnknownCluster,
    };
    let users = List {
        key: "users",
        inner: "user",
        empty: KubeconfigError::NoUser,
        unknown: KubeconfigError::UnknownUser,
    };
    (
        clusters.choose(config, cluster, errors),
        users.choose(config, user, errors),
    )
}

/// The name of the user that counts.
pub(super) fn user_name(config: &Node) -> Option<String> {
    let user = match config.get("current-context") {
        Some(current) => context(config, current)?.get("user"),
        None => items(config, "users").first()?.get("name"),
    };
    user.and_then(Node::text).map(str::to_owned)
}

const LISTS: [&str; 3] = ["clusters", "contexts", "users"];

/// What keeps Go's reader from making a map of a list: it takes no name twice.
fn entries_error(config: &Node, key: &'static str) -> Option<KubeconfigError> {
    // Other types than these have been told.
    let Node::List(items) = config.get(key)? else {
        return None;
    };
    let mut names = BTreeSet::new();
    for item in items {
        let name = match (item, item.get("name")) {
            // `-` alone is one without anything.
            (Node::Map(_) | Node::Null, None) => "",
            (Node::Map(_), Some(Node::Text(name))) => name,
            (Node::Map(_), Some(_)) => continue,
            _ => return Some(KubeconfigError::Entries(key)),
        };
        if !names.insert(name) {
            return Some(KubeconfigError::RepeatedName(key));
        }
    }
    None
}

/// Which entry of a list counts.
enum Choice<'a> {
    First,
    Named(&'a str),
    /// Unknown: the reason is among the errors already.
    None,
}

impl<'a> Choice<'a> {
    /// What a context says. One without the name of a user means the user without a name.
    fn of(context: &'a Node, key: &str) -> Self {
        Self::Named(context.get(key).and_then(Node::text).unwrap_or_default())
    }
}

fn context<'a>(config: &'a Node, current: &Node) -> Option<&'a Node> {
    let name = current.text()?;
    named(items(config, "contexts"), name)?.get("context")
}

/// Tells whether kubectl knows which context is meant.
pub(super) fn has_context(config: &Node) -> bool {
    let current = config.get("current-context");
    current.is_some_and(|current| context(config, current).is_some())
}

fn unknown_context(config: &Node, current: &Node) -> KubeconfigError {
    let contexts = items(config, "contexts");
    let without_mark = current.text().and_then(|name| name.strip_suffix('%'));
    match without_mark.and_then(|name| named(contexts, name)) {
        Some(_) => KubeconfigError::ShellPercent,
        None if contexts.is_empty() => KubeconfigError::NoContext,
        None => KubeconfigError::UnknownContext,
    }
}

struct List {
    key: &'static str,
    inner: &'static str,
    empty: KubeconfigError,
    unknown: KubeconfigError,
}

impl List {
    fn choose<'a>(
        self,
        config: &'a Node,
        choice: Choice<'_>,
        errors: &mut Vec<KubeconfigError>,
    ) -> Option<&'a Node> {
        let items = items(config, self.key);
        let Some(first) = items.first() else {
            errors.push(missing(config, self.key, self.empty));
            return None;
        };
        let entry = match choice {
            Choice::First => Some(first),
            Choice::Named(name) => named(items, name),
            Choice::None => return None,
        };
        let Some(entry) = entry else {
            errors.push(self.unknown);
            return None;
        };
        let inner = entry.get(self.inner);
        if inner.is_none() {
            errors.push(missing(entry, self.inner, self.empty));
        }
        inner
    }
}

/// What to say of a field that is not there: that it is misspelt, or the other error.
pub(super) fn missing(
    node: &Node,
    key: &'static str,
    otherwise: KubeconfigError,
) -> KubeconfigError {
    match is_misspelt(node, key) {
        true => KubeconfigError::Misspelt(key),
        false => otherwise,
    }
}

/// So many fields are looked at for one that is misspelt: no entry has more.
const MOST_FIELDS: usize = 50;

/// Whether a field is there in another spelling.
pub(super) fn is_misspelt(node: &Node, key: &str) -> bool {
    let Node::Map(entries) = node else {
        return false;
    };
    let mut others = entries.iter().take(MOST_FIELDS);
    node.get(key).is_none()
        && others.any(|it| !it.value.is_absent() && nearest(&it.key, &[key]).is_some())
}

fn items<'a>(config: &'a Node, key: &str) -> &'a [Node] {
    match config.get(key) {
        Some(Node::List(items)) => items,
        _ => &[],
    }
}

/// The entry of a name; one without has the empty one, as it has for kubectl.
fn named<'a>(items: &'a [Node], name: &str) -> Option<&'a Node> {
    let of = |item: &'a Node| item.get("name").and_then(Node::text);
    items
        .iter()
        .find(|item| of(item).unwrap_or_default() == name)
}
