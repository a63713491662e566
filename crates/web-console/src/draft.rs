//! Draft of a cluster: the fields that somebody typed into the form.

use std::collections::BTreeMap;

use api::{ClusterResource, Component, SaveClusterRequest, TextOrInteger, VirtualCluster};
use gather::Gather as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::Body;
use crate::kind::{Kind, Slot};

/// The form's fields by name. Not `Debug`: there is a kubeconfig among them.
///
/// | field | content |
/// |---|---|
/// | `name kind api_server host_cluster primary_domain node_port kubeconfig` | one value |
/// | `c.{category}.name`, `.namespace`, `.additions.{addition}` | a component |
/// | `namespaces` | lines `namespace: product, product` |
/// | `resources` | lines `product: Kind.group, Kind.group` |
/// | `yaml` | the whole request instead |
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Draft(BTreeMap<String, String>);

impl Draft {
    /// The fields of a form, over those of an earlier step where they are not empty.
    pub(crate) fn merge(form: &BTreeMap<String, String>, earlier: Option<Self>) -> Self {
        let mut fields = earlier.unwrap_or_default().0;
        for (name, value) in form {
            let is_secret = name == "kubeconfig";
            let is_kept = is_secret && value.trim().is_empty();
            // The login's own fields come with the draft that it hands on.
            let is_field = !matches!(name.as_str(), "draft" | "action" | "token" | "to");
            if is_field && !is_kept {
                fields.insert(name.clone(), value.clone());
            }
        }
        Self(fields)
    }

    /// A field; empty where it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0
            .get(name)
            .map(|value| value.trim())
            .unwrap_or_default()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn kind(&self) -> Kind {
        Kind::from_slug(self.get("kind")).unwrap_or(Kind::PhysicalDeployment)
    }

    /// The request was written as YAML.
    pub(crate) fn is_yaml(&self) -> bool {
        !self.get("yaml").is_empty()
    }

    /// The request as YAML, with the indentation of its first line.
    pub(crate) fn yaml(&self) -> &str {
        self.0.get("yaml").map_or("", |text| text.trim_end())
    }

    /// A flag as a further parameter of a query; nothing where it is not set.
    pub(crate) fn flag(&self, name: &str) -> String {
        match self.get(name) {
            "true" => format!("&{name}=true"),
            _ => String::new(),
        }
    }

    /// The kubeconfig, also that inside of a request as YAML; empty where there is none.
    pub(crate) fn kubeconfig(&self) -> String {
        if !self.is_yaml() {
            return self.get("kubeconfig").to_owned();
        }
        let request = domain::yaml::from_str(self.yaml()).unwrap_or_default();
        let fields = request.get("spec").unwrap_or(&request);
        let text = fields.get("kubeconfig").and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    }

    /// The kubeconfig alone: what the form must not show again.
    pub(crate) fn secret(&self) -> Option<Self> {
        let kubeconfig = self
            .0
            .get("kubeconfig")
            .filter(|text| !text.trim().is_empty())?;
        Some(Self(
            [("kubeconfig".to_owned(), kubeconfig.clone())]
                .into_iter()
                .gather(),
        ))
    }

    /// The form of a registered cluster.
    pub(crate) fn of(cluster: &api::Cluster) -> Self {
        let mut draft = Self::default();
        draft.set("name", &cluster.name);
        draft.set("kind", Kind::of(cluster).slug());
        draft.set("api_server", &cluster.api_server);
        draft.set("host_cluster", &cluster.host_cluster);
        draft.set("primary_domain", &cluster.primary_domain);
        for (category, component) in &cluster.components_list {
            draft.set_component(category, component);
        }
        let namespaces = &cluster.reserved_namespaces_allowed_products;
        draft.set("namespaces", &lines(namespaces, |product| product.clone()));
        let resources = &cluster.product_allowed_cluster_resources;
        draft.set(
            "resources",
            &lines(resources, |it| format!("{}.{}", it.kind, it.group)),
        );
        draft
    }

    fn set_component(&mut self, category: &str, component: &Component) {
        let fields = [
            ("name", &component.name),
            ("namespace", &component.namespace),
        ];
        for (field, value) in fields {
            self.set(
                &format!("c.{category}.{field}"),
                value.as_deref().unwrap_or_default(),
            );
        }
        for (name, value) in component.additions.iter().flatten() {
            let value = match value {
                TextOrInteger::Text(text) => text.clone(),
                TextOrInteger::Integer(number) => number.to_string(),
            };
            self.set(&format!("c.{category}.additions.{name}"), &value);
        }
    }

    /// The names of a component's additions that have a value here.
    pub(crate) fn additions(&self, category: &str) -> Vec<&str> {
        let prefix = format!("c.{category}.additions.");
        self.0
            .keys()
            .filter_map(|name| name.strip_prefix(&prefix))
            .collect()
    }

    /// The body of the save.
    pub(crate) fn body(&self, catalog: Option<&str>) -> Body {
        if self.is_yaml() {
            let content = self.yaml().as_bytes().to_vec();
            return Body {
                media_type: "application/yaml",
                content,
            };
        }
        let content = serde_json::to_vec(&self.request(catalog)).unwrap_or_default();
        Body {
            media_type: "application/json",
            content,
        }
    }

    /// The request that the form describes.
    pub(crate) fn request(&self, catalog: Option<&str>) -> SaveClusterRequest {
        let kind = self.kind();
        let some = |name: &str| Some(self.get(name).to_owned()).filter(|text| !text.is_empty());
        let slots = kind.slots(catalog);
        let components = slots.iter().filter_map(|slot| self.component(slot));
        let components: BTreeMap<_, _> = components.gather();
        let node_port = some("node_port").filter(|_| kind.is_virtual());
        SaveClusterRequest {
            api_server: some("api_server"),
            cluster_kind: Some("kubernetes".to_owned()),
            cluster_type: Some(kind.cluster_type().to_owned()),
            usage: Some(kind.usage().to_owned()),
            worker_type: kind.worker_type().map(str::to_owned),
            host_cluster: some("host_cluster").filter(|_| kind.is_virtual()),
            primary_domain: some("primary_domain"),
            vcluster: node_port.map(|port| VirtualCluster {
                https_node_port: Some(TextOrInteger::Text(port)),
            }),
            kubeconfig: some("kubeconfig").filter(|_| !kind.is_virtual()),
            components_list: Some(components).filter(|components| !components.is_empty()),
            reserved_namespaces_allowed_products: some("namespaces")
                .map(|text| entries(&text, str::to_owned)),
            product_allowed_cluster_resources: some("resources")
                .map(|text| entries(&text, resource)),
            ..SaveClusterRequest::default()
        }
    }

    fn component(&self, slot: &Slot) -> Option<(String, Component)> {
        let field = |name: &str| {
            let value = self.get(&format!("c.{}.{name}", slot.key));
            Some(value.to_owned()).filter(|value| !value.is_empty())
        };
        let additions: BTreeMap<String, TextOrInteger> = self
            .additions(slot.key)
            .into_iter()
            .filter_map(|name| {
                let value = field(&format!("additions.{name}"))?;
                Some((name.to_owned(), TextOrInteger::Text(value)))
            })
            .gather();
        let component = Component {
            // A component without its name is refused.
            name: field("name").or_else(|| slot.choices.first().cloned()),
            namespace: field("namespace"),
            additions: Some(additions).filter(|additions| !additions.is_empty()),
        };
        let is_default = field("name").is_none()
            && component.namespace.is_none()
            && component.additions.is_none();
        (!is_default).then(|| (slot.key.to_owned(), component))
    }
}

/// The field of the form that a violation is about.
pub(crate) fn field_of(pointer: &str) -> Option<String> {
    let mut parts = pointer.trim_start_matches('/').split('/');
    let field = match parts.next()? {
        "cluster_name" | "name" => "name",
        "vcluster" => "node_port",
        "reserved_namespaces_allowed_products" => "namespaces",
        "product_allowed_cluster_resources" => "resources",
        "components_list" => return Some(format!("c.{}", parts.next()?)),
        field @ ("api_server" | "host_cluster" | "primary_domain" | "kubeconfig") => field,
        _ => return None,
    };
    Some(field.to_owned())
}

/// The line of a YAML text that a violation is about, from 1: as deep as the keys of the pointer are found.
pub(crate) fn line_of(yaml: &str, pointer: &str) -> Option<usize> {
    let lines: Vec<&str> = yaml.lines().collect();
    let mut from = 0;
    let mut found = None;
    for key in pointer.trim_start_matches('/').split('/') {
        let rest = lines.get(from..)?;
        let is_key = |line: &&str| {
            let line = line.trim_start().trim_start_matches("- ");
            let name = line
                .split(':')
                .next()
                .unwrap_or_default()
                .trim_matches(['"', '\'']);
            domain::snake_case(name) == key || name == key
        };
        let Some(at) = rest.iter().position(is_key) else {
            break;
        };
        from += at + 1;
        found = Some(from);
    }
    found
}

fn lines<T>(map: &BTreeMap<String, Vec<T>>, text: impl Fn(&T) -> String) -> String {
    let line = |(name, items): (&String, &Vec<T>)| {
        let items: Vec<String> = items.iter().map(&text).collect();
        format!("{name}: {}", items.join(", "))
    };
    map.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Names and the items behind each colon. Lines of one name are united, as the API unites a key that stands twice.
fn entries<T: PartialEq>(text: &str, read: impl Fn(&str) -> T) -> BTreeMap<String, Vec<T>> {
    let mut entries: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, items) = line.split_once(':').unwrap_or((line, ""));
        let known = entries.entry(name.trim().to_owned()).or_default();
        let items = items.split(',').map(str::trim);
        for item in items.filter(|item| !item.is_empty()).map(&read) {
            if !known.contains(&item) {
                known.push(item);
            }
        }
    }
    entries
}

fn resource(text: &str) -> ClusterResource {
    let (kind, group) = text.split_once('.').unwrap_or((text, ""));
    ClusterResource {
        kind: kind.to_owned(),
        group: group.to_owned(),
    }
}

#[cfg(test)]
mod tests;
