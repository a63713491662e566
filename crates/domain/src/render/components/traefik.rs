//! Traefik: the node ports that lead into the cluster, and the login in front of pipeline dashboards.

use crate::{Category, Cluster, Component};
use serde_json::{Value, json};

use super::{Special, release};
use crate::render::context::Context;
use crate::render::overlay::Overlay;
use crate::render::{RenderError, urls};

pub fn special(context: &Context<'_>, component: &Component) -> Result<Special, RenderError> {
    let mut overlay = Overlay::default();
    if let Some(proxy) = context.component(Category::OauthProxy) {
        middlewares(context, component, proxy, &mut overlay);
    }
    Ok(Special {
        values: Some(values(context, component)?),
        overlay: Some(overlay),
        ..Special::default()
    })
}

fn values(context: &Context<'_>, component: &Component) -> Result<Value, RenderError> {
    let domain = &context.cluster.primary_domain;
    let https = port(context, component, "httpsNodePort")?;
    // Until there is one, Traefik serves a certificate that it signs itself.
    let certificate = component.additions.get("tlsSecret");
    let certificate =
        certificate.map(|name| json!({"default": {"defaultCertificate": {"secretName": name}}}));
    Ok(json!({
        // The class that every Ingress of ours names; an Ingress that names none is somebody else's.
        "ingressClass": {"name": component.name, "isDefaultClass": false},
        "tlsStore": certificate,
        // Nothing is served in clear text. The chart's own redirect would lead to the port within the cluster.
        "additionalArguments": [
            format!("--entryPoints.web.http.redirections.entryPoint.to=:{https}"),
            "--entryPoints.web.http.redirections.entryPoint.scheme=https",
            "--entryPoints.web.http.redirections.entryPoint.permanent=true",
        ],
        "providers": {
            // Middlewares lead to the OAuth2 proxy's namespace.
            "kubernetesCRD": {"allowCrossNamespace": true},
            // Behind node ports there is no load balancer whose address an Ingress could get, and Argo CD takes
            // an Ingress without an address for unfinished.
            "kubernetesIngress": {
                "publishedService": {"enabled": false},
                "ingressEndpoint": {"hostname": domain},
            },
        },
        "ports": {
            "web": {"nodePort": port(context, component, "httpNodePort")?},
            "websecure": {"nodePort": https, "asDefault": true},
        },
        // By these the operators find the way into the cluster.
        "service": {
            "annotations": {
                "cluster-operator.nautes.io/http-entrypoint": "web",
                "cluster-operator.nautes.io/https-entrypoint": "websecure",
            },
            "labels": {"resource.nautes.io/Usage": "Entrypoint"},
            "spec": {"type": "NodePort"},
        },
    }))
}

fn port(context: &Context<'_>, component: &Component, property: &str) -> Result<u16, RenderError> {
    let port = component.additions.get(property);
    let port = port.and_then(|text| text.parse().ok());
    port.ok_or_else(|| {
        let name = &context.cluster.name;
        RenderError::Other(format!("{property} of cluster {name}'s gateway is no port"))
    })
}

fn middlewares(
    context: &Context<'_>,
    component: &Component,
    proxy: &Component,
    overlay: &mut Overlay,
) {
    let namespace = &component.namespace;
    let service = release(context, &proxy.name);
    let headers = hands_token_on(context).then_some(["Authorization"]);
    let forward = json!({"forwardAuth": {
        "address": format!("http://{service}.{}/oauth2/auth", proxy.namespace),
        "trustForwardHeader": true,
        "authResponseHeaders": headers,
    }});
    let mut objects = vec![middleware(FORWARD, namespace, &forward)];
    if context.is_host() {
        let forward = std::mem::take(&mut objects);
        overlay
            .resources
            .insert("middleware-oauth-forward.yaml", forward);
    }
    for cluster in context.pipelines() {
        objects.extend(login(context, cluster, namespace, proxy, &service));
    }
    overlay.resources.insert("middleware-oauth.yaml", objects);
}

/// Tells whether a dashboard gets the token of who has logged in, and hands it to its API server. Virtual clusters
/// trust the issuer, as rendering makes them; of a physical cluster only its operator knows, and one that does not
/// would refuse every request.
pub(super) fn hands_token_on(context: &Context<'_>) -> bool {
    let pipeline = context.component(Category::Pipeline);
    let trusts = pipeline.and_then(|component| component.additions.get("forwardLogin"));
    context.is_host() || trusts.is_some_and(|value| value == "true")
}

const FORWARD: &str = "oauth-forward";

/// Who is not logged in sees the login page, and comes back to the dashboard from there.
fn login(
    context: &Context<'_>,
    cluster: &Cluster,
    namespace: &str,
    proxy: &Component,
    service: &str,
) -> Vec<Value> {
    let host = context.is_host().then_some(context.cluster);
    let Some(url) = urls::pipeline(cluster, host) else {
        return Vec::new();
    };
    let errors = format!("oauth-errors-{}", cluster.name);
    let chain = json!({"chain": {"middlewares": [{"name": errors}, {"name": FORWARD}]}});
    let sign_in = json!({"errors": {
        "status": ["401"],
        "service": {"name": service, "namespace": proxy.namespace, "port": 80},
        "query": format!("/oauth2/sign_in?rd={url}"),
    }});
    vec![
        middleware(&login_name(&cluster.name), namespace, &chain),
        middleware(&errors, namespace, &sign_in),
    ]
}

fn login_name(cluster: &str) -> String {
    format!("oauth-{cluster}")
}

/// How an Ingress names the login in front of a cluster's dashboard; `None` where the gateway is no Traefik.
pub fn login_reference(gateway: &Component, cluster: &str) -> Option<String> {
    let name = login_name(cluster);
    (gateway.name == "traefik").then(|| format!("{}-{name}@kubernetescrd", gateway.namespace))
}

fn middleware(name: &str, namespace: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    })
}
