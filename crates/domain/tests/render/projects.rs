//! Tests of what the Applications of each cluster may install where.

use serde_json::Value;

use crate::fixtures::{five, settings};
use crate::installs::{APPLICATIONS, of_kinds, template};
use crate::repository::Repository;

/// The destinations of a project, by server or name.
fn reaches(project: &Value) -> Vec<String> {
    let destinations = project["spec"]["destinations"].as_array().unwrap();
    let target = |destination: &Value| {
        let named = destination.get("name").unwrap_or(&destination["server"]);
        named.as_str().unwrap().to_owned()
    };
    destinations.iter().map(target).collect()
}

#[test]
fn nothing_of_a_cluster_may_go_anywhere_but_there() {
    let repository = Repository::of(settings(), &five());
    let projects = of_kinds(&repository, &["AppProject"]);
    for (path, project) in &projects {
        let name = project["metadata"]["name"].as_str().unwrap();
        let expected = name
            .strip_suffix("-runtime-project")
            .or(name.strip_suffix("-host-project"))
            .unwrap_or("!https://kubernetes.default.svc");
        assert_eq!(reaches(project), [expected], "{path}");
    }
    assert_eq!(projects.len(), 6);
    for (path, object) in of_kinds(&repository, &APPLICATIONS) {
        let spec = &template(&object)["spec"];
        let project = spec["project"].as_str().unwrap();
        let is_managed = spec["destination"].get("server").is_some();
        assert_eq!(is_managed, project == "tenant1", "{path}: {project}");
        let known = projects
            .iter()
            .any(|(_, known)| known["metadata"]["name"] == project);
        assert!(is_managed || known, "{path}: {project}");
    }
}
