//! A cluster that is to go, and how that is described.

use api::{Cluster, DeleteClusterResponse, Usage};

use crate::access;
use crate::output::changes;

/// Cluster that is to go.
pub(super) struct Doomed {
    pub(super) name: String,
    /// `None`: its removal is under way already, or there is none.
    pub(super) cluster: Option<Cluster>,
    /// `None`: it is not registered, and its service account alone goes.
    pub(super) preview: Option<DeleteClusterResponse>,
    /// A host whose virtual clusters go before it: nobody can tell yet what goes with it.
    pub(super) goes_later: bool,
}

impl Doomed {
    pub(super) fn is_host(&self) -> bool {
        self.cluster
            .as_ref()
            .is_some_and(|cluster| cluster.usage == Usage::Host)
    }

    /// A host can't go before what runs on it.
    pub(super) fn order(&self) -> (bool, bool) {
        (self.is_host(), self.host().is_none())
    }

    /// The cluster that it runs in.
    pub(super) fn host(&self) -> Option<&str> {
        let host = self.cluster.as_ref()?.host_cluster.as_str();
        (!host.is_empty()).then_some(host)
    }
}

/// Describes the removal of a cluster: files and objects line by line, and a sentence.
pub(super) fn described(doomed: &Doomed) -> (String, String) {
    let (shown, summary) = match &doomed.preview {
        Some(_) if doomed.goes_later => (
            String::new(),
            "all of it goes, when nothing runs in it any more".to_owned(),
        ),
        Some(preview) => {
            let files = preview.changes.as_deref().unwrap_or_default();
            let shown = changes::listed(files, &preview.installs);
            (shown, changes::summary(files, &preview.installs))
        }
        None => (
            String::new(),
            format!("not registered; {} goes", access::description()),
        ),
    };
    (shown, format!("{}: {summary}", doomed.name))
}
