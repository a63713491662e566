//! The domain as a function sees it: the WIT imports `cluster-validation` and `resource-rendering`, which
//! the host composes in (Spin from the manifest's dependencies, others by `wac plug`).

#[allow(unsafe_code, missing_docs, clippy::all, reason = "generated")]
mod wit {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "registrar",
        with: { "nautes:clusters/types@0.1.0": ::bindings::types },
        generate_all,
    });
}

use domain::render::{FolderListing, RenderError, SharedFiles, Tree};
use domain::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};
use service::runtime::Components;
use wit::nautes::clusters::cluster_validation;
use wit::nautes::resources::resource_rendering;

/// The composed components.
pub struct Composed;

impl Components for Composed {
    fn survey(&self, request: &SaveRequest) -> Result<References, Rejection> {
        Ok(cluster_validation::survey(&request.clone().into())?.into())
    }

    fn inspect(&self, resource_file: &File) -> Result<References, Rejection> {
        Ok(cluster_validation::inspect(&resource_file.clone().into())?.into())
    }

    fn check(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<Checked, Rejection> {
        let checked = cluster_validation::check(
            &request.clone().into(),
            &neighbours.clone().into(),
            &settings.clone().into(),
        )?;
        Ok(checked.into())
    }

    fn check_removal(
        &self,
        name: &str,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<(Cluster, Surroundings), Rejection> {
        let (cluster, surroundings) = cluster_validation::check_removal(
            name,
            &neighbours.clone().into(),
            &settings.clone().into(),
        )?;
        Ok((cluster.into(), surroundings.into()))
    }

    fn render(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        let tree = resource_rendering::render(
            &cluster.clone().into(),
            &surroundings.clone().into(),
            &shared.clone().into(),
            &settings.clone().into(),
        )?;
        Ok(tree.into())
    }

    fn remove(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        let tree = resource_rendering::remove(
            &cluster.clone().into(),
            &surroundings.clone().into(),
            &shared.clone().into(),
            &settings.clone().into(),
        )?;
        Ok(tree.into())
    }

    fn list_from_folder(&self, listing: FolderListing) -> Result<Vec<u8>, RenderError> {
        Ok(resource_rendering::list_from_folder(&listing.into())?)
    }
}
