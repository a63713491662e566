//! Conditions for an install to become Ready, on a cluster with nothing but Kubernetes on it, and for a removal to
//! come to its end.

use std::collections::BTreeSet;

use domain::WorkerType::{Deployment, Pipeline};
use domain::{Category, Cluster, Component, Settings};
use serde_json::{Value, json};

use crate::fixtures::{five, host, physical, settings, virtual_on_host};
use crate::objects::{documents, is_manifest};
use crate::repository::Repository;
use crate::states;

fn object(repository: &Repository, path: &str) -> Value {
    documents(repository.text(path)).remove(0)
}

/// Every object of these kinds, with its path.
pub fn of_kinds(repository: &Repository, kinds: &[&str]) -> Vec<(String, Value)> {
    let manifests = repository.files.keys().filter(|path| is_manifest(path));
    let objects = manifests.flat_map(|path| {
        let read = documents(repository.text(path)).into_iter();
        read.map(move |object| (path.clone(), object))
    });
    objects
        .filter(|(_, object)| kinds.iter().any(|kind| object["kind"] == *kind))
        .collect()
}

/// Template that an Application is made from: the object itself, or the template of an ApplicationSet.
pub fn template(object: &Value) -> &Value {
    object["spec"].get("template").unwrap_or(object)
}

fn values(application: &Value) -> &Value {
    let spec = &application["spec"];
    let source = spec.get("source").unwrap_or(&spec["sources"][0]);
    &source["helm"]["valuesObject"]
}

fn with(mut cluster: Cluster, category: Category, name: &str, addition: (&str, &str)) -> Cluster {
    let component = cluster.components.get_mut(&category).unwrap();
    assert_eq!(component.name, name);
    let (key, value) = addition;
    component.additions.insert(key.into(), value.into());
    cluster
}

/// Kinds of objects by which Argo CD makes something from the repository.
pub const APPLICATIONS: [&str; 2] = ["Application", "ApplicationSet"];

#[test]
fn the_status_of_an_application_is_not_applied_with_its_manifest() {
    let repository = Repository::of(settings(), &five());
    let mut in_management = 0;
    for (path, object) in of_kinds(&repository, &APPLICATIONS) {
        let spec = &template(&object)["spec"];
        let options = spec["syncPolicy"]["syncOptions"].as_array().unwrap();
        let holds_applications = spec["destination"].get("server").is_some();
        in_management += usize::from(holds_applications);
        assert_ne!(
            holds_applications,
            options.contains(&json!("RespectIgnoreDifferences=true")),
            "{path}"
        );
    }
    assert!(in_management > 3, "{in_management}");
}

#[test]
fn a_virtual_cluster_that_names_a_gateway_is_served_by_its_hosts() {
    let mut cluster = virtual_on_host(Pipeline);
    let gateway = Component {
        name: "traefik".into(),
        namespace: "traefik".into(),
        additions: [("httpsNodePort".to_owned(), "30443".to_owned())].into(),
    };
    cluster.components.insert(Category::Gateway, gateway);
    let without = Repository::of(settings(), &[host(), virtual_on_host(Pipeline)]);
    let mut with = Repository::of(settings(), &[host(), cluster]);
    let resource = "nautes/overlays/production/clusters/virtual-worker-pipeline.yaml";
    assert!(with.text(resource).contains("traefik"));
    with.files
        .insert(resource.into(), without.files[resource].clone());
    assert_eq!(with.files, without.files);
}

#[test]
fn every_application_may_become_empty_and_is_compared_by_the_server() {
    for (state, repository) in states::all() {
        for (path, object) in of_kinds(&repository, &APPLICATIONS) {
            let template = template(&object);
            let automated = &template["spec"]["syncPolicy"]["automated"];
            assert_eq!(automated["allowEmpty"], true, "{state}: {path}");
            let annotations = &template["metadata"]["annotations"];
            let compared = &annotations["argocd.argoproj.io/compare-options"];
            assert_eq!(compared, "ServerSideDiff=true", "{state}: {path}");
        }
    }
}

#[test]
fn every_application_and_set_says_whose_it_is() {
    let repository = Repository::of(settings(), &five());
    let mut labelled = 0;
    for (path, object) in of_kinds(&repository, &APPLICATIONS) {
        let label = |object: &Value| object["metadata"]["labels"]["cluster.nautes.io/name"].clone();
        let expected = five().into_iter().map(|cluster| cluster.name).find(|name| {
            let own = format!("/vclusters/{name}/");
            path.contains(&own) || path.starts_with(&format!("runtimes/{name}-runtime/"))
        });
        if object["kind"] == "ApplicationSet" {
            let parameter = ["{{.name}}", "{{.cluster}}"].map(Value::from);
            assert!(parameter.contains(&label(template(&object))), "{path}");
            // Those of the tenant are nobody's.
            let own = path.starts_with("host-clusters/").then_some("cluster-host");
            assert_eq!(label(&object).as_str(), own, "{path}");
        } else {
            let expected = expected.unwrap_or_else(|| "cluster-host".into());
            assert_eq!(label(&object), expected, "{path}");
        }
        labelled += 1;
    }
    assert!(labelled > 30, "{labelled}");
}

#[test]
fn fields_that_the_server_drops_are_no_difference() {
    let repository = Repository::of(settings(), &five());
    let mut seen = BTreeSet::new();
    for (path, object) in of_kinds(&repository, &["Application"]) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let of_manifests = ["-tekton", "-hnc", "-argo-events"];
        let Some(component) = of_manifests.iter().find(|end| name.ends_with(*end)) else {
            continue;
        };
        let ignored = json!({"group": "apiextensions.k8s.io", "kind": "CustomResourceDefinition",
            "jsonPointers": ["/spec/preserveUnknownFields"]});
        assert_eq!(
            object["spec"]["ignoreDifferences"],
            json!([ignored]),
            "{path}"
        );
        seen.insert(component.to_string());
    }
    assert_eq!(seen.len(), 3);
}

const PIPELINE: &str = "runtimes/physical-worker-pipeline-runtime";

#[test]
fn no_metrics_server_degrades_tekton() {
    let repository = Repository::of(settings(), &five());
    let path = format!("{PIPELINE}/tekton/overlays/production/kustomization.yaml");
    let patch = &object(&repository, &path)["patches"][0];
    assert_eq!(patch["target"], json!({"kind": "HorizontalPodAutoscaler"}));
    assert!(
        patch["patch"]
            .as_str()
            .unwrap()
            .contains("argocd.argoproj.io/ignore-healthcheck")
    );
}

#[test]
fn hnc_stands_in_nobodys_way() {
    let repository = Repository::of(settings(), &five());
    let path = format!("{PIPELINE}/hnc/overlays/production/kustomization.yaml");
    let kustomization = object(&repository, &path);
    let targets = kustomization["replacements"][0]["targets"]
        .as_array()
        .unwrap();
    let kinds: Vec<&Value> = targets
        .iter()
        .map(|target| &target["select"]["kind"])
        .collect();
    assert_eq!(
        kinds,
        [
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration"
        ]
    );
}

#[test]
fn hnc_leaves_the_namespaces_of_everything_installed_alone() {
    for tenant in [settings(), states::bare()] {
        let repository = Repository::of(tenant, &five());
        let path = format!("{PIPELINE}/hnc/overlays/production/kustomization.yaml");
        let kustomization = object(&repository, &path);
        let operations = kustomization["patches"][0]["patch"].as_str().unwrap();
        let excluded =
            |namespace: &str| operations.contains(&format!("\"--excluded-namespace={namespace}\""));
        for component in physical(Pipeline).components.values() {
            let is_own = component.name == "hnc";
            assert_eq!(excluded(&component.namespace), !is_own, "{component:?}");
        }
        let made = of_kinds(&repository, &["Namespace"]);
        let made = made.iter().filter(|(path, _)| path.starts_with(PIPELINE));
        let made: Vec<&str> = made
            .map(|(_, namespace)| namespace["metadata"]["name"].as_str().unwrap())
            .collect();
        assert!(made.contains(&"vault"), "{made:?}");
        // The last one comes with Tekton's manifests.
        for namespace in made
            .into_iter()
            .chain(["nautes", "tekton-pipelines-resolvers"])
        {
            assert!(excluded(namespace), "{namespace}: {operations}");
        }
    }
}

#[test]
fn hnc_is_optional_and_may_come_from_a_mirror() {
    let mut cluster = physical(Deployment);
    cluster
        .components
        .get_mut(&Category::MultiTenant)
        .unwrap()
        .name = "none".into();
    let repository = Repository::of(settings(), &[cluster]);
    let mentions = repository
        .files
        .keys()
        .any(|path| path.contains("hnc") || path.contains("none"));
    assert!(!mentions);
    let images = "default.yaml\n      images:\n        - name: gcr.io/a/hnc\n          newName: mirror.example.com/hnc\n          newTag: v1.1.0\n";
    let catalog = domain::catalog::BUILT_IN.replacen("default.yaml\n", images, 1);
    let mirrored = Settings {
        catalog: Some(catalog),
        ..settings()
    };
    let repository = Repository::of(mirrored, &[physical(Pipeline)]);
    let path = format!("{PIPELINE}/hnc/overlays/production/kustomization.yaml");
    let expected =
        json!([{"name": "gcr.io/a/hnc", "newName": "mirror.example.com/hnc", "newTag": "v1.1.0"}]);
    assert_eq!(object(&repository, &path)["images"], expected);
}

fn wave(object: &Value) -> i32 {
    let wave = &object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"];
    wave.as_str().map_or(0, |wave| wave.parse().unwrap())
}

#[test]
fn projects_are_there_as_long_as_what_needs_them() {
    for (state, repository) in states::all() {
        for (path, project) in of_kinds(&repository, &["AppProject"]) {
            assert_eq!(wave(&project), -2, "{state}: {path}");
            let kept = &project["metadata"]["finalizers"][0];
            assert_eq!(kept, "resources-finalizer.argocd.argoproj.io", "{path}");
        }
        for (path, application) in of_kinds(&repository, &["Application"]) {
            let expected = match path.ends_with("/vcluster-initial-app.yaml") {
                true => -1,
                false => 0,
            };
            assert_eq!(wave(&application), expected, "{state}: {path}");
        }
    }
}

#[test]
fn a_removal_keeps_the_controller_until_its_secrets_are_gone() {
    for (state, repository) in states::all() {
        for (path, secret) in of_kinds(&repository, &["ExternalSecret", "ClusterSecretStore"]) {
            assert!(
                path.contains("/external-secrets/overlays/"),
                "{state}: {path}"
            );
            let expected = if secret["kind"] == "ExternalSecret" {
                2
            } else {
                1
            };
            assert_eq!(wave(&secret), expected, "{state}: {path}");
        }
    }
}

#[test]
fn what_needs_a_charts_definitions_is_in_the_same_application() {
    let repository = Repository::of(settings(), &five());
    for component in ["traefik", "external-secrets", "oauth2-proxy"] {
        let path = format!("{PIPELINE}/production/{component}-app.yaml");
        let sources = &object(&repository, &path)["spec"]["sources"];
        assert_eq!(sources[0]["chart"], component);
        let folder = format!("{PIPELINE}/{component}/overlays/production");
        assert_eq!(sources[1]["path"], folder);
    }
    assert!(
        !repository
            .files
            .keys()
            .any(|path| path.ends_with("-resources-app.yaml"))
    );
}

#[test]
fn namespaces_of_secrets_are_there_first_and_stay() {
    let repository = Repository::of(settings(), &five());
    let path = format!("{PIPELINE}/external-secrets/overlays/production/namespaces.yaml");
    let namespaces = documents(repository.text(&path));
    let names: Vec<&Value> = namespaces
        .iter()
        .map(|object| &object["metadata"]["name"])
        .collect();
    assert_eq!(names, ["argocd", "oauth2-proxy"]);
    for namespace in &namespaces {
        let options = &namespace["metadata"]["annotations"]["argocd.argoproj.io/sync-options"];
        assert_eq!(options, "Prune=false,Delete=false");
    }
}

#[test]
fn nothing_is_served_in_clear_text_nor_to_ingresses_of_others() {
    let cluster = with(
        physical(Pipeline),
        Category::Gateway,
        "traefik",
        ("tlsSecret", "wildcard"),
    );
    let repository = Repository::of(settings(), &[cluster]);
    let application = object(
        &repository,
        &format!("{PIPELINE}/production/traefik-app.yaml"),
    );
    let values = values(&application);
    assert_eq!(
        values["ports"]["websecure"],
        json!({"asDefault": true, "nodePort": 30443})
    );
    assert_eq!(
        values["ingressClass"],
        json!({"name": "traefik", "isDefaultClass": false})
    );
    let to = "--entryPoints.web.http.redirections.entryPoint.to=:30443";
    assert_eq!(values["additionalArguments"][0], to);
    let store = json!({"default": {"defaultCertificate": {"secretName": "wildcard"}}});
    assert_eq!(values["tlsStore"], store);
}

#[test]
fn injected_agents_trust_the_tenants_certificates() {
    let repository = Repository::of(settings(), &five());
    let application = object(
        &repository,
        &format!("{PIPELINE}/production/vault-app.yaml"),
    );
    let variables = &values(&application)["injector"]["extraEnvironmentVars"];
    let bundle = variables["AGENT_INJECT_VAULT_CACERT_BYTES"]
        .as_str()
        .unwrap();
    assert!(bundle.starts_with("LS0tLS1CRUdJTi"), "{bundle}");
}

#[test]
fn without_a_vault_there_is_no_injector() {
    let repository = Repository::of(states::bare(), &five());
    assert!(
        !repository
            .files
            .keys()
            .any(|path| path.ends_with("vault-app.yaml"))
    );
    let repository = Repository::of(settings(), &five());
    assert!(
        repository
            .files
            .keys()
            .any(|path| path.ends_with("vault-app.yaml"))
    );
}

#[test]
fn a_physical_clusters_api_server_is_not_asked_with_a_token_it_does_not_know() {
    let headers = |cluster: Cluster| {
        let repository = Repository::of(settings(), &[cluster]);
        let path = format!("{PIPELINE}/traefik/overlays/production/middleware-oauth.yaml");
        let forward = &object(&repository, &path)["spec"]["forwardAuth"];
        forward.get("authResponseHeaders").cloned()
    };
    assert_eq!(headers(physical(Pipeline)), None);
    let trusting = with(
        physical(Pipeline),
        Category::Pipeline,
        "tekton",
        ("forwardLogin", "true"),
    );
    assert_eq!(headers(trusting), Some(json!(["Authorization"])));
    let repository = Repository::of(settings(), &five());
    let path =
        "host-clusters/cluster-host/traefik/overlays/production/middleware-oauth-forward.yaml";
    let forward = &object(&repository, path)["spec"]["forwardAuth"];
    assert_eq!(forward["authResponseHeaders"], json!(["Authorization"]));
}

#[test]
fn whoever_logs_in_to_argo_cd_has_the_role_that_the_request_says() {
    let cluster = with(
        physical(Deployment),
        Category::Deployment,
        "argocd",
        ("defaultRole", "role:readonly"),
    );
    let repository = Repository::of(settings(), &[cluster]);
    let folder = "runtimes/physical-worker-deployment-runtime/argocd/overlays/production";
    let roles = object(&repository, &format!("{folder}/patch-argocd-rbac-cm.yaml"));
    assert_eq!(roles["data"], json!({"policy.default": "role:readonly"}));
}

#[test]
fn a_catalog_may_name_a_storage_class_for_virtual_clusters() {
    let chart = "      chart: vcluster\n";
    let values_of = "      values: {controlPlane: {statefulSet: {persistence: {volumeClaim: {storageClass: fast}}}}}\n";
    let catalog = domain::catalog::BUILT_IN.replacen(chart, &format!("{chart}{values_of}"), 1);
    let fast = Settings {
        catalog: Some(catalog),
        ..settings()
    };
    let repository = Repository::of(fast, &[host(), virtual_on_host(Pipeline)]);
    let path = "host-clusters/cluster-host/vclusters/virtual-worker-pipeline/vcluster-app.yaml";
    let application = object(&repository, path);
    let control_plane = &values(&application)["controlPlane"];
    let persistence = &control_plane["statefulSet"]["persistence"];
    assert_eq!(persistence["volumeClaim"]["storageClass"], "fast");
    assert!(persistence["addVolumes"].is_array() && control_plane["distro"].is_object());
}
