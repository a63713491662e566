//! The components, with its time taken.

use std::sync::Arc;

use domain::render::{FolderListing, RenderError, SharedFiles, Tree};
use domain::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};

use crate::request_log::RequestLog;
use crate::runtime::{Components, Runtime};

/// Measures every call: `parse`, `validate`, `render`.
pub(crate) struct Timed<'a, W, D> {
    pub runtime: &'a W,
    pub components: &'a D,
    pub journal: Arc<RequestLog>,
}

impl<W: Runtime, D> Timed<'_, W, D> {
    fn measure<T>(&self, step: &'static str, compute: impl FnOnce() -> T) -> T {
        self.journal.measure(self.runtime, step, compute)
    }
}

impl<W: Runtime, D: Components> Components for Timed<'_, W, D> {
    fn survey(&self, request: &SaveRequest) -> Result<References, Rejection> {
        self.measure("parse", || self.components.survey(request))
    }

    fn inspect(&self, resource_file: &File) -> Result<References, Rejection> {
        self.measure("parse", || self.components.inspect(resource_file))
    }

    fn check(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<Checked, Rejection> {
        self.measure("validate", || {
            self.components.check(request, neighbours, settings)
        })
    }

    fn check_removal(
        &self,
        name: &str,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<(Cluster, Surroundings), Rejection> {
        self.measure("validate", || {
            self.components.check_removal(name, neighbours, settings)
        })
    }

    fn render(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        self.measure("render", || {
            self.components
                .render(cluster, surroundings, shared, settings)
        })
    }

    fn remove(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError> {
        self.measure("render", || {
            self.components
                .remove(cluster, surroundings, shared, settings)
        })
    }

    fn list_from_folder(&self, listing: FolderListing) -> Result<Vec<u8>, RenderError> {
        self.measure("render", || self.components.list_from_folder(listing))
    }
}
