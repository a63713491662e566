use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Credentials, Login};

use super::*;
use crate::fixtures::{client_certificate, credentials, host, settings, virtual_worker, worker};

/// `config` of a cluster Secret, as Argo CD reads it.
fn config(secret: &Value) -> Value {
    let config = secret["data"]["config"].as_str().unwrap();
    serde_json::from_slice(&STANDARD.decode(config).unwrap()).unwrap()
}

fn config_of(credentials: &Credentials) -> Value {
    config(&cluster_secret(&worker(), credentials, &settings()).unwrap())
}

#[test]
fn a_cluster_secret_is_named_annotated_and_labelled_as_by_argo_cd() {
    let credentials = Credentials {
        expires_at: Some(1_900_000_000),
        ..credentials(client_certificate())
    };
    let mut secret = cluster_secret(&worker(), &credentials, &settings()).unwrap();
    assert_eq!(
        config(&secret),
        json!({"tlsClientConfig": {
            "insecure": false, "caData": "Y2E=", "certData": "Y2VydA==", "keyData": "Y2FuYXJ5LWtleQ==",
        }})
    );
    secret["data"]["config"] = json!("…");
    assert_eq!(
        secret,
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {
                "name": domain::api_server::secret_name("https://10.0.0.2:6443"),
                "namespace": "argocd",
                "annotations": {
                    "managed-by": "argocd.argoproj.io",
                    "clusters.nautes.io/credentials-expire-at": "2030-03-17T17:46:40Z",
                },
                "labels": {
                    "argocd.argoproj.io/secret-type": "cluster",
                    "cluster.nautes.io/name": "worker-1",
                    "cluster.nautes.io/usage": "worker",
                },
            },
            "data": {
                "name": STANDARD.encode("worker-1"),
                "server": STANDARD.encode("https://10.0.0.2:6443"),
                "config": "…",
            },
        })
    );
    let host = cluster_secret(&host(), &credentials, &settings()).unwrap();
    assert_eq!(host["metadata"]["labels"][USAGE_LABEL], "host");
}

#[test]
fn every_way_to_log_in() {
    let token = credentials(Login::Token("eyJ".to_owned()));
    assert_eq!(
        config_of(&token),
        json!({"bearerToken": "eyJ", "tlsClientConfig": {"insecure": false, "caData": "Y2E="}})
    );
    let basic = credentials(Login::Basic {
        username: "u".to_owned(),
        password: "p\"\\".to_owned(),
    });
    assert_eq!(
        config_of(&Credentials {
            ca_data: None,
            ..basic
        }),
        json!({"username": "u", "password": "p\"\\", "tlsClientConfig": {"insecure": false}})
    );
}

#[test]
fn insecure_excludes_the_ca() {
    let credentials = Credentials {
        insecure: true,
        server_name: Some("kubernetes".to_owned()),
        proxy_url: Some("socks5://proxy:1080".to_owned()),
        ..credentials(Login::Token("t".to_owned()))
    };
    assert_eq!(
        config_of(&credentials),
        json!({
            "bearerToken": "t",
            "tlsClientConfig": {"insecure": true, "serverName": "kubernetes"},
            "proxyUrl": "socks5://proxy:1080",
        })
    );
}

#[test]
fn white_space_of_a_folded_scalar_is_dropped() {
    let credentials = Credentials {
        ca_data: Some("Y2\n  E=\r\n".to_owned()),
        ..credentials(client_certificate())
    };
    assert_eq!(config_of(&credentials)["tlsClientConfig"]["caData"], "Y2E=");
}

/// One malformed config would break the generators of every cluster.
#[test]
fn what_argo_cd_could_not_read_is_not_written() {
    let certificate = |cert: &str, key: &str| {
        credentials(Login::ClientCertificate {
            cert_data: cert.to_owned(),
            key_data: key.to_owned(),
        })
    };
    let unpadded = Credentials {
        ca_data: Some("Y2E".to_owned()),
        ..credentials(client_certificate())
    };
    for (credentials, error) in [
        (
            certificate("canary!", "a2V5"),
            CredentialsError::NotBase64("client certificate"),
        ),
        (
            certificate("a2V5", "-----BEGIN"),
            CredentialsError::NotBase64("client key"),
        ),
        (
            certificate("a2V5", ""),
            CredentialsError::Empty("client key"),
        ),
        (
            unpadded,
            CredentialsError::NotBase64("certificate authority"),
        ),
        (
            credentials(Login::Token(String::new())),
            CredentialsError::Empty("token"),
        ),
    ] {
        assert_eq!(
            cluster_secret(&worker(), &credentials, &settings()),
            Err(error)
        );
        assert!(!error.to_string().contains("canary"));
    }
}

#[test]
fn stored_credentials_move_to_another_secret() {
    let credentials = Credentials {
        expires_at: Some(0),
        ..credentials(client_certificate())
    };
    let stored = cluster_secret(&worker(), &credentials, &settings()).unwrap();
    let moved = domain::Cluster {
        api_server: "https://10.9.9.9:6443".to_owned(),
        ..worker()
    };
    let moved = stored_cluster_secret(&moved, &settings());
    let moved = with_stored_config(moved, &stored).unwrap();
    assert_eq!(config(&moved), config(&stored));
    assert_eq!(
        moved["data"]["server"],
        STANDARD.encode("https://10.9.9.9:6443")
    );
    assert_eq!(
        moved["metadata"]["annotations"][EXPIRES_AT],
        "1970-01-01T00:00:00Z"
    );

    for config in [json!(null), json!("bm8ganNvbg=="), json!("W10=")] {
        let stored = json!({"data": {"config": config}});
        let secret = stored_cluster_secret(&worker(), &settings());
        assert_eq!(
            with_stored_config(secret, &stored),
            Err(CredentialsError::NotStored)
        );
    }
}

#[test]
fn the_tenants_application_prunes_and_never_gives_up() {
    let root = root_application(&settings());
    // Another crate of the build may make serde_json keep the order of insertion.
    insta::with_settings!({sort_maps => true}, {
    insta::assert_json_snapshot!(root["spec"], @r#"
    {
      "destination": {
        "namespace": "argocd",
        "server": "https://kubernetes.default.svc"
      },
      "project": "tenant-1",
      "source": {
        "path": "tenant/production",
        "repoURL": "https://gitlab.example/tenant-1/management.git",
        "targetRevision": "HEAD"
      },
      "syncPolicy": {
        "automated": {
          "allowEmpty": true,
          "prune": true,
          "selfHeal": true
        },
        "retry": {
          "backoff": {
            "duration": "5s",
            "factor": 2,
            "maxDuration": "3m"
          },
          "limit": -1
        },
        "syncOptions": [
          "PrunePropagationPolicy=background"
        ]
      }
    }
    "#);
    });
    assert_eq!(
        root["metadata"],
        json!({"name": "tenant-1-management", "namespace": "argocd",
            "annotations": {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}})
    );
}

#[test]
fn the_tenants_project() {
    let project = app_project(&settings());
    assert_eq!(
        project["metadata"],
        json!({"name": "tenant-1", "namespace": "argocd"})
    );
    let repository = settings().repository_url;
    assert_eq!(project["spec"]["sourceRepos"], json!([repository]));
    let server = "https://kubernetes.default.svc";
    assert_eq!(
        project["spec"]["destinations"],
        json!([
            {"server": server, "namespace": "argocd"},
            {"server": server, "namespace": settings().nautes_namespace},
        ])
    );
    assert_eq!(project["spec"]["clusterResourceWhitelist"], json!([]));
    let kinds = project["spec"]["namespaceResourceWhitelist"].as_array();
    let kinds = kinds
        .into_iter()
        .flatten()
        .map(|kind| kind["kind"].as_str());
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        ["Application", "ApplicationSet", "AppProject", "Cluster"].map(Some)
    );
}

#[test]
fn the_job_of_a_virtual_cluster() {
    let stale = ["cluster-old-1".to_owned(), "cluster-old-2".to_owned()];
    let job = kubeconfig_job(&virtual_worker(), &host(), &stale, &settings());
    assert_eq!(job["metadata"]["name"], "virtual-1-kubeconfig");
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["serviceAccountName"], KUBECONFIG_SERVICE_ACCOUNT);
    assert_eq!(
        pod["volumes"][0]["secret"]["secretName"],
        domain::api_server::secret_name("https://10.0.0.1:6443")
    );
    let env = &pod["containers"][0]["env"];
    let value = |name: &str| {
        let entry = env
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["name"] == name);
        entry.unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(value("STALE_SECRETS"), "cluster-old-1 cluster-old-2");
    let secret: Value = serde_json::from_str(&value("SECRET")).unwrap();
    assert_eq!(secret["data"]["config"], "@CONFIG@");
    assert_eq!(
        secret["data"]["server"],
        STANDARD.encode("https://10.0.0.1:31443")
    );
    let script = pod["containers"][0]["command"][2].as_str().unwrap();
    assert!(script.starts_with("#!/bin/sh\n"));
}
