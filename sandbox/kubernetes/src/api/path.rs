//! Paths of resources: `/api/v1/...` and `/apis/{group}/{version}/...`.

/// Target of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathTarget {
    /// A resource.
    Resource(ResourcePath),
    /// Discovery, health and the like, or nothing.
    Other,
}

/// A resource's path in parts; parts that are missing are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourcePath {
    /// API group.
    pub group: String,
    /// Version.
    pub version: String,
    /// Namespace.
    pub namespace: String,
    /// Plural name.
    pub resource: String,
    /// Name of the object.
    pub name: String,
    /// Subresource.
    pub subresource: String,
}

/// Takes a path apart.
pub fn parse_path(path: &str) -> PathTarget {
    let decoded = percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned();
    let segments: Vec<&str> = decoded
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let (group, version, rest) = match segments.as_slice() {
        ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
        _ => return PathTarget::Other,
    };
    let (namespace, rest) = match rest {
        ["namespaces", name, resource, ..] if !matches!(*resource, "status" | "finalize") => {
            (*name, rest.get(2..).unwrap_or_default())
        }
        _ => ("", rest),
    };
    let part = |at: usize| rest.get(at).copied().unwrap_or_default().to_owned();
    if rest.len() > 3 {
        return PathTarget::Other;
    }
    PathTarget::Resource(ResourcePath {
        group: group.to_owned(),
        version: version.to_owned(),
        namespace: namespace.to_owned(),
        resource: part(0),
        name: part(1),
        subresource: part(2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Vec<String> {
        match parse_path(path) {
            PathTarget::Resource(path) => {
                vec![
                    path.group,
                    path.version,
                    path.namespace,
                    path.resource,
                    path.name,
                    path.subresource,
                ]
            }
            PathTarget::Other => Vec::new(),
        }
    }

    #[test]
    fn resources() {
        assert_eq!(
            parts("/api/v1/namespaces"),
            ["", "v1", "", "namespaces", "", ""]
        );
        assert_eq!(
            parts("/api/v1/namespaces/a"),
            ["", "v1", "", "namespaces", "a", ""]
        );
        assert_eq!(
            parts("/api/v1/namespaces/a/status"),
            ["", "v1", "", "namespaces", "a", "status"]
        );
        assert_eq!(
            parts("/api/v1/namespaces/a/secrets/s"),
            ["", "v1", "a", "secrets", "s", ""]
        );
        assert_eq!(
            parts("/apis/apps/v1/deployments"),
            ["apps", "v1", "", "deployments", "", ""]
        );
        assert_eq!(
            parts("/apis/g/v1/namespaces/a/clusters/c/status"),
            ["g", "v1", "a", "clusters", "c", "status"]
        );
    }

    #[test]
    fn everything_else() {
        for path in [
            "/",
            "/api",
            "/api/v1",
            "/apis",
            "/apis/apps",
            "/apis/apps/v1",
            "/version",
            "/openapi/v3/apis/apps/v1",
        ] {
            assert_eq!(parse_path(path), PathTarget::Other, "{path}");
        }
    }
}
