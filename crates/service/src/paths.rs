//! Where things live in the tenant configuration repository, as far as reading them goes. What is
//! written where is rendering's business.

/// The list of every cluster's resource file.
pub const KUSTOMIZATION: &str = "nautes/overlays/production/clusters/kustomization.yaml";
/// The folder of the resource files.
pub const RESOURCE_FILES: &str = "nautes/overlays/production/clusters";
/// The folder of the tenant's application sets.
pub const TENANT: &str = "tenant/production";
/// The folder of the hosts.
pub const HOSTS: &str = "host-clusters";
/// The folder of the workers' runtimes.
pub const RUNTIMES: &str = "runtimes";

/// Tells whether a cluster could have this name, as far as paths are concerned.
#[must_use]
pub fn is_cluster_name(name: &str) -> bool {
    domain::name::is_dns_label(name) && domain::resource::path(name) != KUSTOMIZATION
}

/// A worker's folder.
#[must_use]
pub fn runtime(name: &str) -> String {
    format!("{RUNTIMES}/{name}-runtime")
}

/// A host's folder.
#[must_use]
pub fn host(name: &str) -> String {
    format!("{HOSTS}/{name}")
}

/// The folder of a host's virtual clusters: one folder each.
#[must_use]
pub fn virtual_clusters(host_name: &str) -> String {
    format!("{}/vclusters", host(host_name))
}

/// The virtual cluster that a path below a host's folder belongs to.
#[must_use]
pub fn virtual_cluster_of<'a>(path: &'a str, host_name: &str) -> Option<&'a str> {
    let rest = path
        .strip_prefix(&virtual_clusters(host_name))?
        .strip_prefix('/')?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

/// The folders that Argo CD installs a cluster from.
#[must_use]
pub fn installed_from(cluster: &domain::Cluster) -> Vec<String> {
    if cluster.usage == domain::Usage::Host {
        return vec![format!("{}/production", host(&cluster.name))];
    }
    let on_host = cluster.host_cluster.as_ref();
    let on_host = on_host.map(|host| format!("{}/{}", virtual_clusters(host), cluster.name));
    [runtime(&cluster.name)]
        .into_iter()
        .chain(on_host)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_clusters_are_told_by_their_folders() {
        let of = |path| virtual_cluster_of(path, "h");
        assert_eq!(
            of("host-clusters/h/vclusters/v1/vcluster-app.yaml"),
            Some("v1")
        );
        assert_eq!(of("host-clusters/h/vclusters/v1"), Some("v1"));
        assert_eq!(of("host-clusters/h/production/traefik-app.yaml"), None);
        assert_eq!(of("host-clusters/h2/vclusters/v1/a.yaml"), None);
        assert_eq!(of("host-clusters/h/vclusters"), None);
    }
}
