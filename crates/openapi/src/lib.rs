//! The description of the HTTP API in OpenAPI 3.1, made from Rust types.
//!
//! The functions do not link this crate: the gateway serves its snapshot, `docs/openapi.json`. A test
//! fails where the two differ, others compare the description with what is really accepted and answered.

pub mod description;
mod events;
mod examples;
mod operations;
mod parameters;
mod problems;
pub mod request;
mod responses;

use utoipa::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, Info, InfoBuilder, LicenseBuilder, OpenApiBuilder, Server};

/// The description as formatted JSON, ending in a line break.
///
/// # Errors
/// None that is known: every part of it is plain data.
pub fn document() -> Result<String, serde_json::Error> {
    Ok(api().to_pretty_json()? + "\n")
}

fn api() -> utoipa::openapi::OpenApi {
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([Server::new("/")]))
        .tags(Some([
            TagBuilder::new()
                .name(operations::CLUSTERS)
                .description(Some("Registering, reading and removing clusters."))
                .build(),
            TagBuilder::new()
                .name(operations::SERVICE)
                .description(Some("The service itself; no token is needed."))
                .build(),
        ]))
        .paths(operations::paths())
        .components(Some(components()))
        .security(Some([
            SecurityRequirement::new(BEARER, NO_SCOPES),
            SecurityRequirement::new(PRIVATE_TOKEN, NO_SCOPES),
        ]))
        .build()
}

const BEARER: &str = "Bearer";
const PRIVATE_TOKEN: &str = "PrivateToken";
const NO_SCOPES: [&str; 0] = [];

fn info() -> Info {
    InfoBuilder::new()
        .title("nautes-clusters")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Registers Kubernetes clusters for a tenant: commits their manifests to the tenant configuration \
             repository in GitLab and has them installed by Argo CD.\n\n\
             * Every call to a cluster is made with the caller's own GitLab token.\n\
             * Success is status 200, also where something was created.\n\
             * A failure is a problem document (RFC 9457) whose `reason` is stable.\n\
             * Every request may be repeated: what is done already is not done twice.\n\
             * Other methods than those described get 405 with `Allow`; other paths get 404 `ROUTE_NOT_FOUND`.",
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache License 2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build()
}

/// The types; what they are made of comes along.
#[derive(OpenApi)]
#[openapi(components(schemas(
    request::SaveClusterRequest,
    request::ClusterManifest,
    api::SaveClusterResponse,
    api::DeleteClusterResponse,
    api::Cluster,
    api::ClusterList,
    api::UnreadableFile,
    api::MergeRequestList,
    api::StreamEnd,
    api::Health,
    api::Index,
    description::Description,
    api::Problem,
)))]
struct SchemaTypes;

fn components() -> Components {
    let mut components = SchemaTypes::openapi().components.unwrap_or_default();
    components.add_security_scheme(BEARER, bearer());
    components.add_security_scheme(PRIVATE_TOKEN, private_token());
    for (name, parameter) in parameters::all() {
        components.parameters.insert(name.into(), parameter.into());
    }
    for (name, header) in responses::headers() {
        components.headers.insert(name.into(), header.into());
    }
    for (name, example) in problems::examples() {
        components.examples.insert(name, example.into());
    }
    components
}

fn bearer() -> SecurityScheme {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The caller's GitLab token (personal, group, project or OAuth) with scope `api`.",
        ));
    SecurityScheme::Http(scheme.build())
}

fn private_token() -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "PRIVATE-TOKEN",
        "The same token in GitLab's own header; it wins where both are sent.",
    )))
}
