//! The fields of a request with their types: nothing is judged yet but the types.

use std::collections::{BTreeMap, BTreeSet};

use crate::body::{Body, Manifest};
use crate::fields::{self, Field, Object, as_text};
use crate::findings::{CLUSTERS, Findings};
use crate::tree::{Entry, Node};
use crate::{Category, ClusterResource};

mod components;
mod maps;

/// What a caller asks for. No `Debug`: it holds a kubeconfig.
pub(crate) struct Request {
    /// JSON pointer to the object that has the fields.
    root: &'static str,
    pub manifest: Option<Manifest>,
    pub name: Field<String>,
    pub api_server: Field<String>,
    pub cluster_kind: Field<String>,
    pub cluster_type: Field<String>,
    pub usage: Field<String>,
    pub worker_type: Field<String>,
    pub host_cluster: Field<String>,
    pub primary_domain: Field<String>,
    pub https_node_port: Field<String>,
    pub kubeconfig: Field<String>,
    pub components: BTreeMap<Category, RequestedComponent>,
    pub legacy: Vec<Legacy>,
    pub namespaces: BTreeMap<String, Allowed<String>>,
    pub resources: BTreeMap<String, Allowed<ClusterResource>>,
}

/// An entry of `components_list`.
pub(crate) struct RequestedComponent {
    pub name: Field<String>,
    pub namespace: Field<String>,
    /// Strings, or integers written out.
    pub additions: BTreeMap<String, Field<String>>,
}

/// A field of versions 0.2 and 0.3 that stands for an addition of a component.
pub(crate) struct Legacy {
    /// Its name, for messages.
    pub field: &'static str,
    pub category: Category,
    pub addition: &'static str,
    pub value: Field<String>,
}

/// A list of one of the two map fields, without repetitions.
pub(crate) struct Allowed<T> {
    /// Where the (first) list stands.
    pub at: String,
    /// Each with the place where it stands first.
    pub items: Vec<(String, T)>,
    seen: BTreeSet<T>,
}

/// Reads the fields. Whatever has another type than it should is among the findings then.
pub(crate) fn read(mut body: Body, findings: &mut Findings) -> Request {
    let entries = std::mem::take(&mut body.fields);
    let entries = without_unread_fields(entries, body.root, findings);
    let has_list = |key| {
        let mut fields = entries.iter().chain(&body.head);
        fields.any(|entry| entry.key == key && matches!(entry.value, Node::List(_)))
    };
    if has_list(CLUSTERS) && has_list("users") {
        findings.note_misspelt(
            fields::pointer(body.root, "kubeconfig"),
            CLUSTERS.to_owned(),
        );
    }
    judge_head(std::mem::take(&mut body.head), findings);
    let mut object = Object::new(entries, body.root, &fields::REQUEST, findings);
    let body = &body;
    body.refuse_repeated_heads(findings);
    let kubeconfig = object.take("kubeconfig", body, findings);
    let mut text =
        |name: &str, findings: &mut Findings| object.take(name, body, findings).word(findings);
    // Allowed and without meaning here: what they say is in the path.
    let _ = (text("api_version", findings), text("kind", findings));
    Request {
        name: text("name", findings),
        api_server: text("api_server", findings),
        cluster_kind: text("cluster_kind", findings),
        cluster_type: text("cluster_type", findings),
        usage: text("usage", findings),
        worker_type: text("worker_type", findings),
        host_cluster: text("host_cluster", findings),
        primary_domain: text("primary_domain", findings),
        kubeconfig: kubeconfig.read("a string", KUBECONFIG_HINT, findings, as_text),
        https_node_port: https_node_port(&mut object, body, findings),
        components: components::read(&mut object, body, findings),
        legacy: legacy(&mut object, body, findings),
        namespaces: maps::namespaces(&mut object, findings),
        resources: maps::resources(&mut object, body, findings),
        manifest: body.manifest.clone(),
        root: body.root,
    }
}

const KUBECONFIG_HINT: &str = "send the file's text as one string (in YAML `kubeconfig: |`, and the text indented below), or its Base64 form";

/// Parameters of the URL that keep a request from writing, or from writing where it would otherwise.
const PARAMETERS: [&str; 3] = ["dry_run", "delivery", "sync"];

/// Fields by which a manifest names a kubeconfig on the caller's machine. The command line reads it and sends `kubeconfig` in their place.
const KUBECONFIG_REFERENCES: [&str; 2] = ["kubeconfig_file", "kubeconfig_context"];

/// Refuses what nobody would read in the body: an unknown field is ignored, and what was to be tried out would be done, or
/// the stored credentials would stay.
fn without_unread_fields(entries: Vec<Entry>, root: &str, findings: &mut Findings) -> Vec<Entry> {
    let mut others = Vec::with_capacity(entries.len());
    for entry in entries {
        match unread(&entry.key) {
            Some(name) if !entry.value.is_absent() && entry.value != Node::Bool(false) => {
                refuse_unread(name, &fields::pointer(root, &entry.key), findings);
            }
            _ => others.push(entry),
        }
    }
    others
}

/// The name that a key has in whatever spelling: `dryRun`, `dry-run`, `DRYRUN`. A body may have ten thousand keys.
fn unread(key: &str) -> Option<&'static str> {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase())
    }
    let mut names = PARAMETERS.into_iter().chain(KUBECONFIG_REFERENCES);
    names.find(|name| letters(name).eq(letters(key)))
}

fn refuse_unread(name: &str, at: &str, findings: &mut Findings) {
    if KUBECONFIG_REFERENCES.contains(&name) {
        let message = format!(
            "{} names what is on the caller's machine, and only the command line reads that",
            fields::named(at)
        );
        let hint = "send the file's text in `kubeconfig`, or use `nautes-clusters apply -f FILE`";
        return findings.refuse(at, message, hint);
    }
    findings.refuse(
        at,
        format!("`{name}` is a parameter of the URL, and in the body nobody reads it"),
        format!("send it behind the path, as ?{name}=…, or leave it out"),
    );
}

/// Refuses or warns of what stands beside `spec` in a manifest and is no part of its head.
fn judge_head(entries: Vec<Entry>, findings: &mut Findings) {
    for entry in without_unread_fields(entries, "", findings) {
        if !HEAD.contains(&entry.key.as_str()) {
            let warning = || {
                let at = fields::pointer("", &entry.key);
                let text = format!(
                    "unknown field `{}` is ignored: the fields of a cluster stand under `spec`",
                    crate::shortened(&at)
                );
                (text, None)
            };
            findings.warn_of_unknown(warning);
        }
    }
}

/// What a manifest has beside `spec`; `status` is what Kubernetes says.
const HEAD: [&str; 5] = ["apiVersion", "api_version", "kind", "metadata", "status"];

impl Request {
    /// Whether anything is said about a category.
    pub(crate) fn mentions(&self, category: Category) -> bool {
        let of_category =
            |legacy: &Legacy| legacy.category == category && legacy.value.value.is_some();
        self.components.contains_key(&category) || self.legacy.iter().any(of_category)
    }

    /// Where an addition of a component is given, if it is.
    pub(crate) fn given(&self, category: Category, addition: &str) -> Option<&str> {
        let field = self
            .fields(category, addition)
            .find(|it| it.value.is_some())?;
        Some(&field.at)
    }

    /// Whether an addition is given in a way that was refused already.
    pub(crate) fn is_broken(&self, category: Category, addition: &str) -> bool {
        self.fields(category, addition).any(|it| it.broken)
    }

    /// Where an addition of a component is given, or would be.
    pub(crate) fn place_of(&self, category: Category, addition: &str) -> String {
        let default = || format!("{}/additions/{addition}", self.place_of_component(category));
        self.given(category, addition)
            .map_or_else(default, str::to_owned)
    }

    /// Where a component is given, or would be.
    pub(crate) fn place_of_component(&self, category: Category) -> String {
        format!("{}/components_list/{}", self.root, category.snake_case())
    }

    fn fields(&self, category: Category, addition: &str) -> impl Iterator<Item = &Field<String>> {
        let listed = self.components.get(&category);
        let listed = listed.and_then(|component| component.additions.get(addition));
        let legacy = self
            .legacy
            .iter()
            .filter(move |it| it.category == category && it.addition == addition)
            .map(|it| &it.value);
        listed.into_iter().chain(legacy)
    }
}

fn https_node_port(object: &mut Object, body: &Body, findings: &mut Findings) -> Field<String> {
    object
        .take("vcluster", body, findings)
        .object(&["https_node_port"], findings)
        .take("https_node_port", body, findings)
        .text_or_integer(findings)
}

fn legacy(object: &mut Object, body: &Body, findings: &mut Findings) -> Vec<Legacy> {
    let mut host = |field: &'static str, category, findings: &mut Findings| Legacy {
        field,
        category,
        addition: "host",
        value: object.take(field, body, findings).word(findings),
    };
    let argocd = host("argocd_host", Category::Deployment, findings);
    let tekton = host("tekton_host", Category::Pipeline, findings);
    let mut traefik = object
        .take("traefik", body, findings)
        .object(&["http_node_port", "https_node_port"], findings);
    let mut port = |field, key, addition, findings: &mut Findings| Legacy {
        field,
        category: Category::Gateway,
        addition,
        value: traefik.take(key, body, findings).text_or_integer(findings),
    };
    let http = port(
        "traefik.http_node_port",
        "http_node_port",
        "httpNodePort",
        findings,
    );
    let https = port(
        "traefik.https_node_port",
        "https_node_port",
        "httpsNodePort",
        findings,
    );
    vec![argocd, tekton, http, https]
}
