//! The service itself.

use serde::{Deserialize, Serialize};

/// The service is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`.
    pub status: String,
}

impl Health {
    /// The one answer there is.
    #[must_use]
    pub fn ok() -> Self {
        Self {
            status: "ok".to_owned(),
        }
    }
}

/// Name, version and paths of the service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Index {
    /// `nautes-clusters`.
    pub name: String,
    /// The version of the service.
    pub version: String,
    /// The path of the clusters.
    pub clusters: String,
    /// The paths to ask whether the service is there.
    pub health: Vec<String>,
    /// The path of the OpenAPI description.
    pub openapi: String,
}
