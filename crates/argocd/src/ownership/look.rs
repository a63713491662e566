//! Objects that are looked at before the commit, and what follows from them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Cluster, Settings};
use kubernetes::kind::Target;
use serde_json::Value;

use super::conflict::{ConflictReason, OwnershipConflict};
use super::{
    AdoptedObject, Holdings, held, is_cluster_secret, is_going, is_handed_over, is_resource_of,
    owner, secret_owner, text,
};
use crate::names;

/// Objects of the management cluster that one cluster's save or removal may touch. Metadata is enough, but for
/// [`Look::foreign`], and for [`Look::secret`] where what is in it is to be kept.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The Secrets that carry the cluster's name.
    pub labelled: Vec<Value>,
    /// The Secret of the API server's name.
    pub secret: Option<Value>,
    /// The cluster Secrets that carry no name of ours ([`super::FOREIGN_SECRETS`]), with their data.
    pub foreign: Vec<Value>,
    /// The Cluster resource of the cluster's name.
    pub resource: Option<Value>,
    /// The Job of the cluster's name.
    pub job: Option<Value>,
    /// The Applications of the cluster and of its host.
    pub applications: Vec<Value>,
}

/// A cluster that is about to be saved.
#[derive(Debug, Clone, Copy)]
pub struct ClusterClaim<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// True where the repository has a resource file of the cluster: then a Cluster resource may be what Argo CD made
    /// of that.
    pub registered: bool,
    /// True where objects that others made are to be taken over.
    pub adopt: bool,
    /// The tenant's settings.
    pub settings: &'a Settings,
}

impl Look {
    /// Collects the objects that are ours of the cluster `name`, whatever else there is: for a removal. `tenant`: where its repository
    /// has the cluster's resource file, or had it a moment ago.
    #[must_use]
    pub fn holdings(&self, name: &str, tenant: Option<&Settings>) -> Holdings {
        let is_ours = |object: &&Value| owner(object) == Some(name);
        let secrets = self.labelled.iter();
        let secrets = secrets.filter(|secret| secret_owner(secret) == Some(name));
        let is_resource = |object: &&Value| is_resource_of(object, name, tenant);
        Holdings {
            secrets: secrets.map(held).collect(),
            resource: self.resource.as_ref().filter(is_resource).map(uid),
            job: self.job.as_ref().filter(is_ours).map(uid),
            applications: self.applications.clone(),
            adopted: Vec::new(),
        }
    }

    /// Tells whether there are credentials of the cluster for this API server: those of another server are nobody's to send there.
    /// [`Look::claim`] tells of Secrets that others wrote.
    #[must_use]
    pub fn has_credentials(&self, name: &str, api_server: &str) -> bool {
        let secret = domain::api_server::secret_name(api_server);
        let is_it = |it: &&Value| text(it, "/metadata/name") == secret;
        let mut labelled = self.labelled.iter().filter(is_it);
        self.secret.is_some() || labelled.any(|secret| secret_owner(secret) == Some(name))
    }

    /// Collects the objects that are ours for a save, or names the one that stands against it.
    ///
    /// # Errors
    /// The first object that is somebody else's or on its way out.
    pub fn claim(&self, claim: &ClusterClaim<'_>) -> Result<Holdings, OwnershipConflict> {
        let name = &claim.cluster.name;
        let tenant = claim.registered.then_some(claim.settings);
        let mut holdings = self.holdings(name, tenant);
        let secret = names::secret(claim.cluster, claim.settings);
        self.refuse_others(claim, &secret)?;
        if let Some(found) = &self.secret
            && let Some(adopted) = claim_secret(claim, found, &secret)?
        {
            holdings.adopted.push(AdoptedObject {
                object: secret.to_string(),
                uid: adopted.uid.clone(),
            });
            holdings.secrets.push(adopted);
        }
        let objects = [
            (
                &self.resource,
                &mut holdings.resource,
                names::resource(claim.cluster, claim.settings),
            ),
            (
                &self.job,
                &mut holdings.job,
                names::job(claim.cluster, claim.settings),
            ),
        ];
        for (found, known, target) in objects {
            let Some(found) = found else { continue };
            if is_going(found) {
                return Err(conflict(target, ConflictReason::Removal, Some(name)));
            }
            if known.is_none() {
                adopt(claim, &target, ConflictReason::Name)?;
                holdings.adopted.push(AdoptedObject {
                    object: target.to_string(),
                    uid: uid(found),
                });
                *known = Some(uid(found));
            }
        }
        Ok(holdings)
    }

    /// Cluster Secrets under other names: Argo CD would have two for one server, or two of one name.
    fn refuse_others(
        &self,
        claim: &ClusterClaim<'_>,
        current: &Target,
    ) -> Result<(), OwnershipConflict> {
        let labelled = self.labelled.iter();
        let labelled = labelled.filter(|it| is_cluster_secret(it) && secret_owner(it).is_none());
        let labelled = labelled.map(|secret| (secret, Some(ConflictReason::Name)));
        let foreign = self.foreign.iter();
        let foreign = foreign.map(|secret| (secret, overlap(claim.cluster, secret)));
        for (secret, reason) in labelled.chain(foreign) {
            let name = text(secret, "/metadata/name");
            if let Some(reason) = reason.filter(|_| name != current.name) {
                let target = current.kind.target(&current.namespace, name);
                return Err(conflict(target, reason, None));
            }
        }
        Ok(())
    }
}

/// Looks at the Secret that would be written. Returns it where it is taken over.
fn claim_secret(
    claim: &ClusterClaim<'_>,
    secret: &Value,
    target: &Target,
) -> Result<Option<super::HeldObject>, OwnershipConflict> {
    let name = &claim.cluster.name;
    let refusal = |reason, cluster| Err(conflict(target.clone(), reason, cluster));
    match secret_owner(secret) {
        // Of a registered cluster nobody has asked to remove it.
        owner if is_going(secret) => refusal(
            ConflictReason::Removal,
            owner.filter(|owner| !(claim.registered && *owner == name)),
        ),
        // A cluster that is saved again while it is uninstalled takes its Secret back.
        Some(owner) if owner == name => Ok(None),
        owner @ Some(_) if is_handed_over(secret) => refusal(ConflictReason::Removal, owner),
        owner @ Some(_) => refusal(ConflictReason::Server, owner),
        None => {
            adopt(claim, target, ConflictReason::Server)?;
            Ok(Some(held(secret)))
        }
    }
}

fn adopt(
    claim: &ClusterClaim<'_>,
    target: &Target,
    reason: ConflictReason,
) -> Result<(), OwnershipConflict> {
    match claim.adopt {
        true => Ok(()),
        false => Err(OwnershipConflict {
            adoptable: true,
            ..conflict(target.clone(), reason, None)
        }),
    }
}

fn conflict(target: Target, reason: ConflictReason, cluster: Option<&str>) -> OwnershipConflict {
    OwnershipConflict {
        target: Box::new(target),
        cluster: cluster.map(str::to_owned),
        reason,
        adoptable: false,
    }
}

/// Tells which identity a Secret that is not ours shares with a cluster: API server or name.
fn overlap(cluster: &Cluster, secret: &Value) -> Option<ConflictReason> {
    let member = |pointer| {
        let bytes = STANDARD.decode(text(secret, pointer)).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    };
    let server = member("/data/server");
    // Written by hand, it may differ in letter case, the default port or a slash.
    let server = domain::api_server::normalize(&server).unwrap_or(server);
    if server == cluster.api_server {
        Some(ConflictReason::Server)
    } else {
        (member("/data/name") == cluster.name).then_some(ConflictReason::Name)
    }
}

fn uid(object: &Value) -> String {
    text(object, "/metadata/uid").to_owned()
}
