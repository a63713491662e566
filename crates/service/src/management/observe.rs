//! What Argo CD tells of a cluster.

use std::collections::BTreeMap;

use argocd::objects::NAME_LABEL;
use argocd::progress::remaining;
use argocd::status::{Observation, selector};
use argocd::{Status, names, ownership};
use domain::Cluster;
use futures::future::join_all;
use kubernetes::Kind;
use kubernetes::api::ListQuery;
use kubernetes::parse::Page;
use serde_json::{Value, json};

use super::{Failure, Management};
use crate::runtime::Runtime;

/// What was seen of a cluster; the management cluster may not have answered.
pub struct Observed(Result<Objects, Failure>);

#[derive(Default)]
struct Objects {
    applications: Vec<Value>,
    secret: Option<Value>,
    resource: Option<Value>,
}

impl Observed {
    /// When the Cluster resource was made, RFC 3339.
    #[must_use]
    pub fn created_at(&self) -> Option<String> {
        let resource = self.0.as_ref().ok()?.resource.as_ref()?;
        super::text(resource, "/metadata/creationTimestamp")
    }
}

impl<W: Runtime> Management<'_, W> {
    /// Looks at the objects that tell a cluster's status, in one round trip. Its age does not change: whoever knows it
    /// needs no `age`.
    pub async fn observe(&self, cluster: &Cluster, age: bool) -> Observed {
        Observed(self.objects(cluster, age).await)
    }

    async fn objects(&self, cluster: &Cluster, age: bool) -> Result<Objects, Failure> {
        let first = names::generated(cluster, cluster.usage);
        let secret = names::secret(cluster, &self.settings);
        let resource = async {
            match age {
                true => {
                    self.metadata(&names::resource(cluster, &self.settings))
                        .await
                }
                false => Ok(None),
            }
        };
        let (applications, secret, resource) = futures::join!(
            self.applications(&cluster.name, None, first.get(..1).unwrap_or_default()),
            self.metadata(&secret),
            resource,
        );
        Ok(Objects {
            applications: applications?,
            secret: secret?,
            resource: resource?,
        })
    }

    /// The member `status` of a cluster. A management cluster that can't be asked is a phase of its own:
    /// what is in Git is true all the same. See [`Observation::revisions`].
    #[must_use]
    pub fn status(&self, cluster: &Cluster, observed: &Observed, revisions: &[String]) -> Value {
        match &observed.0 {
            Ok(objects) => json!(Status::of(&Observation {
                cluster,
                applications: &objects.applications,
                secret: objects.secret.as_ref(),
                revisions,
                now: self.runtime.now(),
                settings: &self.settings,
            })),
            Err(failure) => {
                let mut status = json!(Status::unknown());
                if let Some(status) = status.as_object_mut() {
                    status.insert("message".into(), failure.to_string().into());
                }
                status
            }
        }
    }

    /// As [`Self::observe`] for several clusters, in their order: two lists for all of them. Those that have no Application
    /// with their label are looked at by themselves, because they may have been installed before it.
    pub async fn observe_all(&self, clusters: &[&Cluster]) -> Vec<Observed> {
        let names: Vec<&str> = clusters.iter().map(|cluster| &*cluster.name).collect();
        let selector = selector(&names);
        let namespace = Some(&*self.settings.argocd_namespace);
        let (applications, secrets) = futures::join!(
            self.labelled_applications(&selector),
            self.list_metadata(&Kind::SECRET, namespace, Some(&selector)),
        );
        let (mut applications, mut secrets) = match (applications, secrets) {
            (Ok(applications), Ok(secrets)) => (by_cluster(applications), by_cluster(secrets)),
            (Err(failure), _) | (_, Err(failure)) => {
                let unknown = clusters.iter().map(|_| Observed(Err(failure.clone())));
                return unknown.collect();
            }
        };
        let observed = clusters.iter().map(|cluster| {
            let applications = applications.remove(&cluster.name);
            let secrets = secrets.remove(&cluster.name).unwrap_or_default();
            let name = names::secret(cluster, &self.settings).name;
            let secret = secrets
                .into_iter()
                .find(|secret| super::text(secret, "/metadata/name").as_ref() == Some(&name));
            async move {
                match applications {
                    None => self.observe(cluster, false).await,
                    Some(applications) => Observed(Ok(Objects {
                        applications,
                        secret,
                        resource: None,
                    })),
                }
            }
        });
        join_all(observed).await
    }

    /// A page of the Cluster resources, metadata alone: of these clusters, or of all after those of the page before.
    ///
    /// # Errors
    /// The management cluster can't be asked.
    pub async fn registered_clusters(
        &self,
        names: Option<&[&str]>,
        continue_from: Option<&str>,
    ) -> Result<Page, Failure> {
        let selector = names.map(selector);
        let query = ListQuery {
            namespace: Some(&self.settings.nautes_namespace),
            label_selector: selector.as_deref(),
            continue_from,
        };
        self.metadata_page(&Kind::CLUSTER, &query).await
    }

    /// What is left of a cluster that is not in the repository any more, and its status; `None` where nothing is.
    ///
    /// # Errors
    /// The management cluster can't be asked: whether something is left is not known.
    pub async fn observe_removal(&self, name: &str) -> Result<Option<(Cluster, Value)>, Failure> {
        let mut look = self.look_at_own(name, None).await?;
        look.labelled
            .retain(|secret| ownership::is_secret_of(secret, name));
        let cluster = self.reconstruct_cluster(name, &look);
        Ok(cluster.map(|cluster| {
            let secrets = &look.labelled;
            let left = remaining(&cluster, secrets, &look.applications, &self.settings);
            let status = json!(Status::removing(&cluster, &left));
            (cluster, status)
        }))
    }
}

/// Objects by the cluster that their label names.
fn by_cluster(objects: Vec<Value>) -> BTreeMap<String, Vec<Value>> {
    let mut by_cluster = BTreeMap::new();
    for object in objects {
        let labels = object.pointer("/metadata/labels");
        let cluster = labels.and_then(|labels| labels.get(NAME_LABEL)?.as_str());
        let cluster = cluster.unwrap_or_default().to_owned();
        by_cluster
            .entry(cluster)
            .or_insert_with(Vec::new)
            .push(object);
    }
    by_cluster
}
