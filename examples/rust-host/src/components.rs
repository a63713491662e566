//! The two library components, with types generated from `wit/`.

use clusters::types::{Neighbours, Rejection, SaveRequest, Settings, SharedFiles};
use render_resource::RenderResource;
use std::path::Path;
use validate::Validate;
use wasmtime::component::{Component, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

/// The world `validate`.
#[allow(missing_docs, clippy::all, reason = "generated")]
mod validate {
    wasmtime::component::bindgen!({ path: "../../wit", world: "validate" });
}

/// The world `render-resource`, which speaks of the same types.
#[allow(missing_docs, clippy::all, reason = "generated")]
mod render_resource {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "render-resource",
        with: { "nautes:clusters/types": super::clusters::types },
    });
}

pub(crate) use validate::nautes::clusters;

/// Result of a request.
pub(crate) enum CheckOutcome {
    /// The paths of the files.
    Files(Vec<String>),
    /// The request can't be carried out.
    Rejected(Rejection),
}

/// Both components, instantiated.
pub(crate) struct LoadedComponents {
    store: Store<()>,
    validate: Validate,
    render: RenderResource,
}

impl LoadedComponents {
    /// Reads, compiles and instantiates them.
    ///
    /// # Errors
    /// A file is missing or no such component.
    pub(crate) fn load(folder: &Path) -> wasmtime::Result<Self> {
        let engine = Engine::default();
        // Empty: they import nothing, so nothing can be asked of this program.
        let linker = Linker::new(&engine);
        let mut store = Store::new(&engine, ());
        let component = |file: &str| {
            let path = folder.join(file);
            let component = Component::from_file(&engine, &path);
            component.with_context(|| format!("{}: is it built?", path.display()))
        };
        Ok(Self {
            validate: Validate::instantiate(&mut store, &component("validate.wasm")?, &linker)?,
            render: RenderResource::instantiate(
                &mut store,
                &component("render_resource.wasm")?,
                &linker,
            )?,
            store,
        })
    }

    /// Judges the request and renders what it becomes. Warnings go to standard error.
    ///
    /// # Errors
    /// A component trapped, or could not render a cluster that the other one had found valid.
    pub(crate) fn plan(
        &mut self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> wasmtime::Result<CheckOutcome> {
        let validation = self.validate.nautes_clusters_cluster_validation();
        let checked = match validation.call_check(&mut self.store, request, neighbours, settings)? {
            Ok(checked) => checked,
            Err(rejection) => return Ok(CheckOutcome::Rejected(rejection)),
        };
        let warnings = checked.warnings.iter();
        warnings.for_each(|warning| eprintln!("warning: {warning}"));
        let rendering = self.render.nautes_resources_resource_rendering();
        let tree = rendering.call_render(
            &mut self.store,
            &checked.cluster,
            &checked.surroundings,
            shared,
            settings,
        )?;
        let tree =
            tree.map_err(|error| wasmtime::Error::msg(format!("not rendered: {error:?}")))?;
        Ok(CheckOutcome::Files(
            tree.files.into_iter().map(|file| file.path).collect(),
        ))
    }
}
