//! State of a cluster as Argo CD tells it.

use std::collections::BTreeMap;

use api::Status;
use argocd::objects::NAME_LABEL;
use argocd::progress::remaining;
use argocd::status::{self, ClusterObservation, selector};
use argocd::{names, ownership};
use domain::Cluster;
use futures::future::join_all;
use kubernetes::api::ListQuery;
use kubernetes::parse::Page;
use kubernetes::{Kind, WatchEvent, WatchEventKind};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::Runtime;

/// Observation of a cluster; the management cluster may not have answered.
#[derive(Debug, Clone)]
pub struct Observed(Result<Objects, Failure>);

#[derive(Debug, Clone, Default)]
struct Objects {
    applications: Page,
    /// The tenant's root Application, where the cluster's Applications were listed.
    root: Option<Value>,
    secret: Option<Value>,
    resource: Option<Value>,
}

impl Observed {
    /// Of a cluster without anything.
    #[must_use]
    pub fn nothing() -> Self {
        Self(Ok(Objects::default()))
    }

    /// From which a watch of the Applications goes on; `None` where it would not tell of all of them.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        let objects = self.0.as_ref().ok()?;
        objects.applications.resource_version.as_deref()
    }

    /// The next look lists the Applications anew.
    pub fn forget_version(&mut self) {
        if let Ok(objects) = &mut self.0 {
            objects.applications.resource_version = None;
        }
    }

    /// Takes over what a watch tells.
    pub fn apply(&mut self, event: WatchEvent) {
        let Ok(objects) = &mut self.0 else {
            return;
        };
        let applications = &mut objects.applications;
        if let Some(version) = event.resource_version() {
            applications.resource_version = Some(version.to_owned());
        }
        if event.kind == WatchEventKind::Bookmark {
            return;
        }
        let name = super::text(&event.object, "/metadata/name");
        applications
            .items
            .retain(|it| super::text(it, "/metadata/name") != name);
        if event.kind == WatchEventKind::Present {
            applications.items.push(event.object);
        }
    }

    /// The Applications, where a watch has kept them as they are. Of a cluster without any, only a list knows whether there
    /// are some without the label.
    pub(crate) fn take_watched(&mut self) -> Option<Page> {
        let applications = &mut self.0.as_mut().ok()?.applications;
        let is_kept = applications.resource_version.is_some() && !applications.items.is_empty();
        is_kept.then(|| std::mem::take(applications))
    }

    /// When the Cluster resource was made, RFC 3339.
    #[must_use]
    pub fn created_at(&self) -> Option<String> {
        let resource = self.0.as_ref().ok()?.resource.as_ref()?;
        super::text(resource, "/metadata/creationTimestamp")
    }
}

impl<W: Runtime> Management<'_, W> {
    /// Looks at the objects that tell a cluster's status, in one round trip: but for the Applications that were
    /// `watched`. Its age does not change: whoever knows it needs no `age`.
    pub async fn observe(&self, cluster: &Cluster, age: bool, watched: Option<Page>) -> Observed {
        Observed(self.objects(cluster, age, watched).await)
    }

    async fn objects(
        &self,
        cluster: &Cluster,
        age: bool,
        watched: Option<Page>,
    ) -> Result<Objects, Failure> {
        let is_listed = watched.is_none();
        let applications = async {
            if let Some(watched) = watched {
                return Ok(watched);
            }
            let first = names::generated(cluster, cluster.usage);
            let first = first.get(..1).unwrap_or_default();
            self.applications(&cluster.name, None, first).await
        };
        let root = names::root_application(&self.settings);
        let root = async {
            match is_listed {
                // It says why there is nothing yet; without it the status is as true.
                true => self.object(&root).await.ok().flatten(),
                false => None,
            }
        };
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
        let (applications, root, secret, resource) =
            futures::join!(applications, root, self.metadata(&secret), resource,);
        Ok(Objects {
            applications: applications?,
            root,
            secret: secret?,
            resource: resource?,
        })
    }

    /// The member `status` of a cluster. A management cluster that can't be asked is a phase of its own:
    /// what is in Git is true all the same. See [`ClusterObservation::revisions`].
    #[must_use]
    pub fn status(&self, cluster: &Cluster, observed: &Observed, revisions: &[String]) -> Status {
        match &observed.0 {
            Ok(objects) => status::of(&ClusterObservation {
                cluster,
                applications: &objects.applications.items,
                root: objects.root.as_ref(),
                secret: objects.secret.as_ref(),
                revisions,
                now: self.runtime.now(),
                settings: &self.settings,
            }),
            Err(failure) => status::unknown(Some(failure.for_readers())),
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
            (Ok(applications), Ok(secrets)) => {
                (by_cluster(applications.items), by_cluster(secrets))
            }
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
                    None => self.observe(cluster, false, None).await,
                    Some(items) => Observed(Ok(Objects {
                        applications: Page {
                            items,
                            ..Page::default()
                        },
                        root: None,
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

    /// Observes what is left of a cluster that is not in the repository any more, with its status; `None` where
    /// nothing is.
    ///
    /// # Errors
    /// The management cluster can't be asked: whether something is left is not known.
    pub async fn observe_removal(&self, name: &str) -> Result<Option<(Cluster, Status)>, Failure> {
        let mut look = self.look_at_own(name, None).await?;
        look.labelled
            .retain(|secret| ownership::is_secret_of(secret, name));
        let cluster = self.reconstruct_cluster(name, &look);
        Ok(cluster.map(|cluster| {
            let secrets = &look.labelled;
            let left = remaining(&cluster, secrets, &look.applications, &self.settings);
            let status = status::removing(&cluster, &left);
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
