//! From text to entries. By hand rather than by derive: an error has to name the component it is in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CatalogError, Chart, Entry, Image, Property, PropertyRule, Source};
use crate::{Category, yaml};
use node::Node;

mod node;

/// The entries in order, and the charts by name.
pub fn catalog(text: &str) -> Result<(Vec<Entry>, BTreeMap<String, Chart>), CatalogError> {
    let value: Value = yaml::from_str(text).map_err(|error| CatalogError {
        place: error.at.map_or_else(
            || "the text".to_owned(),
            |(line, column)| format!("line {line}, column {column}"),
        ),
        rule: format!("is not YAML: {}", error.message),
    })?;
    let root = Node::new("the document", &value).fields(&["components", "charts"])?;
    let mut entries = Vec::new();
    for (index, item) in root.need("components")?.items()?.enumerate() {
        entries.push(entry(&item.called("component", index))?);
    }
    let mut charts = BTreeMap::new();
    for (index, item) in root.need("charts")?.items()?.enumerate() {
        let item = item.called("chart", index);
        let fields = item.fields(&["name", "helm"])?;
        charts.insert(fields.need("name")?.text()?, chart(&fields.need("helm")?)?);
    }
    Ok((entries, charts))
}

fn entry(node: &Node<'_>) -> Result<Entry, CatalogError> {
    let fields = node.fields(&[
        "name",
        "category",
        "namespace",
        "fixedNamespace",
        "properties",
        "open",
        "source",
    ])?;
    let mut properties = BTreeMap::new();
    if let Some(node) = fields.get("properties") {
        for (name, value) in node.object()? {
            properties.insert(name.clone(), property(&node.child(name, value))?);
        }
    }
    Ok(Entry {
        name: fields.need("name")?.text()?,
        category: category(&fields.need("category")?)?,
        namespace: fields.need("namespace")?.text()?,
        fixed_namespace: flag(fields.get("fixedNamespace"))?,
        properties,
        open: flag(fields.get("open"))?,
        source: source(&fields.need("source")?)?,
    })
}

fn flag(node: Option<Node<'_>>) -> Result<bool, CatalogError> {
    node.map_or(Ok(false), |node| node.boolean())
}

fn category(node: &Node<'_>) -> Result<Category, CatalogError> {
    node.one_of(&Category::ALL.map(|category| (category.camel_case(), category)))
}

fn property(node: &Node<'_>) -> Result<Property, CatalogError> {
    const RULES: [(&str, PropertyRule); 5] = [
        ("free", PropertyRule::Free),
        ("hostName", PropertyRule::HostName),
        ("nodePort", PropertyRule::NodePort),
        ("flag", PropertyRule::Flag),
        ("objectName", PropertyRule::ObjectName),
    ];
    let fields = node.fields(&["default", "rule"])?;
    let rule = fields.get("rule").map(|node| node.one_of(&RULES));
    Ok(Property {
        default: fields.get("default").map(|node| node.text()).transpose()?,
        rule: rule.transpose()?.unwrap_or(PropertyRule::Free),
    })
}

fn source(node: &Node<'_>) -> Result<Source, CatalogError> {
    if node.text().is_ok_and(|text| text == "none") {
        return Ok(Source::Nothing);
    }
    let fields = node.fields(&["helm", "manifests", "images"])?;
    let images = fields.get("images");
    match (fields.get("helm"), fields.get("manifests")) {
        (Some(helm), None) if images.is_none() => Ok(Source::Helm(chart(&helm)?)),
        (None, Some(manifests)) => {
            let urls: Result<_, _> = manifests.items()?.map(|item| item.text()).collect();
            let items = images.map(|node| node.items()).transpose()?;
            let images: Result<_, _> = items
                .into_iter()
                .flatten()
                .map(|item| image(&item))
                .collect();
            Ok(Source::Manifests {
                urls: urls?,
                images: images?,
            })
        }
        _ => Err(node.error("must be either helm or manifests (with images, if need be), or none")),
    }
}

fn image(node: &Node<'_>) -> Result<Image, CatalogError> {
    let fields = node.fields(&["name", "newName", "newTag", "digest"])?;
    let text = |name: &str| fields.get(name).map(|node| node.text()).transpose();
    Ok(Image {
        name: fields.need("name")?.text()?,
        new_name: text("newName")?,
        new_tag: text("newTag")?,
        digest: text("digest")?,
    })
}

fn chart(node: &Node<'_>) -> Result<Chart, CatalogError> {
    let fields = node.fields(&["repository", "chart", "version", "values"])?;
    let values = fields.get("values").map(|node| node.object().cloned());
    Ok(Chart {
        repository: fields.need("repository")?.text()?,
        chart: fields.need("chart")?.text()?,
        version: fields.need("version")?.text()?,
        values: values.transpose()?.map(Value::Object),
    })
}
