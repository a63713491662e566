//! The files themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use http::Method;
use sandbox::options::workspace;
use serde_json::Value;
use service::gateway::{PAGES, route};
use service::incoming::CLUSTERS;
use service::ready::READYZ;

use super::{documents, member, text};

/// Not for Kubernetes: Envoy's, the OpenTelemetry Collector's and kustomize's own configuration.
const FOREIGN: [&str; 4] = [
    "kustomization.yaml",
    "gateways/envoy.yaml",
    "gateways/direct/envoy-routes.yaml",
    "otel/collector.yaml",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Paths relative to `deploy/` of the files with an extension.
fn with_extension(extension: &str) -> Vec<String> {
    let root = workspace().join("deploy");
    let mut found = Vec::new();
    files(&root, &mut found);
    let found = found
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == extension));
    found
        .map(|path| {
            path.strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn every_manifest_is_of_objects_with_names() {
    let manifests = with_extension("yaml");
    assert!(manifests.len() > 5, "{manifests:?}");
    let mut names = BTreeSet::new();
    for path in manifests {
        let objects = documents(&path);
        assert!(!objects.is_empty(), "{path}");
        for object in objects.iter().filter(|_| !FOREIGN.contains(&path.as_str())) {
            let id = [
                "/apiVersion",
                "/kind",
                "/metadata/namespace",
                "/metadata/name",
            ]
            .map(|pointer| member(object, pointer).to_owned());
            assert!(
                !id[0].is_empty() && !id[1].is_empty() && !id[3].is_empty(),
                "{path}: {id:?}"
            );
            assert!(names.insert(id.clone()), "{path}: {id:?} stands twice");
        }
    }
}

fn manifest() -> toml::Table {
    let path = workspace().join("spin.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Spin refuses to start otherwise.
fn assert_usable(config: &toml::Table) {
    let manifest = manifest();
    let tables = config["client_tls"].as_array().unwrap();
    assert_eq!(tables.len(), 2);
    let keys = [
        "component_ids",
        "hosts",
        "ca_use_platform_roots",
        "ca_use_webpki_roots",
        "ca_roots_file",
        "client_cert_file",
        "client_private_key_file",
    ];
    for (table, variable) in tables.iter().zip(["gitlab_url", "kubernetes_url"]) {
        assert!(
            table
                .as_table()
                .unwrap()
                .keys()
                .all(|key| keys.contains(&key.as_str()))
        );
        let components = table["component_ids"].as_array().unwrap();
        let known = manifest["component"].as_table().unwrap();
        let calling = known.iter().filter(|(_, component)| {
            let hosts = component.get("allowed_outbound_hosts");
            hosts.is_some_and(|hosts| hosts.to_string().contains(variable))
        });
        let calling: BTreeSet<&str> = calling.map(|(name, _)| name.as_str()).collect();
        let listed: BTreeSet<&str> = components.iter().filter_map(toml::Value::as_str).collect();
        assert_eq!(listed, calling);
        let hosts = table["hosts"].as_array().unwrap();
        assert!(!hosts.is_empty());
        assert!(
            hosts
                .iter()
                .all(|host| !host.as_str().unwrap().contains([':', '/']))
        );
    }
}

#[test]
fn the_runtime_configuration_names_the_components_that_call_out() {
    assert_usable(&text("spin/runtime-config.toml").parse().unwrap());
    let secret = object("spinkube/runtime-config.yaml", "Secret");
    let config = secret["stringData"]["runtime-config.toml"]
        .as_str()
        .unwrap();
    assert_usable(&config.parse().unwrap());
}

fn object(path: &str, kind: &str) -> Value {
    let mut objects = documents(path).into_iter();
    objects
        .find(|object| member(object, "/kind") == kind)
        .unwrap()
}

#[test]
fn the_spin_app_sets_every_required_variable_and_no_unknown_one() {
    let app = object("spinkube/app.yaml", "SpinApp");
    let set = app["spec"]["variables"].as_array().unwrap();
    let set: BTreeSet<&str> = set.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let manifest = manifest();
    let known = manifest["variables"].as_table().unwrap();
    for name in &set {
        assert!(known.contains_key(*name), "{name}");
    }
    let required = known.iter().filter(|(_, it)| it.get("required").is_some());
    for (name, _) in required {
        assert!(set.contains(name.as_str()), "{name}");
    }
}

/// Checks of `spin doctor`, but for the toolchain and the built files.
#[test]
fn spin_doctor_finds_nothing_in_the_manifests() {
    let direct: toml::Table = text("spin/direct.toml").parse().unwrap();
    for manifest in [manifest(), direct] {
        assert_eq!(manifest["spin_manifest_version"], toml::Value::Integer(2));
        assert!(!manifest.contains_key("spin_version"));
        for (id, component) in manifest["component"].as_table().unwrap() {
            let source = component["source"].as_str().unwrap();
            let file = format!("target/wasm32-wasip2/release/{}.wasm", id.replace('-', "_"));
            assert!(source.ends_with(&file), "{id}: {source}");
            if let Some(build) = component.get("build") {
                let command = build["command"].as_str().unwrap();
                let expected = format!("cargo build --release --target wasm32-wasip2 -p {id}");
                assert_eq!(command, expected);
            }
        }
    }
}

/// Without a token `/readyz` asks GitLab and the management cluster, so it is for probes, which ask the application itself.
#[test]
fn the_ingress_has_every_route_but_those_of_probes() {
    let ingress = object("spinkube/ingress.yaml", "Ingress");
    let paths = ingress.pointer("/spec/rules/0/http/paths").unwrap();
    let paths = paths.as_array().unwrap();
    let is_open = |path: &str| {
        paths.iter().any(|entry| {
            let rest = path.strip_prefix(entry["path"].as_str().unwrap());
            match entry["pathType"].as_str().unwrap() {
                "Exact" => rest == Some(""),
                "Prefix" => rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
                other => panic!("{other}"),
            }
        })
    };
    let routes = [
        "/",
        CLUSTERS,
        "/api/v1/clusters/a",
        "/openapi.json",
        "/docs",
        "/docs/docs.js",
        "/q/swagger-ui",
    ];
    let pages = PAGES
        .iter()
        .flat_map(|page| [format!("/{page}"), format!("/{page}/a")]);
    for path in routes.map(str::to_owned).into_iter().chain(pages) {
        assert!(route(&Method::GET, &path).is_ok(), "{path}");
        assert!(is_open(&path), "{path}");
    }
    for path in [READYZ, "/healthz", "/.well-known/spin/health", "/other"] {
        assert!(!is_open(path), "{path}");
    }
    assert_eq!(paths.len(), 5 + PAGES.len());
    for entry in paths {
        let path = entry["path"].as_str().unwrap();
        let is_routed = path == "/api" || route(&Method::GET, path).is_ok();
        assert!(is_routed, "{path}");
    }
}
