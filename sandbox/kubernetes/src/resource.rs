//! Resources that the server serves, each of a group and version, and how objects of them are addressed.

use std::fmt;
use std::sync::Arc;

use crate::schema::SchemaNode;
use crate::table::TableColumn;

/// Group and plural name, such as `applications.argoproj.io`; objects are stored under it whatever their version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupResource {
    /// API group; empty for core.
    pub group: String,
    /// Plural, lower-case name.
    pub resource: String,
}

impl GroupResource {
    /// From group and plural name.
    pub fn new(group: &str, resource: &str) -> Self {
        Self {
            group: group.to_owned(),
            resource: resource.to_owned(),
        }
    }
}

impl fmt::Display for GroupResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_qualified(formatter, &self.resource, &self.group)
    }
}

/// Group and kind, such as `Application.argoproj.io`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupKind {
    /// API group; empty for core.
    pub group: String,
    /// Kind in CamelCase.
    pub kind: String,
}

impl GroupKind {
    /// From group and kind.
    pub fn new(group: &str, kind: &str) -> Self {
        Self {
            group: group.to_owned(),
            kind: kind.to_owned(),
        }
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_qualified(formatter, &self.kind, &self.group)
    }
}

fn write_qualified(formatter: &mut fmt::Formatter<'_>, name: &str, group: &str) -> fmt::Result {
    if group.is_empty() {
        formatter.write_str(name)
    } else {
        write!(formatter, "{name}.{group}")
    }
}

/// Namespace (empty for cluster-scoped) and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// Namespace; empty for cluster-scoped resources.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ObjectKey {
    /// From namespace and name.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// One resource in one version, built in or from a CustomResourceDefinition.
#[derive(Debug, Clone)]
pub struct ApiResource {
    /// Group and plural name.
    pub id: GroupResource,
    /// Version, such as `v1alpha1`.
    pub version: String,
    /// Kind in CamelCase.
    pub kind: String,
    /// Kind of lists.
    pub list_kind: String,
    /// Singular, lower-case name.
    pub singular: String,
    /// Short names such as `ns`.
    pub short_names: Vec<String>,
    /// Categories such as `all`.
    pub categories: Vec<String>,
    /// Objects live in namespaces.
    pub namespaced: bool,
    /// Served as `/status` too.
    pub status: bool,
    /// Comes from a CustomResourceDefinition.
    pub custom: bool,
    /// True where this version is the one objects are stored in.
    pub storage: bool,
    /// Only POST is served and nothing is stored (access reviews).
    pub virtual_create: bool,
    /// Structural schema of the whole object.
    pub schema: Arc<SchemaNode>,
    /// Columns of the Table format, without NAME.
    pub columns: Arc<Vec<TableColumn>>,
}

impl ApiResource {
    /// `group/version`, or `version` for core.
    pub fn api_version(&self) -> String {
        group_version(&self.id.group, &self.version)
    }

    /// Group and kind.
    pub fn group_kind(&self) -> GroupKind {
        GroupKind::new(&self.id.group, &self.kind)
    }

    /// Verbs as in discovery.
    pub fn verbs(&self) -> Vec<&'static str> {
        if self.virtual_create {
            return vec!["create"];
        }
        vec![
            "create",
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "update",
            "watch",
        ]
    }
}

/// `group/version`, or `version` for core.
pub fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

/// Splits an `apiVersion` into group and version.
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}
