//! Wiring of components with a composition graph.

use super::{ComposeError, name};
use std::collections::BTreeMap;
use wac_graph::types::{ItemKind, Package, SubtypeChecker, WorldId, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// A component that satisfies imports of another one.
pub struct PluggedComponent<'a> {
    /// The name it has in the manifest: of a package or of an interface.
    pub name: &'a str,
    /// The export to use instead of the one named like the import.
    pub export: Option<&'a str>,
    /// The component.
    pub bytes: &'a [u8],
}

/// Satisfies imports of `socket` by the parts named after them, and exports what `socket` exports.
/// Imports that no part is named after stay imports.
///
/// # Errors
/// See [`ComposeError`]; a part that satisfies nothing is one.
pub fn satisfy(socket: &[u8], parts: &[PluggedComponent<'_>]) -> Result<Vec<u8>, ComposeError> {
    let mut wiring = SocketWiring::new(socket)?;
    let mut packages: BTreeMap<&str, &str> = BTreeMap::new();
    for part in parts {
        let imports: Vec<String> = wiring
            .imports()
            .filter(|import| name::matches(part.name, import))
            .cloned()
            .collect();
        if imports.is_empty() {
            return Err(ComposeError::Unmatched(part.name.to_owned()));
        }
        let package = name::InterfaceName::parse(part.name).package;
        if let Some(first) = packages.insert(package, part.name) {
            return Err(ComposeError::Repeated {
                package: package.to_owned(),
                first: first.to_owned(),
                second: part.name.to_owned(),
            });
        }
        let plug = wiring.add(part.name, part.bytes)?;
        for import in imports {
            wiring.connect(&plug, part.export.unwrap_or(&import), &import)?;
        }
    }
    wiring.finish()
}

/// Satisfies imports of `socket` by all exports of the plugs that have the same name (or a
/// compatible version of it) and type.
///
/// # Errors
/// See [`ComposeError`]; a plug that satisfies nothing is one.
pub fn plug(socket: &[u8], plugs: &[&[u8]]) -> Result<Vec<u8>, ComposeError> {
    let mut wiring = SocketWiring::new(socket)?;
    for (index, bytes) in plugs.iter().enumerate() {
        let plug = wiring.add(&format!("plug:number-{index}"), bytes)?;
        let pairs = wiring.pairs(&plug);
        if pairs.is_empty() {
            return Err(ComposeError::Unmatched(format!("plug {index}")));
        }
        for (export, import) in pairs {
            wiring.connect(&plug, &export, &import)?;
        }
    }
    wiring.finish()
}

/// The names of what a component imports. Instances of nothing but types are left out: they ask
/// for nothing.
///
/// # Errors
/// [`ComposeError::NotAComponent`]
pub fn imports(component: &[u8]) -> Result<Vec<String>, ComposeError> {
    let wiring = SocketWiring::new(component)?;
    let types = wiring.graph.types();
    let asks = |kind: &ItemKind| match kind {
        ItemKind::Instance(id) => types[*id]
            .exports
            .values()
            .any(|export| !matches!(export, ItemKind::Type(_))),
        ItemKind::Type(_) => false,
        _ => true,
    };
    let imports = types[wiring.world].imports.iter();
    Ok(imports
        .filter(|(_, kind)| asks(kind))
        .map(|(name, _)| name.clone())
        .collect())
}

struct PlugInstance {
    name: String,
    world: WorldId,
    instance: NodeId,
}

struct SocketWiring {
    graph: CompositionGraph,
    world: WorldId,
    instance: NodeId,
}

impl SocketWiring {
    fn new(socket: &[u8]) -> Result<Self, ComposeError> {
        let mut graph = CompositionGraph::new();
        let PlugInstance {
            world, instance, ..
        } = register(&mut graph, "socket:component", socket)?;
        Ok(Self {
            graph,
            world,
            instance,
        })
    }

    fn imports(&self) -> impl Iterator<Item = &String> {
        self.graph.types()[self.world].imports.keys()
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<PlugInstance, ComposeError> {
        register(&mut self.graph, name, bytes)
    }

    /// The exports of a plug with the imports of the socket that they can satisfy.
    fn pairs(&self, plug: &PlugInstance) -> Vec<(String, String)> {
        let types = self.graph.types();
        let mut cache = Default::default();
        let mut checker = SubtypeChecker::new(&mut cache);
        let mut pairs = Vec::new();
        for (export, offered) in &types[plug.world].exports {
            let imports = &types[self.world].imports;
            let wanted = imports.get_key_value(export).or_else(|| {
                imports
                    .iter()
                    .find(|(import, _)| are_semver_compatible(export, import))
            });
            if let Some((import, wanted)) = wanted
                && checker.is_subtype(*offered, types, *wanted, types).is_ok()
            {
                pairs.push((export.clone(), import.clone()));
            }
        }
        pairs
    }

    fn connect(
        &mut self,
        plug: &PlugInstance,
        export: &str,
        import: &str,
    ) -> Result<(), ComposeError> {
        let types = self.graph.types();
        let (Some(offered), Some(wanted)) = (
            types[plug.world].exports.get(export),
            types[self.world].imports.get(import),
        ) else {
            return Err(ComposeError::MissingExport {
                dependency: plug.name.clone(),
                export: export.to_owned(),
            });
        };
        SubtypeChecker::new(&mut Default::default())
            .is_subtype(*offered, types, *wanted, types)
            .map_err(|source| ComposeError::Incompatible {
                dependency: plug.name.clone(),
                export: export.to_owned(),
                source,
            })?;
        let alias = self
            .graph
            .alias_instance_export(plug.instance, export)
            .map_err(wiring)?;
        self.graph
            .set_instantiation_argument(self.instance, import, alias)
            .map_err(wiring)
    }

    fn finish(mut self) -> Result<Vec<u8>, ComposeError> {
        let exports: Vec<String> = self.graph.types()[self.world]
            .exports
            .keys()
            .cloned()
            .collect();
        for name in exports {
            let alias = self
                .graph
                .alias_instance_export(self.instance, &name)
                .map_err(wiring)?;
            self.graph.export(alias, &name).map_err(wiring)?;
        }
        self.graph.encode(EncodeOptions::default()).map_err(wiring)
    }
}

fn register(
    graph: &mut CompositionGraph,
    name: &str,
    bytes: &[u8],
) -> Result<PlugInstance, ComposeError> {
    let package =
        Package::from_bytes(name, None, bytes.to_vec(), graph.types_mut()).map_err(|source| {
            ComposeError::NotAComponent {
                name: name.to_owned(),
                source,
            }
        })?;
    let world = package.ty();
    let package = graph.register_package(package).map_err(wiring)?;
    Ok(PlugInstance {
        name: name.to_owned(),
        world,
        instance: graph.instantiate(package),
    })
}

fn wiring(error: impl Into<anyhow::Error>) -> ComposeError {
    ComposeError::Wiring(error.into())
}
