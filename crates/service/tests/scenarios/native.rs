//! The pure functions, called natively.

use std::cell::Cell;

use domain::render::{FolderListing, RenderError, SharedFiles, Tree};
use domain::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};
use service::runtime::Components;

thread_local! {
    static SURVEYS: Cell<usize> = const { Cell::new(0) };
}

/// How many bodies were read by the test that runs on this thread.
pub fn surveys() -> usize {
    SURVEYS.get()
}

pub struct Native;

impl Components for Native {
    fn survey(&self, request: &SaveRequest) -> Result<References, Rejection> {
        SURVEYS.set(SURVEYS.get() + 1);
        domain::survey(request)
    }

    fn inspect(&self, resource_file: &File) -> Result<References, Rejection> {
        domain::inspect(resource_file)
    }

    fn check(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<Checked, Rejection> {
        domain::check(request, neighbours, settings)
    }

    fn check_removal(
        &self,
        name: &str,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<(Cluster, Surroundings), Rejection> {
        domain::check_removal(name, neighbours, settings)
    }

    fn render(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        domain::render::render(cluster, surroundings, shared, settings)
    }

    fn remove(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        domain::render::remove(cluster, surroundings, shared, settings)
    }

    fn list_from_folder(&self, listing: FolderListing) -> Result<Vec<u8>, RenderError> {
        domain::render::list_from_folder(&listing)
    }
}
