use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Credentials, Login};

use super::*;
use crate::fixtures::{client_certificate, credentials, host, settings, virtual_worker, worker};
use crate::ownership::{HeldObject, Holdings};

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
fn stored_credentials_stay_with_their_server() {
    let credentials = Credentials {
        expires_at: Some(0),
        ..credentials(client_certificate())
    };
    let stored = cluster_secret(&worker(), &credentials, &settings()).unwrap();
    let kept = stored_cluster_secret(&worker(), &settings());
    let kept = with_stored_config(kept, &stored).unwrap();
    assert_eq!(config(&kept), config(&stored));
    assert_eq!(
        kept["metadata"]["annotations"][EXPIRES_AT],
        "1970-01-01T00:00:00Z"
    );
    let moved = domain::Cluster {
        api_server: "https://10.9.9.9:6443".to_owned(),
        ..worker()
    };
    let moved = stored_cluster_secret(&moved, &settings());
    assert_eq!(
        with_stored_config(moved, &stored),
        Err(CredentialsError::NotStored)
    );

    for config in [json!(null), json!("bm8ganNvbg=="), json!("W10=")] {
        let server = &kept["data"]["server"];
        let stored = json!({"data": {"config": config, "server": server}});
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
          "limit": -1,
          "refresh": true
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
fn a_hosts_secret_carries_a_kubeconfig_that_runs_no_program() {
    let kubeconfig = |secret: &Value| -> Value {
        let text = secret["data"]["kubeconfig"].as_str().unwrap();
        serde_json::from_slice(&STANDARD.decode(text).unwrap()).unwrap()
    };
    let credentials = Credentials {
        server_name: Some("kubernetes".to_owned()),
        proxy_url: Some("http://proxy:1".to_owned()),
        ..credentials(client_certificate())
    };
    let secret = cluster_secret(&host(), &credentials, &settings()).unwrap();
    let document = kubeconfig(&secret);
    assert_eq!(
        document["clusters"][0]["cluster"],
        json!({"server": "https://10.0.0.1:6443", "certificate-authority-data": "Y2E=",
            "tls-server-name": "kubernetes", "proxy-url": "http://proxy:1"})
    );
    assert_eq!(
        document["users"][0]["user"],
        json!({"client-certificate-data": "Y2VydA==", "client-key-data": "Y2FuYXJ5LWtleQ=="})
    );
    assert_eq!(document["current-context"], "host");
    let worker = cluster_secret(&worker(), &credentials, &settings()).unwrap();
    assert_eq!(worker["data"].get("kubeconfig"), None);

    // Of what is stored, too: whatever else it says.
    let config = json!({"execProviderConfig": {"command": "sh"}, "username": "u", "password": "p\"",
        "bearerToken": {"no": "text"}, "tlsClientConfig": {"insecure": true, "caData": "Y2E="}});
    let secret = stored_cluster_secret(&host(), &settings());
    let server = &secret["data"]["server"];
    let stored = json!({"data": {"config": STANDARD.encode(config.to_string()), "server": server}});
    let document = kubeconfig(&with_stored_config(secret, &stored).unwrap());
    assert_eq!(
        document["users"][0]["user"],
        json!({"username": "u", "password": "p\""})
    );
    assert_eq!(
        document["clusters"][0]["cluster"],
        json!({"server": "https://10.0.0.1:6443", "insecure-skip-tls-verify": true})
    );
}

fn job(holdings: &Holdings) -> Value {
    kubeconfig_job(&KubeconfigJob {
        cluster: &virtual_worker(),
        host: &host(),
        holdings,
        image: "registry.example/kubectl@sha256:0",
        settings: &settings(),
    })
}

/// An environment variable of the Job's container.
fn variable(job: &Value, name: &str) -> String {
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let mut variables = container["env"].as_array().unwrap().iter();
    let variable = variables.find(|entry| entry["name"] == name);
    variable.unwrap()["value"].as_str().unwrap().to_owned()
}

#[test]
fn the_job_of_a_virtual_cluster() {
    let job = job(&Holdings::default());
    assert_eq!(job["metadata"]["name"], "virtual-1-kubeconfig");
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["serviceAccountName"], KUBECONFIG_SERVICE_ACCOUNT);
    assert_eq!(
        pod["containers"][0]["image"],
        "registry.example/kubectl@sha256:0"
    );
    let host = &pod["volumes"][0]["secret"];
    assert_eq!(
        host["secretName"],
        domain::api_server::secret_name("https://10.0.0.1:6443")
    );
    assert_eq!(
        host["items"],
        json!([{"key": "kubeconfig", "path": "kubeconfig"}])
    );
    let secret: Value = serde_json::from_str(&variable(&job, "SECRET")).unwrap();
    assert_eq!(secret["data"].get("config"), None);
    assert_eq!(
        secret["data"]["server"],
        STANDARD.encode("https://10.0.0.1:31443")
    );
    assert_eq!(secret["metadata"].get("uid"), None);
    assert_eq!(variable(&job, "FORCE"), "false");
    assert_eq!(variable(&job, "STALE_SECRETS"), "");
    let script = pod["containers"][0]["command"][2].as_str().unwrap();
    assert!(script.starts_with("#!/bin/sh\n"));
}

#[test]
fn the_job_writes_and_removes_what_was_looked_at() {
    let current = domain::api_server::secret_name("https://10.0.0.1:31443");
    let job = job(&Holdings {
        secrets: [
            (&*current, "1"),
            ("cluster-old-1", "2"),
            ("cluster-old-2", "3"),
        ]
        .map(|(name, uid)| HeldObject {
            name: name.to_owned(),
            uid: uid.to_owned(),
            resource_version: None,
            credentials: None,
            is_owned: false,
        })
        .to_vec(),
        ..Holdings::default()
    });
    let secret: Value = serde_json::from_str(&variable(&job, "SECRET")).unwrap();
    assert_eq!(secret["metadata"]["uid"], "1");
    assert_eq!(variable(&job, "FORCE"), "true");
    let stale = variable(&job, "STALE_SECRETS");
    let lines: Vec<(&str, &str)> = stale
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    assert_eq!([lines[0].0, lines[1].0], ["cluster-old-1", "cluster-old-2"]);
    let options: Value = serde_json::from_str(lines[1].1).unwrap();
    assert_eq!(options["preconditions"], json!({"uid": "3"}));
}

/// The level `restricted` of Kubernetes' Pod Security Standards.
#[test]
fn the_jobs_pod_is_restricted() {
    let pod = &job(&Holdings::default())["spec"]["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(
        pod["securityContext"]["seccompProfile"],
        json!({"type": "RuntimeDefault"})
    );
    let container = &pod["containers"][0]["securityContext"];
    assert_eq!(container["allowPrivilegeEscalation"], false);
    assert_eq!(container["readOnlyRootFilesystem"], true);
    assert_eq!(container["capabilities"], json!({"drop": ["ALL"]}));
    assert!(KUBECONFIG_IMAGE.contains("@sha256:"));
    // Nothing that the admission policy refuses.
    let container = &pod["containers"][0];
    let env = container["env"].as_array().unwrap();
    assert!(env.iter().all(|it| it["value"].is_string()), "{env:?}");
    assert!(container["envFrom"].is_null() && pod["initContainers"].is_null());
    // What the admission policy lets run.
    let policy = include_str!("../../../../deploy/admission-policy.yaml");
    for name in [KUBECONFIG_IMAGE, KUBECONFIG_SERVICE_ACCOUNT] {
        assert!(policy.contains(&format!("'{name}'")), "{name}");
    }
}

#[test]
fn the_policy_for_argo_cd_has_the_names_that_are_used() {
    let policy = include_str!("../../../../deploy/argocd-policy.yaml");
    for set in crate::names::APPLICATION_SETS {
        assert!(policy.contains(&format!("'{set}'")), "{set}");
    }
    let suffix = crate::names::VIRTUAL_SET_SUFFIX;
    assert!(policy.contains(&format!("endsWith('{suffix}')")));
    let settings = settings();
    let own = crate::names::root_application(&settings).name;
    let workers = crate::names::workers_project(&settings).name;
    for name in [own, workers] {
        let suffix = name.strip_prefix(&*settings.tenant).unwrap();
        assert!(policy.contains(&format!("'{suffix}'")), "{name}");
    }
    assert!(policy.contains(&format!("'{}'", domain::names::IN_CLUSTER)));
}
