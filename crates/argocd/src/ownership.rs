//! Whose the objects of the management cluster are. What others made is neither overwritten nor removed.
//!
//! Ours is what our field manager has written and what carries the cluster's name as a label; of Secrets, cluster
//! Secrets alone. A Cluster resource may also be there by the file that is registered in the repository: then one of the
//! tenant's Applications has brought it. Everything is looked at before the commit, and every later write carries the uid
//! that was seen, or that there was none.

mod conflict;
mod look;

use domain::Settings;
use kubernetes::{FIELD_MANAGER, Kind};
use serde_json::Value;

use crate::objects::{CREDENTIALS, NAME_LABEL, TYPE_LABEL, USAGE_LABEL};

pub use conflict::{ConflictReason, OwnershipConflict};
pub use look::{ClusterClaim, Look};

/// Selects the cluster Secrets that carry no name of ours.
pub const FOREIGN_SECRETS: &str = "argocd.argoproj.io/secret-type=cluster,!cluster.nautes.io/name";

/// Something of ours, as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldObject {
    /// Name of the object.
    pub name: String,
    /// Uid of the object: a later one of the same name is something else.
    pub uid: String,
    /// `metadata.resourceVersion` when it was read; `None` where the answer had none. Every later write changes it.
    pub resource_version: Option<String>,
    /// The fingerprint of the credentials in it.
    pub credentials: Option<String>,
    /// True where the object goes with the Applications of an uninstall.
    pub is_owned: bool,
}

/// The objects of one cluster that are ours, and its Applications.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// The cluster's Secrets: one, or more after its API server has changed.
    pub secrets: Vec<HeldObject>,
    /// The uid of its Cluster resource.
    pub resource: Option<String>,
    /// The uid of the Job that fetches its kubeconfig.
    pub job: Option<String>,
    /// Applications of the cluster, and those of its host.
    pub applications: Vec<Value>,
    /// Objects that were somebody else's until this request.
    pub adopted: Vec<AdoptedObject>,
}

/// An object that others made and that is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedObject {
    /// Kind, namespace and name, such as `Secret argocd/cluster-a`.
    pub object: String,
    /// Uid of the object: a later one of the same name is something else.
    pub uid: String,
}

impl Holdings {
    /// The uid of a Secret, where there is one.
    #[must_use]
    pub fn uid_of(&self, secret: &str) -> Option<&str> {
        self.held(secret).map(|held| &*held.uid)
    }

    /// A Secret, where there is one.
    #[must_use]
    pub fn held(&self, secret: &str) -> Option<&HeldObject> {
        self.secrets.iter().find(|held| held.name == secret)
    }

    /// A word that stands for the objects that are taken over and for no others; `None` where there are none.
    #[must_use]
    pub fn adoption(&self) -> Option<String> {
        let uids = self.adopted.iter().map(|adopted| &*adopted.uid);
        (!self.adopted.is_empty()).then(|| crate::fingerprint::word_of(uids))
    }

    /// The fingerprint of the credentials that are stored in a Secret.
    #[must_use]
    pub fn credentials(&self, secret: &str) -> Option<&str> {
        self.held(secret)?.credentials.as_deref()
    }

    /// The Secrets of former API servers.
    pub fn stale<'a>(&'a self, current: &str) -> impl Iterator<Item = &'a HeldObject> {
        self.secrets.iter().filter(move |held| held.name != current)
    }

    /// The uid of an Application, where it is there.
    #[must_use]
    pub fn application(&self, name: &str) -> Option<&str> {
        let mut applications = self.applications.iter();
        let application = applications.find(|object| text(object, "/metadata/name") == name)?;
        Some(text(application, "/metadata/uid"))
    }
}

/// Tells whether our field manager has written an object's fields.
fn is_written_by_us(object: &Value) -> bool {
    let managers = object.pointer("/metadata/managedFields");
    let mut managers = managers.and_then(Value::as_array).into_iter().flatten();
    managers.any(|entry| text(entry, "/manager") == FIELD_MANAGER)
}

/// The cluster whose an object of ours is.
fn owner(object: &Value) -> Option<&str> {
    is_written_by_us(object).then(|| label(object, NAME_LABEL))?
}

/// The cluster whose a Secret of ours is.
fn secret_owner(secret: &Value) -> Option<&str> {
    owner(secret).filter(|_| is_cluster_secret(secret))
}

/// Tells whether a Secret is ours, of this cluster.
#[must_use]
pub fn is_secret_of(secret: &Value, cluster: &str) -> bool {
    secret_owner(secret) == Some(cluster)
}

/// Tells whether an object that is there is ours, and of the cluster that another one of the same kind and name is made for.
#[must_use]
pub(crate) fn is_same(there: &Value, object: &Value, settings: &Settings) -> bool {
    let Some(cluster) = label(object, NAME_LABEL) else {
        return false;
    };
    let is_ours = match text(object, "/kind") == Kind::CLUSTER.kind {
        true => is_resource_of(there, cluster, Some(settings)),
        false => owner(there) == Some(cluster),
    };
    is_ours && is_cluster_secret(there) == is_cluster_secret(object) && !is_going(there)
}

/// True where two Secrets have the same fingerprint of credentials in their annotations, or both have none.
pub(crate) fn hold_same_credentials(one: &Value, other: &Value) -> bool {
    annotation(one, CREDENTIALS) == annotation(other, CREDENTIALS)
}

/// Tells whether a Cluster resource is ours, of this cluster. `tenant`: where its repository has the cluster's resource file, which one
/// of its Applications may have brought.
fn is_resource_of(resource: &Value, cluster: &str, tenant: Option<&Settings>) -> bool {
    // One that an earlier version wrote carries no label.
    let is_anothers = label(resource, NAME_LABEL).is_some_and(|name| name != cluster);
    let is_brought = || tenant.is_some_and(|tenant| is_brought(resource, tenant));
    !is_anothers && (is_written_by_us(resource) || is_brought())
}

/// Tells whether Argo CD has applied an object from the tenant's repository: by the Application that a tenant of the original has for it,
/// or by the root Application. Argo CD tells by an annotation, and before 3.0 by a label.
fn is_brought(object: &Value, tenant: &Settings) -> bool {
    let tracked = annotation(object, "argocd.argoproj.io/tracking-id");
    let tracked = tracked.and_then(|id| id.split(':').next());
    let application = tracked.or_else(|| label(object, "app.kubernetes.io/instance"));
    let tenant = &*tenant.tenant;
    application.is_some_and(|name| name == tenant || name == domain::names::tenant_root(tenant))
}

/// Tells whether a Secret is somebody else's.
#[must_use]
pub fn is_foreign_secret(secret: &Value) -> bool {
    secret_owner(secret).is_none()
}

fn is_cluster_secret(secret: &Value) -> bool {
    label(secret, TYPE_LABEL) == Some("cluster")
}

/// Tells whether an object is being deleted.
fn is_going(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

fn is_handed_over(secret: &Value) -> bool {
    has_owners(secret) || label(secret, USAGE_LABEL).is_none()
}

fn has_owners(secret: &Value) -> bool {
    let owners = secret.pointer("/metadata/ownerReferences");
    let owners = owners.and_then(Value::as_array);
    owners.is_some_and(|owners| !owners.is_empty())
}

fn label<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(name)?.as_str()
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer("/metadata/annotations")?.get(name)?.as_str()
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}

fn held(object: &Value) -> HeldObject {
    HeldObject {
        name: text(object, "/metadata/name").to_owned(),
        uid: text(object, "/metadata/uid").to_owned(),
        resource_version: Some(text(object, "/metadata/resourceVersion"))
            .filter(|version| !version.is_empty())
            .map(str::to_owned),
        credentials: annotation(object, CREDENTIALS).map(str::to_owned),
        is_owned: has_owners(object),
    }
}

#[cfg(test)]
mod tests;
