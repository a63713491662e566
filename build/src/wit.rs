//! The WIT contract: read as the tools of the component model read it, and written down for people.

mod markdown;
mod notation;

use anyhow::Context as _;
use std::path::Path;
use wit_parser::{Docs, Interface, Package, PackageId, Resolve, Stability, World};

/// The package of a folder with `.wit` files, resolved: every name in it leads somewhere.
pub struct Contract {
    resolve: Resolve,
    package: PackageId,
}

/// Something that has a name in the contract.
pub struct Item<'a> {
    /// Such as `types.cluster` for a type or `validate` for a world.
    pub name: String,
    /// The lines above it.
    pub docs: &'a Docs,
    /// `@since` and its like.
    pub stability: &'a Stability,
}

impl Contract {
    /// Reads the folder.
    ///
    /// # Errors
    /// It is no package: the message says what does not resolve or parse.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(folder)
            .map_err(|error| anyhow::anyhow!("{error:#}"))
            .with_context(|| format!("{} is no WIT package", folder.display()))?;
        Ok(Self { resolve, package })
    }

    /// Everything with a name, in the order of the files.
    #[must_use]
    pub fn items(&self) -> Vec<Item<'_>> {
        let mut items = Vec::new();
        for (name, interface) in self.interfaces() {
            items.push(Item {
                name: name.to_owned(),
                docs: &interface.docs,
                stability: &interface.stability,
            });
            // A type that is taken over by `use` is documented where it is defined.
            let types = notation::own_types(&self.resolve, interface);
            items.extend(types.map(|(it, definition)| Item {
                name: format!("{name}.{it}"),
                docs: &definition.docs,
                stability: &definition.stability,
            }));
            items.extend(interface.functions.values().map(|function| Item {
                name: format!("{name}.{}", function.name),
                docs: &function.docs,
                stability: &function.stability,
            }));
        }
        items.extend(self.worlds().map(|(name, world)| Item {
            name: name.to_owned(),
            docs: &world.docs,
            stability: &world.stability,
        }));
        items
    }

    /// Major, minor and patch of the package, such as `0.1.0`.
    #[must_use]
    pub fn version(&self) -> String {
        let version = self
            .package()
            .and_then(|package| package.name.version.as_ref());
        version.map(ToString::to_string).unwrap_or_default()
    }

    /// The contract as a page.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }

    fn package(&self) -> Option<&Package> {
        self.resolve.packages.get(self.package)
    }

    fn interfaces(&self) -> impl Iterator<Item = (&str, &Interface)> {
        let interfaces = self.package().into_iter().flat_map(|it| &it.interfaces);
        interfaces.filter_map(|(name, id)| Some((name.as_str(), self.resolve.interfaces.get(*id)?)))
    }

    fn worlds(&self) -> impl Iterator<Item = (&str, &World)> {
        let worlds = self.package().into_iter().flat_map(|it| &it.worlds);
        worlds.filter_map(|(name, id)| Some((name.as_str(), self.resolve.worlds.get(*id)?)))
    }
}
