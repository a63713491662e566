//! A tenant's own catalog: a component that no code knows is an entry, and nothing else.

use domain::WorkerType::{Deployment, Pipeline};
use domain::catalog::BUILT_IN;
use domain::{Category, Settings};
use serde_json::{Value, json};

use crate::fixtures::{host, physical, settings, virtual_on_host};
use crate::objects::documents;
use crate::repository::Repository;

const ADDED: &str = "components:
  - name: contour
    category: gateway
    namespace: contour
    source:
      helm: {repository: https://charts.example.com, chart: contour, version: 1.2.3}
  - name: flux
    category: deployment
    namespace: flux-system
    source:
      manifests: [https://example.com/flux/v2.0.0/install.yaml]
";

fn settings_with_catalog() -> Settings {
    let catalog = BUILT_IN.replace("components:\n", ADDED);
    Settings {
        catalog: Some(catalog),
        ..settings()
    }
}

/// A physical pipeline cluster that has them.
fn repository() -> Repository {
    let mut cluster = physical(Pipeline);
    for (category, name) in [
        (Category::Gateway, "contour"),
        (Category::Deployment, "flux"),
    ] {
        let component = cluster.components.get_mut(&category).unwrap();
        name.clone_into(&mut component.name);
        name.clone_into(&mut component.namespace);
        component.additions.clear();
    }
    Repository::of(settings_with_catalog(), &[cluster])
}

fn object(repository: &Repository, path: &str) -> Value {
    let path = format!("runtimes/physical-worker-pipeline-runtime/{path}");
    documents(repository.text(&path)).remove(0)
}

#[test]
fn a_chart_is_installed_as_it_comes() {
    let application = object(&repository(), "production/contour-app.yaml");
    assert_eq!(
        application["metadata"]["name"],
        "physical-worker-pipeline-contour"
    );
    let expected = json!({
        "repoURL": "https://charts.example.com",
        "chart": "contour",
        "targetRevision": "1.2.3",
        "helm": {"releaseName": "contour"},
    });
    assert_eq!(application["spec"]["source"], expected);
    assert_eq!(application["spec"]["destination"]["namespace"], "contour");
}

#[test]
fn manifests_are_installed_from_a_kustomization() {
    let repository = repository();
    let application = object(&repository, "production/flux-app.yaml");
    let folder = "runtimes/physical-worker-pipeline-runtime/flux/overlays/production";
    assert_eq!(application["spec"]["source"]["path"], folder);
    let kustomization = object(&repository, "flux/overlays/production/kustomization.yaml");
    let expected = json!(["https://example.com/flux/v2.0.0/install.yaml"]);
    assert_eq!(kustomization["resources"], expected);
}

#[test]
fn what_the_application_sets_point_at_stays() {
    let kustomization = object(
        &repository(),
        "argocd/overlays/production/kustomization.yaml",
    );
    assert_eq!(kustomization["resources"], json!([]));
}

#[test]
fn without_a_gateway_that_asks_for_a_login_dashboards_stay_closed() {
    let repository = repository();
    let path = "tekton/overlays/production/ingress-tekton-dashboard.yaml";
    let path = format!("runtimes/physical-worker-pipeline-runtime/{path}");
    assert!(!repository.files.contains_key(&path));
}

#[test]
fn a_proxy_serves_the_domains_of_all_its_dashboards() {
    let mut guest = virtual_on_host(Pipeline);
    guest.primary_domain = "example.com".into();
    let clusters = [host(), guest, virtual_on_host(Deployment)];
    let repository = Repository::of(settings(), &clusters);
    let path = "host-clusters/cluster-host/production/oauth2-proxy-app.yaml";
    let application = documents(repository.text(path)).remove(0);
    let arguments = &application["spec"]["sources"][0]["helm"]["valuesObject"]["extraArgs"];
    assert_eq!(
        arguments["cookie-domain"],
        ".8.217.50.114.nip.io,.example.com"
    );
    assert_eq!(
        arguments["whitelist-domain"],
        ".8.217.50.114.nip.io:30443,.example.com:30443"
    );
}
