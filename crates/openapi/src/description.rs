//! The description of the API itself, as an answer.

use utoipa::ToSchema;

/// An OpenAPI 3.1 description.
#[derive(ToSchema)]
pub struct Description {
    /// The version of OpenAPI.
    #[schema(examples("3.1.0"))]
    pub openapi: String,
    /// Title and version of the API.
    pub info: serde_json::Value,
    /// The operations.
    pub paths: serde_json::Value,
    /// What they refer to.
    pub components: serde_json::Value,
}
