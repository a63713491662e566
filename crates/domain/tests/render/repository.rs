//! A repository that trees are applied to, as the functions do it with GitLab.

use std::collections::BTreeMap;

use domain::render::{RenderError, SharedFiles, Tree, names, remove, render};
use domain::{Cluster, Settings, Surroundings};

#[derive(Clone, Default)]
pub struct Repository {
    pub files: BTreeMap<String, Vec<u8>>,
    pub clusters: BTreeMap<String, Cluster>,
    pub settings: Settings,
}

impl Repository {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    pub fn surroundings(&self, cluster: &Cluster) -> Surroundings {
        let on = cluster.host_cluster.as_ref().unwrap_or(&cluster.name);
        let others = self
            .clusters
            .values()
            .filter(|other| other.name != cluster.name && other.host_cluster.as_ref() == Some(on));
        Surroundings {
            host: cluster
                .host_cluster
                .as_ref()
                .map(|host| self.clusters[host].clone()),
            virtual_clusters: others.cloned().collect(),
        }
    }

    pub fn shared(&self, cluster: &Cluster) -> SharedFiles {
        let others = |folder: &str, own: String| {
            let own = format!("{own}/");
            let mut paths = self.files.keys();
            paths.any(|path| path.starts_with(folder) && !path.starts_with(&own))
        };
        SharedFiles {
            kustomization: self.files.get(names::KUSTOMIZATION).cloned(),
            other_hosts: others("host-clusters/", names::host_folder(&cluster.name)),
            other_runtimes: others("runtimes/", names::runtime_folder(&cluster.name)),
        }
    }

    pub fn render(&self, cluster: &Cluster) -> Result<Tree, RenderError> {
        render(
            cluster,
            &self.surroundings(cluster),
            &self.shared(cluster),
            &self.settings,
        )
    }

    pub fn save(&mut self, cluster: &Cluster) -> Tree {
        let tree = self.render(cluster).unwrap();
        self.clusters.insert(cluster.name.clone(), cluster.clone());
        self.apply(&tree);
        tree
    }

    pub fn delete(&mut self, name: &str) -> Tree {
        let cluster = self.clusters.remove(name).unwrap();
        let surroundings = self.surroundings(&cluster);
        let tree = remove(
            &cluster,
            &surroundings,
            &self.shared(&cluster),
            &self.settings,
        )
        .unwrap();
        self.apply(&tree);
        tree
    }

    fn apply(&mut self, tree: &Tree) {
        let owned = |path: &str| {
            let within = |folder: &String| path.starts_with(&format!("{folder}/"));
            tree.absent.contains(path) || tree.folders.iter().any(within)
        };
        self.files.retain(|path, _| !owned(path));
        self.files.extend(tree.files.clone());
    }

    pub fn text(&self, path: &str) -> &str {
        let file = self
            .files
            .get(path)
            .unwrap_or_else(|| panic!("no file {path}"));
        std::str::from_utf8(file).unwrap()
    }

    /// Every registered cluster.
    pub fn of(settings: Settings, clusters: &[Cluster]) -> Self {
        let mut repository = Self::new(settings);
        for cluster in clusters {
            repository.save(cluster);
        }
        repository
    }
}
