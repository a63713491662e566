//! The domain, with its time taken.

use std::sync::Arc;

use domain::{
    Checked, Cluster, File, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};
use domain::render::{RenderError, SharedFiles, Tree};

use crate::journal::Journal;
use crate::ports::{Domain, World};

/// Measures every call: `parse`, `validate`, `render`.
pub(crate) struct Timed<'a, W, D> {
    pub world: &'a W,
    pub domain: &'a D,
    pub journal: Arc<Journal>,
}

impl<W: World, D> Timed<'_, W, D> {
    fn measure<T>(&self, step: &'static str, compute: impl FnOnce() -> T) -> T {
        self.journal.measure(self.world, step, compute)
    }
}

impl<W: World, D: Domain> Domain for Timed<'_, W, D> {
    fn survey(&self, request: &SaveRequest) -> Result<References, Rejection> {
        self.measure("parse", || self.domain.survey(request))
    }

    fn inspect(&self, resource_file: &File) -> Result<References, Rejection> {
        self.measure("parse", || self.domain.inspect(resource_file))
    }

    fn check(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<Checked, Rejection> {
        self.measure("validate", || {
            self.domain.check(request, neighbours, settings)
        })
    }

    fn check_removal(
        &self,
        name: &str,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<(Cluster, Surroundings), Rejection> {
        self.measure("validate", || {
            self.domain.check_removal(name, neighbours, settings)
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
            self.domain.render(cluster, surroundings, shared, settings)
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
            self.domain.remove(cluster, surroundings, shared, settings)
        })
    }
}
