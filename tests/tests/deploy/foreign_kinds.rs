//! Objects of SpinKube, Traefik and KEDA, against condensed definitions of theirs.

use sandbox::options::workspace;
use sandbox_kubernetes::{Kubernetes, KubernetesOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{apply, documents, member};

const FILES: [&str; 4] = [
    "spinkube/app.yaml",
    "spinkube/keda.yaml",
    "gateways/traefik.yaml",
    "gateways/direct/traefik.yaml",
];

async fn start(data: &TempDir) -> Kubernetes {
    let kubernetes = Kubernetes::start(KubernetesOptions::new(data.path().to_owned()))
        .await
        .unwrap();
    for file in ["spinkube.yaml", "others.yaml"] {
        let path = workspace().join("tests/cases/crds").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let definitions: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        for definition in definitions {
            let answer = apply(&kubernetes, &definition).await;
            assert!(
                answer.status().is_success(),
                "{}",
                answer.text().await.unwrap()
            );
        }
    }
    kubernetes
}

/// The documents of a kind that is defined here.
fn foreign(path: &str) -> Vec<Value> {
    let mut documents = documents(path);
    documents.retain(|object| {
        let group = member(object, "/apiVersion").split('/').next();
        ["core.spinkube.dev", "traefik.io", "keda.sh"].contains(&group.unwrap_or_default())
    });
    documents
}

#[tokio::test]
async fn every_object_is_as_its_definition_wants_it() {
    let data = TempDir::new().unwrap();
    let kubernetes = start(&data).await;
    for file in FILES {
        let objects = foreign(file);
        assert!(!objects.is_empty(), "{file}");
        for object in objects {
            let answer = apply(&kubernetes, &object).await;
            let status = answer.status();
            assert!(
                status.is_success(),
                "{file}: {}",
                answer.text().await.unwrap()
            );
        }
    }
}

#[tokio::test]
async fn a_field_that_does_not_exist_would_be_found() {
    let data = TempDir::new().unwrap();
    let kubernetes = start(&data).await;
    for (file, pointer) in [
        ("spinkube/app.yaml", "/spec/checks/liveness"),
        ("spinkube/keda.yaml", "/spec/fallback"),
        ("gateways/traefik.yaml", "/spec/routes/0"),
    ] {
        let mut object = foreign(file).remove(0);
        object.pointer_mut(pointer).unwrap()["slip"] = json!(1);
        let answer = apply(&kubernetes, &object).await;
        assert!(!answer.status().is_success(), "{file}");
        let text = answer.text().await.unwrap();
        assert!(text.contains("slip"), "{file}: {text}");
    }
}

/// The files name each other's objects.
#[test]
fn names_meet() {
    let app = &foreign("spinkube/app.yaml")[0];
    let executor = &foreign("spinkube/app.yaml")[1];
    assert_eq!(
        member(app, "/spec/executor"),
        member(executor, "/metadata/name")
    );
    let paths = ["/spec/checks/liveness", "/spec/checks/readiness"]
        .map(|check| member(app, &format!("{check}/httpGet/path")).to_owned());
    assert_eq!(paths, ["/healthz", "/readyz"]);
    let scaled = &foreign("spinkube/keda.yaml")[0];
    assert_eq!(
        member(scaled, "/spec/scaleTargetRef/name"),
        member(app, "/metadata/name")
    );
    let names = |path: &str, kind: &str| -> Vec<String> {
        let objects = foreign(path).into_iter();
        let mine = objects.filter(|object| member(object, "/kind") == kind);
        mine.map(|object| member(&object, "/metadata/name").to_owned())
            .collect()
    };
    let mut known = names("gateways/traefik.yaml", "Middleware");
    known.extend(names("gateways/direct/traefik.yaml", "Middleware"));
    for file in ["gateways/traefik.yaml", "gateways/direct/traefik.yaml"] {
        for route in foreign(file)[0]["spec"]["routes"].as_array().unwrap() {
            for middleware in route["middlewares"].as_array().unwrap() {
                let name = middleware["name"].as_str().unwrap().to_owned();
                assert!(known.contains(&name), "{file}: {name}");
            }
        }
    }
}
