//! The Applications of one cluster, however many others there are.

use argocd::status::{selector, unlisted};
use futures::future::try_join_all;
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
    /// at in the same round trip; where one lacks the label, all of the cluster's are read by their names.
    pub(super) async fn applications(
        &self,
        cluster: &str,
        host: Option<&str>,
        first: &[String],
    ) -> Result<Vec<Value>, Failure> {
        let clusters: Vec<&str> = [Some(cluster), host].into_iter().flatten().collect();
        let selector = selector(&clusters);
        let (listed, known) = futures::join!(
            self.labelled_applications(&selector),
            try_join_all(first.iter().map(|name| self.application_metadata(name))),
        );
        let mut applications = listed?;
        let known = known?;
        let mut wanted = unlisted(cluster, &applications, known.iter().flatten());
        while !wanted.is_empty() && applications.len() < MOST {
            let targets: Vec<_> = wanted.iter().map(|name| self.application(name)).collect();
            let found = try_join_all(targets.iter().map(|target| self.object(target))).await?;
            applications.extend(found.into_iter().flatten());
            let next = unlisted(cluster, &applications, std::iter::empty());
            wanted = next.difference(&wanted).cloned().collect();
        }
        Ok(applications)
    }

    /// A host's Applications, for their uids; none where there is no host.
    pub(super) async fn applications_of_host(
        &self,
        host: Option<&str>,
    ) -> Result<Vec<Value>, Failure> {
        match host {
            Some(host) => self.labelled_applications(&selector(&[host])).await,
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn labelled_applications(
        &self,
        selector: &str,
    ) -> Result<Vec<Value>, Failure> {
        let namespace = Some(&*self.settings.argocd_namespace);
        match self
            .list(&Kind::APPLICATION, namespace, Some(selector))
            .await
        {
            Err(Failure::Answer {
                error: Error::KindMissing,
                ..
            }) => Ok(Vec::new()),
            result => result,
        }
    }

    async fn application_metadata(&self, name: &str) -> Result<Option<Value>, Failure> {
        self.metadata(&self.application(name)).await
    }

    fn application(&self, name: &str) -> kubernetes::Target {
        Kind::APPLICATION.target(&self.settings.argocd_namespace, name)
    }
}
