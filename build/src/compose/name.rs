//! Names of imports and of dependencies: `namespace:package/interface@version`.

/// Tells whether a dependency's name in the manifest means an import.
///
/// A name may leave out the interface, the version, or both; it then means all of them. A plain
/// name (`foo-bar`) means only itself.
pub(super) fn matches(dependency: &str, import: &str) -> bool {
    if !dependency.contains(':') || !import.contains(':') {
        return dependency == import;
    }
    let (wanted, found) = (
        InterfaceName::parse(dependency),
        InterfaceName::parse(import),
    );
    wanted.package == found.package
        && (wanted.interface.is_none() || wanted.interface == found.interface)
        && (wanted.version.is_none() || wanted.version == found.version)
}

/// A name in its parts.
pub(super) struct InterfaceName<'a> {
    /// `namespace:package`
    pub(super) package: &'a str,
    pub(super) interface: Option<&'a str>,
    pub(super) version: Option<&'a str>,
}

impl<'a> InterfaceName<'a> {
    pub(super) fn parse(name: &'a str) -> Self {
        let (path, version) = name
            .split_once('@')
            .map_or((name, None), |(path, version)| (path, Some(version)));
        let (package, interface) = path
            .split_once('/')
            .map_or((path, None), |(package, interface)| {
                (package, Some(interface))
            });
        Self {
            package,
            interface,
            version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_shorter_name_means_more() {
        for (dependency, import) in [
            ("foo:bar/baz@0.1.0", "foo:bar/baz@0.1.0"),
            ("foo:bar/baz", "foo:bar/baz@0.1.0"),
            ("foo:bar/baz", "foo:bar/baz"),
            ("foo:bar", "foo:bar/qux@0.1.0"),
            ("foo:bar@0.1.0", "foo:bar/baz@0.1.0"),
            ("foo-bar", "foo-bar"),
        ] {
            assert!(
                matches(dependency, import),
                "{dependency} should mean {import}"
            );
        }
    }

    #[test]
    fn a_name_means_no_other_package_interface_or_version() {
        for (dependency, import) in [
            ("foo:bar/baz@0.1.0", "foo:bar/baz@0.1.1"),
            ("foo:bar/baz@0.1.0", "foo:bar/baz"),
            ("foo:bar/baz", "foo:bar/qux"),
            ("foo:bar", "foo:barn/baz"),
            ("foo:bar/baz", "foo-bar"),
            ("foo-bar", "foo-baz"),
        ] {
            assert!(
                !matches(dependency, import),
                "{dependency} should not mean {import}"
            );
        }
    }
}
