//! Every name that is derived from a cluster's name: within the limit of its kind, and no other cluster's.

use std::collections::{BTreeMap, BTreeSet};

use domain::WorkerType::{self, Deployment, Pipeline};
use domain::catalog::Catalog;
use domain::names::{DerivedName, NameKind, derived, overlapping_tail, shared};
use domain::{Category, Cluster, Settings};

use crate::fixtures::{cluster, settings};
use crate::objects::{documents, is_manifest};
use crate::repository::Repository;

const HOST: &str = "h";

fn catalog() -> Catalog {
    Catalog::from_settings(&Settings::default()).unwrap()
}

/// A kind of cluster: its usage and runtime, and its host.
type Kind = (Option<WorkerType>, Option<&'static str>);

const KINDS: [Kind; 5] = [
    (None, None),
    (Some(Deployment), None),
    (Some(Pipeline), None),
    (Some(Deployment), Some(HOST)),
    (Some(Pipeline), Some(HOST)),
];

fn named(name: &str, (worker_type, host): Kind) -> Cluster {
    cluster(name, "https://10.0.0.1:30001", worker_type, host)
}

fn is_accepted(cluster: &Cluster) -> bool {
    derived(cluster, &catalog())
        .iter()
        .all(|name| name.is_valid())
        && overlapping_tail(cluster, &catalog()).is_none()
}

#[test]
fn the_longest_names_are_those_that_the_api_says() {
    for (kind, limit) in KINDS.into_iter().zip([38, 40, 40, 39, 39]) {
        assert!(is_accepted(&named(&"a".repeat(limit), kind)), "{kind:?}");
        // Longer than forty is refused before anything is derived.
        let longer = named(&"a".repeat(limit + 1), kind);
        assert!(!is_accepted(&longer) || limit == 40, "{kind:?}");
    }
}

/// The kinds of the table, as objects have them.
fn kind_of(kind: &str) -> Option<NameKind> {
    Some(match kind {
        "Application" => NameKind::Application,
        "AppProject" => NameKind::AppProject,
        "ApplicationSet" => NameKind::ApplicationSet,
        "Namespace" => NameKind::Namespace,
        "Service" => NameKind::Service,
        _ => return None,
    })
}

#[test]
fn every_name_that_is_rendered_of_the_longest_ones_is_in_the_table_and_fits() {
    let host = "a".repeat(38);
    let on_host = |name: &str, worker_type, port| {
        let server = format!("https://10.0.0.1:{port}");
        cluster(name, &server, Some(worker_type), Some(&host))
    };
    let clusters = [
        cluster(&host, "https://10.0.0.1:6443", None, None),
        cluster(
            &"b".repeat(40),
            "https://10.0.0.2:6443",
            Some(Deployment),
            None,
        ),
        cluster(
            &"c".repeat(40),
            "https://10.0.0.3:6443",
            Some(Pipeline),
            None,
        ),
        on_host(&"d".repeat(39), Deployment, 31001),
        on_host(&"e".repeat(39), Pipeline, 31002),
    ];
    let table: BTreeSet<(NameKind, String)> = clusters
        .iter()
        .flat_map(|cluster| derived(cluster, &catalog()))
        .map(|derived| (derived.kind, derived.name))
        .collect();
    let is_derived = |name: &str| clusters.iter().any(|cluster| name.contains(&cluster.name));
    let repository = Repository::of(settings(), &clusters);
    let mut seen = BTreeSet::new();
    for path in repository.files.keys().filter(|path| is_manifest(path)) {
        for object in documents(repository.text(path)) {
            let kind = object["kind"].as_str().unwrap();
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            for (label, value) in object["metadata"]["labels"]
                .as_object()
                .into_iter()
                .flatten()
            {
                let value = value.as_str().unwrap();
                assert!(value.len() <= 63, "{path}: {label}: {value}");
            }
            assert!(name.len() <= 253, "{path}: {kind} {name}");
            if let Some(kind) = kind_of(kind).filter(|_| is_derived(name)) {
                assert!(name.len() <= kind.limit(), "{path}: {kind:?} {name}");
                assert!(
                    table.contains(&(kind, name.to_owned())),
                    "{path}: {kind:?} {name}"
                );
                seen.insert(kind);
            }
            let sources = object["spec"]["sources"].as_array().into_iter().flatten();
            for release in sources.filter_map(|source| source["helm"]["releaseName"].as_str()) {
                assert!(
                    release.len() <= NameKind::Release.limit(),
                    "{path}: {release}"
                );
                let entry = (NameKind::Release, release.to_owned());
                assert!(table.contains(&entry), "{path}: {release}");
                seen.insert(NameKind::Release);
            }
        }
    }
    assert!(seen.len() >= 5, "{seen:?}");
}

#[test]
fn a_name_that_begins_with_a_digit_is_no_virtual_clusters() {
    for (kind, accepted) in KINDS.into_iter().zip([true, true, true, false, false]) {
        assert_eq!(is_accepted(&named("1e3", kind)), accepted, "{kind:?}");
    }
}

#[test]
fn a_name_that_ends_like_an_application_is_another_clusters() {
    for (name, kind, other) in [
        ("pw1-runtime", KINDS[0], "pw1"),
        ("pw1-runtime-app", KINDS[0], "pw1"),
        ("pw1-traefik", KINDS[0], "pw1"),
        ("pw1-vcluster-app", KINDS[3], "pw1"),
        ("pw1-argo-events", KINDS[4], "pw1"),
    ] {
        let found = overlapping_tail(&named(name, kind), &catalog());
        assert_eq!(found, Some((other.to_owned(), name.to_owned())));
    }
    for name in [
        "runtime",
        "pw1-runtimes",
        "cluster-host",
        "traefik",
        "physical-worker-pipeline",
    ] {
        for kind in KINDS {
            assert_eq!(
                overlapping_tail(&named(name, kind), &catalog()),
                None,
                "{name}"
            );
        }
    }
}

#[test]
fn a_virtual_cluster_takes_no_namespace_of_its_host() {
    let host = named(HOST, KINDS[0]);
    for namespace in ["traefik", "external-secrets", "vault"] {
        let name = shared(&named(namespace, KINDS[4]), &host, &catalog()).unwrap();
        assert_eq!(
            (name.kind, name.name.as_str()),
            (NameKind::Namespace, namespace)
        );
    }
    assert_eq!(shared(&named("v1", KINDS[4]), &host, &catalog()), None);
}

/// Names of up to three of the words that derived names are made of: where two derived names can be the same, they
/// are among these.
fn names(catalog: &Catalog) -> Vec<String> {
    let components = Category::ALL
        .iter()
        .flat_map(|category| catalog.names(*category));
    let words = [
        "a", "runtime", "app", "initial", "vcluster", "project", "host", "events", "argo",
    ];
    let words: Vec<&str> = words.into_iter().chain(components).collect();
    let longer = |names: &[String]| -> Vec<String> {
        let extend = |name: &String| {
            words
                .iter()
                .map(|word| format!("{name}-{word}"))
                .collect::<Vec<_>>()
        };
        names.iter().flat_map(extend).collect()
    };
    let one: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let two = longer(&one);
    let three = longer(&two);
    [one, two, three].concat()
}

#[test]
fn no_two_clusters_have_a_name_in_common() {
    let catalog = catalog();
    let names = names(&catalog);
    let mut owners: BTreeMap<DerivedName, String> = BTreeMap::new();
    let mut refused = 0;
    for kind in KINDS {
        let template = named("a", kind);
        for name in &names {
            let cluster = Cluster {
                name: name.clone(),
                ..template.clone()
            };
            if overlapping_tail(&cluster, &catalog).is_some() {
                refused += 1;
                continue;
            }
            for derived in derived(&cluster, &catalog) {
                // Of those in a host the host and its guests know: neither is judged without the other.
                if !derived.place.is_empty() {
                    continue;
                }
                let owner = owners
                    .entry(derived.clone())
                    .or_insert_with(|| name.clone());
                assert_eq!(owner, name, "{derived:?}");
            }
        }
    }
    assert!(
        refused > 100 && owners.len() > 10_000,
        "{refused} {}",
        owners.len()
    );
}
