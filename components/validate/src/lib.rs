//! The component `validate`: exports `nautes:clusters/cluster-validation`, imports nothing: no WASI either.

#[allow(unsafe_code, missing_docs, clippy::all, reason = "generated")]
mod wit {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "validate",
        with: { "nautes:clusters/types@0.1.0": ::bindings::types },
        generate_all,
    });

    export!(Component with_types_in self);

    /// The component.
    pub(crate) struct Component;
}

use bindings::types::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};
use isolated as _;

impl wit::exports::nautes::clusters::cluster_validation::Guest for wit::Component {
    fn survey(request: SaveRequest) -> Result<References, Rejection> {
        Ok(domain::survey(&request.into())?.into())
    }

    fn inspect(resource_file: File) -> Result<References, Rejection> {
        Ok(domain::inspect(&resource_file.into())?.into())
    }

    fn check(
        request: SaveRequest,
        neighbours: Neighbours,
        settings: Settings,
    ) -> Result<Checked, Rejection> {
        Ok(domain::check(&request.into(), &neighbours.into(), &settings.into())?.into())
    }

    fn check_removal(
        name: String,
        neighbours: Neighbours,
        settings: Settings,
    ) -> Result<(Cluster, Surroundings), Rejection> {
        let (cluster, surroundings) =
            domain::check_removal(&name, &neighbours.into(), &settings.into())?;
        Ok((cluster.into(), surroundings.into()))
    }
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
