//! The OAuth2 proxy, which asks who wants to see a pipeline dashboard.

use std::collections::BTreeSet;

use crate::{Category, Cluster, Component};
use gather::Gather as _;
use serde_json::{Value, json};

use super::{Special, release, traefik};
use crate::render::context::Context;
use crate::render::objects::{certificates, ingress_rule, literal, set};
use crate::render::overlay::Overlay;
use crate::render::{secrets, urls};

const CA_SECRET: &str = "idp-ca-secret";
const CA_FOLDER: &str = "/etc/idp-ca";
const VOLUME: &str = "idp-ca";

pub fn special(context: &Context<'_>, component: &Component) -> Special {
    let namespace = &component.namespace;
    let mut overlay = Overlay::default();
    let certificates = certificates(CA_SECRET, namespace, "ca.crt", context.settings);
    overlay
        .resources
        .insert("secret-ipd-ca.yaml", certificates.into_iter().collect());
    let ingresses = context.pipelines().into_iter();
    let ingresses = ingresses.filter_map(|cluster| ingress(context, component, cluster));
    overlay
        .resources
        .insert("ingress-tekton-dashboard.yaml", ingresses.collect());
    Special {
        values: Some(values(context)),
        overlay: Some(overlay),
        ..Special::default()
    }
}

fn values(context: &Context<'_>) -> Value {
    // The chart expands templates in its arguments and in the Ingress.
    let host = literal(&urls::oauth_proxy_host(context.cluster));
    let certificates = set(&context.settings.ca_bundle);
    json!({
        // It can't start without an issuer. Dashboards stay closed meanwhile.
        "replicaCount": i32::from(context.has_login()),
        "config": {
            "existingSecret": secrets::OAUTH_PROXY,
            "requiredSecretKeys": [secrets::CLIENT_SECRET, secrets::COOKIE_SECRET],
        },
        "extraArgs": arguments(context),
        "extraVolumes": certificates.map(|_| json!([{"name": VOLUME, "secret": {"secretName": CA_SECRET}}])),
        "extraVolumeMounts": certificates.map(|_| json!([{"name": VOLUME, "mountPath": CA_FOLDER, "readOnly": true}])),
        "ingress": {
            "enabled": true,
            "className": context.gateway().map(|gateway| &gateway.name),
            "path": "/",
            "pathType": "ImplementationSpecific",
            "hosts": [host],
            "tls": [{"hosts": [host]}],
        },
    })
}

/// All of them strings, as the chart wants them.
fn arguments(context: &Context<'_>) -> Value {
    let settings = context.settings;
    let port = urls::gateway_port(context.cluster, None);
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    let certificates = set(&settings.ca_bundle);
    json!({
        "provider": "oidc",
        "provider-display-name": "Dex",
        "client-id": literal(&settings.oidc_client_id),
        "oidc-issuer-url": literal(&settings.oidc_issuer_url),
        "redirect-url": literal(&urls::oauth_proxy_callback(context.cluster)),
        "whitelist-domain": domains(context, &port),
        "cookie-domain": domains(context, ""),
        "cookie-secure": "true",
        "scope": "openid profile email groups",
        "email-domain": "*",
        "skip-provider-button": "false",
        "set-authorization-header": traefik::hands_token_on(context).then_some("true"),
        "provider-ca-file": certificates.map(|_| format!("{CA_FOLDER}/ca.crt")),
        "use-system-trust-store": certificates.map(|_| "true"),
    })
}

/// The domains of all dashboards, as a list in one argument.
fn domains(context: &Context<'_>, port: &str) -> String {
    let clusters = context.pipelines();
    let domains = clusters.iter().map(|cluster| &cluster.primary_domain);
    let own = [&context.cluster.primary_domain];
    let domains: BTreeSet<&String> = domains.chain(own).gather();
    let domains = domains.iter().map(|domain| format!(".{domain}{port}"));
    literal(&domains.collect::<Vec<_>>().join(","))
}

/// The proxy's own pages below a dashboard's host name.
fn ingress(context: &Context<'_>, component: &Component, cluster: &Cluster) -> Option<Value> {
    let host = urls::host_name(cluster, Category::Pipeline)?;
    let name = if context.is_host() {
        format!("{}-tekton-dashboard", cluster.name)
    } else {
        "tekton-dashboard".to_owned()
    };
    let service = release(context, &component.name);
    Some(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": component.namespace},
        "spec": {
            "ingressClassName": context.gateway()?.name,
            "rules": [ingress_rule(host, "/oauth2", &service, &json!({"number": 80}))],
            "tls": [{"hosts": [host]}],
        },
    }))
}
