//! The component catalog: what a cluster can consist of and where it is installed from.
//!
//! Data, not code: `catalog.yaml` beside this crate's manifest, replaced whole by the setting `catalog`.

mod check;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Category, Settings};

/// The catalog that is used where a tenant has none of its own.
pub const BUILT_IN: &str = include_str!("../catalog.yaml");

/// Every component that can be installed, and the charts the system itself needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// In order of preference within a category.
    entries: Vec<Entry>,
    charts: BTreeMap<String, Chart>,
}

/// One component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique in the catalog; a DNS-1123 label.
    pub name: String,
    /// Purpose of the component for a cluster.
    pub category: Category,
    /// The namespace it is installed into where a request names none; a DNS-1123 label.
    pub namespace: String,
    /// The upstream manifests work in [`Entry::namespace`] only.
    pub fixed_namespace: bool,
    /// The additions it knows, by name.
    pub properties: BTreeMap<String, Property>,
    /// Additions other than [`Entry::properties`] are kept without being looked at.
    pub open: bool,
    /// Where it is installed from.
    pub source: Source,
}

/// An addition of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Template of the value that is used where a request has none; see [`Property::default_value`].
    pub default: Option<String>,
    /// Rule for the property's value.
    pub rule: PropertyRule,
}

/// Rule for the value of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyRule {
    /// Anything.
    Free,
    /// A DNS name.
    HostName,
    /// An integer, 30000 to 32767, different from the component's other node ports.
    NodePort,
    /// `true` or `false`.
    Flag,
    /// The name of a Kubernetes object.
    ObjectName,
}

/// Where a component is installed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A Helm chart.
    Helm(Chart),
    /// Upstream release manifests, by URL.
    Manifests {
        /// Each an `https` URL of a YAML file of a pinned release.
        urls: Vec<String>,
        /// Images that are taken from elsewhere, such as a mirror.
        images: Vec<Image>,
    },
    /// Nowhere: the category is switched off for a cluster that has this component.
    Nothing,
}

/// A replacement of an image, as the `images` of a kustomization have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The image that the manifests name, without tag and digest.
    pub name: String,
    /// Where it is taken from instead.
    pub new_name: Option<String>,
    /// Tag of the image there.
    pub new_tag: Option<String>,
    /// Digest of the image there, `sha256:` and 64 hexadecimal digits; instead of a tag.
    pub digest: Option<String>,
}

/// A Helm chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// `https` URL of the chart repository.
    pub repository: String,
    /// The chart's name there.
    pub chart: String,
    /// The one version, never a range.
    pub version: String,
    /// Values that are merged over those that rendering gives the chart.
    pub values: Option<Value>,
}

/// Reason why a catalog can't be used: the place, and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("component catalog: {place}: {rule}")]
pub struct CatalogError {
    /// Such as `component traefik: source.helm.version`.
    pub place: String,
    /// Rule for the value at that place.
    pub rule: String,
}

impl Catalog {
    /// The tenant's catalog if the settings hold one, the built-in one otherwise.
    ///
    /// # Errors
    /// When the text is not a catalog.
    pub fn from_settings(settings: &Settings) -> Result<Self, CatalogError> {
        Self::from_yaml(settings.catalog.as_deref().unwrap_or(BUILT_IN))
    }

    /// Reads a catalog.
    ///
    /// # Errors
    /// When the text is not a catalog.
    pub fn from_yaml(text: &str) -> Result<Self, CatalogError> {
        let (entries, charts) = read::catalog(text)?;
        check::catalog(&entries, &charts)?;
        Ok(Self { entries, charts })
    }

    /// The component of that name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The component that a cluster gets where its request names none of that category.
    #[must_use]
    pub fn default_for(&self, category: Category) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.category == category)
    }

    /// The names of a category's components, in the catalog's order.
    #[must_use]
    pub fn names(&self, category: Category) -> Vec<&str> {
        let of_category = |entry: &&Entry| entry.category == category;
        self.entries
            .iter()
            .filter(of_category)
            .map(|entry| entry.name.as_str())
            .collect()
    }

    /// A chart that is no component, such as `vcluster`.
    #[must_use]
    pub fn chart(&self, name: &str) -> Option<&Chart> {
        self.charts.get(name)
    }
}

impl Property {
    /// The default with `{name}` and `{primary_domain}` filled in.
    #[must_use]
    pub fn default_value(&self, name: &str, primary_domain: &str) -> Option<String> {
        let template = self.default.as_ref()?;
        Some(
            template
                .replace("{name}", name)
                .replace("{primary_domain}", primary_domain),
        )
    }
}

#[cfg(test)]
mod tests;
