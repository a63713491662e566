//! The component `render-resource`: exports `nautes:resources/resource-rendering`, imports nothing: no WASI either.

#[allow(unsafe_code, missing_docs, clippy::all, reason = "generated")]
mod wit {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "render-resource",
        with: { "nautes:clusters/types@0.1.0": ::bindings::types },
        generate_all,
    });

    export!(Component with_types_in self);

    /// The component.
    pub(crate) struct Component;
}

use bindings::types::{
    Cluster, FolderListing, RenderingError, Settings, SharedFiles, Surroundings, Tree,
};
use isolated as _;

impl wit::exports::nautes::resources::resource_rendering::Guest for wit::Component {
    fn render(
        cluster: Cluster,
        surroundings: Surroundings,
        shared: SharedFiles,
        settings: Settings,
    ) -> Result<Tree, RenderingError> {
        let tree = domain::render::render(
            &cluster.into(),
            &surroundings.into(),
            &shared.into(),
            &settings.into(),
        )?;
        Ok(tree.into())
    }

    fn remove(
        cluster: Cluster,
        surroundings: Surroundings,
        shared: SharedFiles,
        settings: Settings,
    ) -> Result<Tree, RenderingError> {
        let tree = domain::render::remove(
            &cluster.into(),
            &surroundings.into(),
            &shared.into(),
            &settings.into(),
        )?;
        Ok(tree.into())
    }

    fn list_from_folder(listing: FolderListing) -> Result<Vec<u8>, RenderingError> {
        Ok(domain::render::list_from_folder(&listing.into())?)
    }
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
