//! Every file of the original system has its counterpart with the same kinds and names, or a reason why not.
//!
//! `reference.json` lists path, kinds and names of what release 0.4.0 of the original writes for the five
//! clusters.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fixtures::{five, settings};
use crate::objects::documents;
use crate::repository::Repository;

const REFERENCE: &str = include_str!("../reference.json");
const COMPATIBILITY: &str = include_str!("../../../../docs/compatibility.md");

/// Files without a counterpart, as docs/compatibility.md lists them: the end of the path, and where the
/// objects are instead.
const EXCEPTIONS: [(&str, Option<&str>); 6] = [
    ("production/external-secrets-resources-app.yaml", None),
    ("production/oauth2-proxy-resources-app.yaml", None),
    ("production/traefik-resources-app.yaml", None),
    (
        "production/external-secret-app.yaml",
        Some("production/external-secrets-app.yaml"),
    ),
    ("production/tekton-cluster-tasks-app.yaml", None),
    (
        "physical-worker-deployment-runtime/oauth2-proxy/overlays/production/ingress-tekton-dashboard.yaml",
        None,
    ),
];

/// Objects with another name, as docs/compatibility.md lists them: Applications of components, which no longer
/// live in an Argo CD of their own each.
fn renamed(path: &str, name: &str) -> String {
    let component = path
        .strip_prefix("runtimes/")
        .and_then(|rest| rest.split_once("-runtime/production/"));
    component.map_or_else(
        || name.to_owned(),
        |(cluster, _)| format!("{cluster}-{name}"),
    )
}

fn kinds_and_names(objects: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    objects
        .iter()
        .map(|object| (text(&object["kind"]), text(&object["metadata"]["name"])))
        .collect()
}

#[test]
fn every_file_of_the_original_has_its_counterpart() {
    let repository = Repository::of(settings(), &five());
    let reference: BTreeMap<String, Vec<BTreeMap<String, String>>> =
        serde_json::from_str(REFERENCE).unwrap();
    let mut unused: Vec<&str> = EXCEPTIONS.iter().map(|(end, _)| *end).collect();
    for (path, objects) in reference {
        let exception = EXCEPTIONS.iter().find(|(end, _)| path.ends_with(end));
        let place = match exception {
            Some((end, place)) => {
                unused.retain(|other| other != end);
                place.map(|place| path.replace(end, place))
            }
            None => Some(path.clone()),
        };
        let Some(place) = place else {
            assert!(
                !repository.files.contains_key(&path),
                "{path} is there after all"
            );
            continue;
        };
        let ours = kinds_and_names(&documents(repository.text(&place)));
        for object in objects {
            let name = object.get("name").map(String::as_str).unwrap_or_default();
            let expected = (object["kind"].clone(), renamed(&path, name));
            assert!(
                ours.contains(&expected),
                "{place} lacks {expected:?}: {ours:?}"
            );
        }
    }
    assert!(unused.is_empty(), "exceptions without a case: {unused:?}");
}

#[test]
fn every_exception_is_documented() {
    for (end, _) in EXCEPTIONS {
        let file = end.rsplit('/').next().unwrap();
        assert!(
            COMPATIBILITY.contains(file),
            "docs/compatibility.md does not explain {file}"
        );
    }
    assert!(COMPATIBILITY.contains("`{cluster}-{component}`"));
}
