//! A cluster that is to be registered: what the components will need, and what they will meet.

use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use super::Checks;
use crate::cluster::{ClusterClient, ClusterError};
use crate::connectivity::{ConnectionFailure, Peer};
use crate::kubeconfig::{LoginMethod, SelectedContext, method_of};

/// Minor versions of Kubernetes 1 that the catalog's components support together: crates/domain/catalog.yaml says
/// where each limit comes from.
const SUPPORTED: std::ops::RangeInclusive<u32> = 34..=36;

/// The node ports of the guides' gateway, which is what a request without any gets.
const GATEWAY_PORTS: [u64; 2] = [30080, 30443];

/// Definitions by which a component is recognised that somebody installed already.
const COMPONENTS: [(&str, &str); 8] = [
    ("applications.argoproj.io", "Argo CD"),
    ("rollouts.argoproj.io", "Argo Rollouts"),
    ("eventsources.argoproj.io", "Argo Events"),
    ("pipelines.tekton.dev", "Tekton"),
    ("externalsecrets.external-secrets.io", "External Secrets"),
    ("ingressroutes.traefik.io", "Traefik"),
    ("hierarchyconfigurations.hnc.x-k8s.io", "HNC"),
    ("certificates.cert-manager.io", "cert-manager"),
];

/// Longer than a connection takes, shorter than the patience of somebody who waits for a list of checks.
const ELSEWHERE_TIMEOUT: Duration = Duration::from_secs(10);

/// Intended use of the cluster.
pub(crate) struct Purpose<'a> {
    /// Virtual clusters will run in the cluster, which takes a default StorageClass besides.
    pub(crate) is_host: bool,
    /// The address for the management cluster, where that is not the context's.
    pub(crate) api_server: Option<&'a Url>,
}

/// Checks the cluster of a context.
pub(crate) async fn check(
    context: &SelectedContext,
    cluster: &ClusterClient,
    purpose: &Purpose<'_>,
) -> Checks {
    let mut checks = Checks::of("cluster");
    let registered = purpose.api_server.map_or(context.server(), Url::as_str);
    check_address(&mut checks, registered.trim_end_matches('/'), context);
    check_login(&mut checks, context);
    match version(cluster).await {
        Ok(version) => check_version(&mut checks, &version, context.server()),
        Err(error) => {
            let hint = match error.way_out() {
                "" => "check that `kubectl version` works with this context",
                way_out => way_out,
            };
            checks.failure(error.to_string(), hint);
            return checks;
        }
    }
    if let Some(url) = purpose.api_server {
        check_elsewhere(&mut checks, cluster, url).await;
    }
    check_rights(&mut checks, cluster).await;
    let steps = check_content(&mut checks, cluster, purpose.is_host).await;
    if let Err(error) = steps {
        checks.warning(
            error.to_string(),
            "use a context that may read the whole cluster",
        );
    }
    checks
}

fn check_address(checks: &mut Checks, server: &str, context: &SelectedContext) {
    let url = Url::parse(server).ok();
    let is_loopback = match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    };
    match url {
        Some(url) if url.scheme() != "https" => {
            checks.failure(
                format!("{server} is not https"),
                "only https can be registered",
            );
        }
        Some(_) if is_loopback => checks.failure(
            format!("{server} is this machine: the management cluster looks for it on its own"),
            "name the address by which the management cluster reaches it with --api-server",
        ),
        Some(_) => {}
        None => checks.failure(format!("{server} is no URL"), "mend the kubeconfig"),
    }
    if context.cluster.insecure_skip_tls_verify == Some(true) {
        checks.warning(
            "the context does not check the API server's certificate, and Argo CD would not either",
            "put the authority's certificate into certificate-authority-data",
        );
    }
}

fn check_login(checks: &mut Checks, context: &SelectedContext) {
    match method_of(context) {
        LoginMethod::Lasting => checks.ok("the login can be passed on to the management cluster"),
        LoginMethod::Nothing => checks.failure(
            "the context has no login",
            "add a certificate or token to its user",
        ),
        LoginMethod::Program(what) => {
            checks.ok(format!(
                "it logs in with {what}: `add` makes a service account instead"
            ));
        }
        LoginMethod::Session(session) => {
            checks.ok(format!(
                "it logs in with {session}: `add` makes a service account instead"
            ));
        }
    }
}

/// Looks at the address for the management cluster: the certificate has to have its name. Whether it answers from here says
/// something only where it does.
async fn check_elsewhere(checks: &mut Checks, cluster: &ClusterClient, url: &Url) {
    let host = url.host_str().unwrap_or_default();
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let named = answer_of(cluster, |at| at.tls_server_name = Some(name.to_owned())).await;
    match named {
        Ok(()) => checks.ok(format!("its certificate has the name {name}")),
        Err(Unanswered { why, failure: ConnectionFailure::CertificateName }) => checks.failure(
            format!("its certificate does not have the name {name}: {why}"),
            "have a certificate made with it: certSANs of the API server in kubeadm, --tls-san in k3s",
        ),
        Err(Unanswered { why, .. }) => checks.warning(
            format!("whether its certificate has the name {name} is not known: {why}"),
            "look with `openssl s_client -connect` at the address",
        ),
    }
    let server = url.as_str().trim_end_matches('/').to_owned();
    match answer_of(cluster, |at| at.server = Some(server.clone())).await {
        Ok(()) => checks.ok(format!("{server} answers from here, too")),
        // Somebody answers there, and it is not the API server: the management cluster would meet the same one.
        Err(Unanswered { why, failure }) if failure.is_certificate() => checks.failure(
            format!("{server} does not answer as this cluster: {why}"),
            failure.way_out(Peer::Cluster),
        ),
        Err(Unanswered { why, .. }) => checks.warning(
            format!("{server} does not answer from here: {why}"),
            "that is as it should be where the management cluster alone reaches it",
        ),
    }
}

/// An attempt in another way that had no answer.
struct Unanswered {
    /// A sentence.
    why: String,
    failure: ConnectionFailure,
}

/// Asks the same cluster in another way.
async fn answer_of(
    cluster: &ClusterClient,
    change: impl FnOnce(&mut kube::config::Cluster),
) -> Result<(), Unanswered> {
    let elsewhere = cluster.at(change).await.map_err(|error| Unanswered {
        why: error.to_string(),
        failure: ConnectionFailure::Other,
    })?;
    let patience = tokio::time::timeout(ELSEWHERE_TIMEOUT, elsewhere.get("/version"));
    let answer = patience.await.map_err(|_| Unanswered {
        why: format!("no answer within {} s", ELSEWHERE_TIMEOUT.as_secs()),
        failure: ConnectionFailure::Silence,
    })?;
    match answer {
        // An answer that refuses the login is one.
        Err(error) if error.status.is_none() => Err(Unanswered {
            failure: error.connection,
            why: error.cause,
        }),
        _ => Ok(()),
    }
}

/// A version of Kubernetes.
pub(crate) struct KubernetesVersion {
    /// As the server says it, such as `v1.34.1+k3s1`.
    pub(crate) text: String,
    /// 34 of 1.34; providers write `34+`.
    pub(super) minor: Option<u32>,
}

/// Asks for the version, which shows that the server answers and its certificate is trusted.
///
/// # Errors
/// The server does not answer.
pub(crate) async fn version(cluster: &ClusterClient) -> Result<KubernetesVersion, ClusterError> {
    let version = cluster.get("/version").await?;
    let text = |field: &str| {
        version
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let minor = text("minor").trim_end_matches(|char: char| !char.is_ascii_digit());
    Ok(KubernetesVersion {
        text: text("gitVersion").to_owned(),
        minor: minor.parse().ok(),
    })
}

fn check_version(checks: &mut Checks, version: &KubernetesVersion, server: &str) {
    checks.ok(format!("{server} answers, and its certificate is trusted"));
    let supported = format!("1.{} to 1.{}", SUPPORTED.start(), SUPPORTED.end());
    match version.minor {
        Some(minor) if SUPPORTED.contains(&minor) => {
            checks.ok(format!("Kubernetes {} is among {supported}", version.text));
        }
        _ => checks.warning(
            format!("Kubernetes {} is not among {supported}, which the catalog's components are made for", version.text),
            "update the cluster, or give the service a catalog for it (docs/settings.md)",
        ),
    }
}

async fn check_rights(checks: &mut Checks, cluster: &ClusterClient) {
    match cluster.may("*", "*", "*").await {
        Ok(true) => checks.ok("the login is a cluster administrator"),
        Ok(false) => checks.failure(
            "the login is no cluster administrator: Argo CD can't install with it",
            "use one that is bound to cluster-admin",
        ),
        Err(error) => checks.warning(
            format!("the rights are not known: {error}"),
            "see what `kubectl auth can-i '*' '*' -A` answers with this context",
        ),
    }
}

async fn check_content(
    checks: &mut Checks,
    cluster: &ClusterClient,
    is_host: bool,
) -> Result<(), ClusterError> {
    // No component of a worker has a volume.
    if is_host {
        let classes = cluster.get("/apis/storage.k8s.io/v1/storageclasses").await;
        check_storage(checks, &items(&classes.or_else(empty_where_unknown)?));
    }
    let classes = cluster
        .get("/apis/networking.k8s.io/v1/ingressclasses")
        .await;
    check_ingress(checks, &items(&classes.or_else(empty_where_unknown)?));
    let services = cluster.get("/api/v1/services").await?;
    check_ports(checks, &items(&services));
    let definitions = cluster
        .get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        .await?;
    check_components(checks, &items(&definitions));
    Ok(())
}

/// An API that the server does not have has no objects.
fn empty_where_unknown(error: ClusterError) -> Result<Value, ClusterError> {
    match error.status {
        Some(404) => Ok(Value::Null),
        _ => Err(error),
    }
}

fn items(list: &Value) -> Vec<Value> {
    list.get("items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn name_of(object: &Value) -> &str {
    object
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn check_storage(checks: &mut Checks, classes: &[Value]) {
    let is_default = |class: &&Value| {
        let annotation =
            class.pointer("/metadata/annotations/storageclass.kubernetes.io~1is-default-class");
        annotation.and_then(Value::as_str) == Some("true")
    };
    match classes.iter().find(is_default) {
        Some(class) => checks.ok(format!("{} is the default StorageClass", name_of(class))),
        None => checks.failure(
            "there is no default StorageClass: virtual clusters keep their state in a volume",
            "annotate one with storageclass.kubernetes.io/is-default-class=true",
        ),
    }
}

fn check_ingress(checks: &mut Checks, classes: &[Value]) {
    let names: Vec<&str> = classes.iter().map(name_of).collect();
    match names.contains(&"traefik") {
        true => checks.warning(
            "there is an IngressClass traefik already, as k3s brings one",
            "remove that Traefik (k3s: --disable traefik): the gateway's own takes its name",
        ),
        false => checks.ok(match names.is_empty() {
            true => "no IngressClass is in the way of the gateway's".to_owned(),
            false => format!(
                "the IngressClasses {} are not in the way of the gateway's",
                names.join(", ")
            ),
        }),
    }
}

fn check_ports(checks: &mut Checks, services: &[Value]) {
    let mut taken = Vec::new();
    for service in services {
        let ports = service.pointer("/spec/ports").and_then(Value::as_array);
        let ports = ports
            .into_iter()
            .flatten()
            .filter_map(|port| port.get("nodePort")?.as_u64());
        for port in ports.filter(|port| GATEWAY_PORTS.contains(port)) {
            let namespace = service
                .pointer("/metadata/namespace")
                .and_then(Value::as_str)
                .unwrap_or_default();
            taken.push(format!("{port} by {namespace}/{}", name_of(service)));
        }
    }
    let [http, https] = GATEWAY_PORTS;
    match taken.is_empty() {
        true => checks.ok(format!("the node ports {http} and {https} are free for the gateway")),
        false => checks.warning(
            format!("a node port of the gateway is taken: {}", taken.join(", ")),
            "choose others in componentsList.gateway.additions (`nautes-clusters init`), unless that is the gateway",
        ),
    }
}

fn check_components(checks: &mut Checks, definitions: &[Value]) {
    let names: Vec<&str> = definitions.iter().map(name_of).collect();
    let there: Vec<&str> = COMPONENTS
        .iter()
        .filter(|(definition, _)| names.contains(definition))
        .map(|(_, name)| *name)
        .collect();
    match there.is_empty() {
        true => checks.ok("no component is there already"),
        false => checks.warning(
            format!("already there: {}", there.join(", ")),
            "where they were not installed by this service, remove them first: two installations of one component change \
             each other's objects",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::{CheckResult, draw};

    #[test]
    fn what_components_will_meet() {
        let mut checks = Checks::of("cluster");
        let default = json!({"metadata": {"name": "local-path", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}});
        check_storage(&mut checks, &[default]);
        check_storage(&mut checks, &[json!({"metadata": {"name": "slow"}})]);
        check_ingress(&mut checks, &[json!({"metadata": {"name": "traefik"}})]);
        check_ingress(&mut checks, &[json!({"metadata": {"name": "nginx"}})]);
        let service = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"ports": [{"port": 80, "nodePort": 30080}]}});
        check_ports(&mut checks, &[service]);
        check_ports(&mut checks, &[]);
        check_components(
            &mut checks,
            &[json!({"metadata": {"name": "pipelines.tekton.dev"}})],
        );
        check_components(&mut checks, &[]);
        insta::assert_snapshot!(anstream::adapter::strip_str(&draw(&checks.made, 200)).to_string());
    }

    #[test]
    fn versions_of_providers_are_read() {
        let result = |minor: Option<u32>| {
            let mut checks = Checks::of("cluster");
            check_version(
                &mut checks,
                &KubernetesVersion {
                    text: "v1".to_owned(),
                    minor,
                },
                "https://k",
            );
            checks.made[1].result
        };
        let catalog = include_str!("../../../crates/domain/catalog.yaml");
        let (first, last) = (*SUPPORTED.start(), *SUPPORTED.end());
        assert!(catalog.contains(&format!("they cover Kubernetes 1.{first} to 1.{last}")));
        assert_eq!(result(Some(first)), CheckResult::Ok);
        assert_eq!(result(Some(first - 1)), CheckResult::Warning);
        assert_eq!(result(Some(last)), CheckResult::Ok);
        assert_eq!(result(Some(last + 1)), CheckResult::Warning);
        assert_eq!(result(None), CheckResult::Warning);
    }
}
