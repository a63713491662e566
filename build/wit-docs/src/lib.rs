//! The WIT contract: read as the tools of the component model read it, and written down for people.

mod markdown;
mod notation;

use anyhow::Context as _;
use std::path::Path;
use wit_parser::{Docs, Interface, Package, Resolve, Stability, World};

/// The package of a folder with `.wit` files and those in its `deps`, resolved: every name in them leads somewhere.
pub struct WitContract {
    resolve: Resolve,
}

/// Something that has a name in the contract.
pub struct ContractItem<'a> {
    /// Such as `types.cluster` for a type or `validate` for a world.
    pub name: String,
    /// The lines above it.
    pub docs: &'a Docs,
    /// `@since` and its like.
    pub stability: &'a Stability,
}

impl WitContract {
    /// Reads the folder.
    ///
    /// # Errors
    /// It is no package: the message says what does not resolve or parse.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut resolve = Resolve::default();
        resolve
            .push_dir(folder)
            .map_err(|error| anyhow::anyhow!("{error:#}"))
            .with_context(|| format!("{} is no WIT package", folder.display()))?;
        Ok(Self { resolve })
    }

    /// Everything with a name, in the order of the files.
    #[must_use]
    pub fn items(&self) -> Vec<ContractItem<'_>> {
        let mut items = Vec::new();
        for (name, interface) in self.interfaces() {
            items.push(ContractItem {
                name: name.to_owned(),
                docs: &interface.docs,
                stability: &interface.stability,
            });
            // A type that is taken over by `use` is documented where it is defined.
            let types = notation::own_types(&self.resolve, interface);
            items.extend(types.map(|(it, definition)| ContractItem {
                name: format!("{name}.{it}"),
                docs: &definition.docs,
                stability: &definition.stability,
            }));
            items.extend(interface.functions.values().map(|function| ContractItem {
                name: format!("{name}.{}", function.name),
                docs: &function.docs,
                stability: &function.stability,
            }));
        }
        items.extend(self.worlds().map(|(name, world)| ContractItem {
            name: name.to_owned(),
            docs: &world.docs,
            stability: &world.stability,
        }));
        items
    }

    /// Major, minor and patch of every package, such as `0.1.0`.
    #[must_use]
    pub fn versions(&self) -> Vec<String> {
        let versions = self.packages().map(|package| package.name.version.as_ref());
        versions
            .map(|it| it.map(ToString::to_string).unwrap_or_default())
            .collect()
    }

    /// The contract as a page.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }

    /// A package comes after those it builds on.
    fn packages(&self) -> impl Iterator<Item = &Package> {
        self.resolve.packages.iter().map(|(_, package)| package)
    }

    fn interfaces(&self) -> impl Iterator<Item = (&str, &Interface)> {
        self.packages().flat_map(|it| self.interfaces_of(it))
    }

    fn interfaces_of<'a>(
        &'a self,
        package: &'a Package,
    ) -> impl Iterator<Item = (&'a str, &'a Interface)> {
        let interfaces = package.interfaces.iter();
        interfaces.filter_map(|(name, id)| Some((name.as_str(), self.resolve.interfaces.get(*id)?)))
    }

    fn worlds(&self) -> impl Iterator<Item = (&str, &World)> {
        self.packages().flat_map(|it| self.worlds_of(it))
    }

    fn worlds_of<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = (&'a str, &'a World)> {
        let worlds = package.worlds.iter();
        worlds.filter_map(|(name, id)| Some((name.as_str(), self.resolve.worlds.get(*id)?)))
    }
}
