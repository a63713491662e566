//! AppProjects: one with the cascade finalizer goes when no Application refers to it any more.

use sandbox_kubernetes::{LocalClient, object};
use serde_json::json;

use crate::{APPLICATIONS, CASCADE, PROJECTS};

/// Argo CD makes this project itself.
const DEFAULT: &str = "default";

/// Releases projects that are being deleted and no longer in use.
pub fn reconcile(objects: &LocalClient) {
    let applications = objects.list(APPLICATIONS);
    for project in objects
        .list(PROJECTS)
        .iter()
        .filter(|project| object::is_deleting(project))
    {
        let is_used = applications
            .iter()
            .any(|application| object::text(application, "/spec/project") == object::name(project));
        if !is_used {
            let mut finalizers = object::finalizers(project);
            finalizers.retain(|finalizer| *finalizer != CASCADE);
            objects.merge(project, json!({ "metadata": { "finalizers": finalizers } }));
        }
    }
}

/// The project can be used by Applications.
pub fn exists(objects: &LocalClient, name: &str) -> bool {
    name == DEFAULT || objects.get(PROJECTS, name).is_some()
}
