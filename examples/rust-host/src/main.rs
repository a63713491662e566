//! Checks a request and lists the files it would become. `--help` says how to call it.

mod components;

use clap::Parser;
use components::clusters::types::{Neighbours, Rejection, SaveRequest, Settings, SharedFiles};
use components::{CheckOutcome, LoadedComponents};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use wasmtime::error::Context as _;

/// Checks a request and lists the files it would become.
///
/// Exit status: 0 files were printed, 1 violations were, 2 the command line is wrong or a component can't be run.
#[derive(Debug, Parser)]
#[command(version)]
struct ExampleArguments {
    /// Name of the cluster
    name: String,
    /// The request, as JSON
    request: PathBuf,
    /// Folder with validate.wasm and render_resource.wasm
    #[arg(long, default_value = "target/wasm32-wasip2/release")]
    components: PathBuf,
}

fn main() -> ExitCode {
    match run(&ExampleArguments::parse()) {
        Ok(CheckOutcome::Files(paths)) => {
            paths.iter().for_each(|path| println!("{path}"));
            ExitCode::SUCCESS
        }
        Ok(CheckOutcome::Rejected(rejection)) => {
            lines(rejection).iter().for_each(|line| println!("{line}"));
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &ExampleArguments) -> wasmtime::Result<CheckOutcome> {
    let body = std::fs::read(&arguments.request)
        .with_context(|| arguments.request.display().to_string())?;
    let request = SaveRequest {
        name: arguments.name.clone(),
        content_type: Some("application/json".to_owned()),
        body,
    };
    LoadedComponents::load(&arguments.components)?.plan(
        &request,
        &alone()?,
        &SharedFiles {
            kustomization: None,
            other_hosts: false,
            other_runtimes: false,
        },
        &settings(),
    )
}

/// A repository without other clusters.
fn alone() -> wasmtime::Result<Neighbours> {
    Ok(Neighbours {
        resource_files: Vec::new(),
        api_server_owner: None,
        credentials_stored: false,
        dependants: Vec::new(),
        now: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    })
}

fn settings() -> Settings {
    Settings {
        tenant: "tenant1".to_owned(),
        repository_url: "https://gitlab.example.com/nautes/management.git".to_owned(),
        target_revision: "HEAD".to_owned(),
        argocd_namespace: "argocd".to_owned(),
        nautes_namespace: "nautes".to_owned(),
        git_url: "https://gitlab.example.com".to_owned(),
        oidc_issuer_url: String::new(),
        oidc_client_id: "nautes".to_owned(),
        vault_url: String::new(),
        ca_bundle: String::new(),
        catalog: None,
    }
}

/// One line for every violation, or one for anything else.
fn lines(rejection: Rejection) -> Vec<String> {
    let line = match rejection {
        Rejection::ValidationFailed(violations) => {
            let violations = violations.into_iter();
            return violations
                .map(|it| format!("{}: {}", it.field, it.message))
                .collect();
        }
        Rejection::MalformedBody(malformed) => format!("malformed-body: {}", malformed.message),
        Rejection::UnsupportedMediaType(sent) => format!("unsupported-media-type: {sent}"),
        Rejection::ApiServerInUse(cluster) => format!("api-server-in-use: by {cluster}"),
        Rejection::ClusterInUse(dependants) => {
            format!("cluster-in-use: by {}", dependants.join(", "))
        }
        Rejection::ClusterNotFound => "cluster-not-found".to_owned(),
        Rejection::Other(message) => message,
    };
    vec![line]
}
