//! The pure functions, called natively.

use cluster::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};
use manifests::{RenderError, SharedFiles, Tree};
use registration::ports::Domain;

pub struct Native;

impl Domain for Native {
    fn survey(&self, request: &SaveRequest) -> Result<References, Rejection> {
        cluster::survey(request)
    }

    fn inspect(&self, resource_file: &File) -> Result<References, Rejection> {
        cluster::inspect(resource_file)
    }

    fn check(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<Checked, Rejection> {
        cluster::check(request, neighbours, settings)
    }

    fn check_removal(
        &self,
        name: &str,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<(Cluster, Surroundings), Rejection> {
        cluster::check_removal(name, neighbours, settings)
    }

    fn render(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        manifests::render(cluster, surroundings, shared, settings)
    }

    fn remove(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        manifests::remove(cluster, surroundings, shared, settings)
    }
}
