//! The Applications of one cluster, however many others there are.

use argocd::status::{selector, unlisted};
use futures::future::try_join_all;
use kubernetes::api::WatchQuery;
use kubernetes::parse::Page;
use kubernetes::{Error, Kind};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::Runtime;

/// Applications that are read one by one, of a cluster that was installed before its Applications carried its name.
/// It has about twenty.
const MOST: usize = 64;

impl<W: Runtime> Management<'_, W> {
    /// The Applications of a cluster and of its host, found by their label; none where Argo CD is not installed.
    ///
    /// An install that is older than the label shows by an Application of a known name, one of `first`. These are looked
    /// at in the same round trip; where one lacks the label, all of the cluster's are read by their names, and what is
    /// returned has no version: a watch by the label would not tell of them.
    pub(super) async fn applications(
        &self,
        cluster: &str,
        host: Option<&str>,
        first: &[String],
    ) -> Result<Page, Failure> {
        let clusters: Vec<&str> = [Some(cluster), host].into_iter().flatten().collect();
        let selector = selector(&clusters);
        let (listed, known) = futures::join!(
            self.labelled_applications(&selector),
            try_join_all(first.iter().map(|name| self.application_metadata(name))),
        );
        let mut found = listed?;
        let known = known?;
        let mut wanted = unlisted(cluster, &found.items, known.iter().flatten());
        while !wanted.is_empty() && found.items.len() < MOST {
            let targets: Vec<_> = wanted.iter().map(|name| self.application(name)).collect();
            let read = try_join_all(targets.iter().map(|target| self.object(target))).await?;
            let listed = found.items.len();
            found.items.extend(read.into_iter().flatten());
            if found.items.len() > listed {
                found.resource_version = None;
            }
            let next = unlisted(cluster, &found.items, std::iter::empty());
            wanted = next.difference(&wanted).cloned().collect();
        }
        Ok(found)
    }

    /// A host's Applications, for their uids; none where there is no host.
    pub(super) async fn applications_of_host(
        &self,
        host: Option<&str>,
    ) -> Result<Vec<Value>, Failure> {
        match host {
            Some(host) => {
                let list = self.labelled_applications(&selector(&[host])).await;
                list.map(|list| list.items)
            }
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn labelled_applications(&self, selector: &str) -> Result<Page, Failure> {
        let namespace = Some(&*self.settings.argocd_namespace);
        match self
            .whole_list(&Kind::APPLICATION, namespace, Some(selector))
            .await
        {
            Err(Failure::Answer {
                error: Error::KindMissing,
                ..
            }) => Ok(Page::default()),
            result => result,
        }
    }

    /// Begins to watch a cluster's Applications, from a version on that a list or an earlier watch told.
    ///
    /// # Errors
    /// The management cluster refuses, or can't be asked.
    pub async fn watch_applications(
        &self,
        cluster: &str,
        resource_version: &str,
        seconds: u64,
    ) -> Result<W::Stream, Failure> {
        let namespace = &self.settings.argocd_namespace;
        let request = self.api.watch(
            &Kind::APPLICATION,
            &WatchQuery {
                namespace,
                label_selector: &selector(&[cluster]),
                resource_version,
                seconds,
            },
        );
        self.open(request, &Kind::APPLICATION.target(namespace, ""))
            .await
    }

    async fn application_metadata(&self, name: &str) -> Result<Option<Value>, Failure> {
        self.metadata(&self.application(name)).await
    }

    fn application(&self, name: &str) -> kubernetes::Target {
        Kind::APPLICATION.target(&self.settings.argocd_namespace, name)
    }
}
