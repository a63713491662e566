//! A virtual cluster inside its host: `host-clusters/{host}/vclusters/{name}`.

use crate::catalog::Chart;
use serde_json::{Value, json};

use crate::render::context::Context;
use crate::render::objects::{
    Application, certificates, chart_source, git_source, kustomization, set, to_cluster,
};
use crate::render::{RenderError, Tree, names, urls};

/// Secret with the certificates that the API server checks the issuer by, and where they are mounted.
const CA_SECRET: &str = "ca";
const CA_FOLDER: &str = "/etc/nautes/ca";

pub fn write(context: &Context<'_>, tree: &mut Tree) -> Result<(), RenderError> {
    let Some(host) = context.host else {
        return Ok(());
    };
    let name = &context.cluster.name;
    let folder = names::vcluster_folder(&host.name, name);
    let error =
        || RenderError::Catalog("component catalog: charts: vcluster is missing".to_owned());
    let chart = context.catalog.chart("vcluster").ok_or_else(error)?;
    let files = ["vcluster-app.yaml", "vcluster-initial-app.yaml"].map(str::to_owned);
    tree.put(
        format!("{folder}/kustomization.yaml"),
        &[kustomization(&files)],
    )?;
    tree.put(
        format!("{folder}/vcluster-app.yaml"),
        &[vcluster(context, &host.name, chart)],
    )?;
    let initial_folder = format!("{folder}/vcluster-initial");
    let application = Application {
        name: names::vcluster_initial(name),
        cluster: name.clone(),
        project: names::host_project(&host.name),
        sources: vec![git_source(context.settings, &initial_folder)],
        destination: to_cluster(&host.name, name),
        ignore_differences: None,
        // The namespace before what lives in it, and until that is gone.
        wave: Some("-1"),
    };
    let application = application.to_value(context.settings);
    tree.put(
        format!("{folder}/vcluster-initial-app.yaml"),
        &[application],
    )?;
    initial(context, &initial_folder, tree)?;
    tree.own(folder);
    Ok(())
}

fn vcluster(context: &Context<'_>, host: &str, chart: &Chart) -> Value {
    let name = &context.cluster.name;
    let release = names::vcluster_release(name);
    let application = Application {
        name: release.clone(),
        cluster: name.clone(),
        project: names::host_project(host),
        sources: vec![chart_source(chart, &release, Some(values(context)))],
        destination: to_cluster(host, name),
        ignore_differences: None,
        wave: None,
    };
    application.to_value(context.settings)
}

/// Adds the objects that exist on the host before the virtual cluster does.
fn initial(context: &Context<'_>, folder: &str, tree: &mut Tree) -> Result<(), RenderError> {
    let name = &context.cluster.name;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let mut files = vec![
        ("namespace.yaml", namespace),
        ("svc.yaml", service(context)),
    ];
    if let Some(secret) = certificates(CA_SECRET, name, "ca.crt", context.settings) {
        files.push(("secret.yaml", secret));
    }
    let mut listed: Vec<String> = files.iter().map(|(file, _)| (*file).to_owned()).collect();
    listed.sort();
    tree.put(
        format!("{folder}/kustomization.yaml"),
        &[kustomization(&listed)],
    )?;
    for (file, object) in files {
        tree.put(format!("{folder}/{file}"), &[object])?;
    }
    Ok(())
}

/// The way in: a NodePort of the host to the virtual cluster's API server.
fn service(context: &Context<'_>) -> Value {
    let name = &context.cluster.name;
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": names::vcluster_service(name), "namespace": name},
        "spec": {
            "type": "NodePort",
            "selector": {"app": "vcluster", "release": names::vcluster_release(name)},
            "ports": [{
                "name": "https",
                "port": 443,
                "targetPort": 8443,
                "nodePort": context.cluster.https_node_port,
                "protocol": "TCP",
            }],
        },
    })
}

/// Values of the chart's schema since 0.20.
fn values(context: &Context<'_>) -> Value {
    let api_server = &context.cluster.api_server;
    let api_server_values = context
        .has_login()
        .then(|| json!({"extraArgs": login_arguments(context)}));
    let proxy = urls::host_of(api_server).map(|host| json!({"extraSANs": [host]}));
    json!({
        "controlPlane": {
            "distro": {"k8s": {"enabled": true, "apiServer": api_server_values}},
            "proxy": proxy,
            "statefulSet": certificate_volume(context),
        },
        "exportKubeConfig": {"server": api_server},
        "sync": {"toHost": {"ingresses": {"enabled": true}}},
    })
}

fn certificate_volume(context: &Context<'_>) -> Option<Value> {
    set(&context.settings.ca_bundle).filter(|_| context.has_login())?;
    Some(json!({
        "persistence": {
            "addVolumes": [{"name": CA_SECRET, "secret": {"secretName": CA_SECRET}}],
            "addVolumeMounts": [{"name": CA_SECRET, "mountPath": CA_FOLDER, "readOnly": true}],
        },
    }))
}

fn login_arguments(context: &Context<'_>) -> Vec<String> {
    let settings = context.settings;
    let mut arguments = vec![
        format!("--oidc-issuer-url={}", settings.oidc_issuer_url),
        format!("--oidc-client-id={}", settings.oidc_client_id),
        "--oidc-groups-claim=groups".to_owned(),
    ];
    if !settings.ca_bundle.is_empty() {
        arguments.push(format!("--oidc-ca-file={CA_FOLDER}/ca.crt"));
    }
    arguments
}
