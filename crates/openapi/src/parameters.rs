//! What a request says outside its body.

use domain::name::MAX_CLUSTER_NAME;
use serde_json::json;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, Required};

/// The parameters, for reference: name among the components, parameter.
pub(crate) fn all() -> Vec<(&'static str, Parameter)> {
    vec![
        ("cluster_name", cluster_name()),
        ("field_selector", field_selector()),
        ("per_page", per_page()),
        ("page_token", page_token()),
        (
            "include_status",
            flag("include_status", "Each cluster with its `status`."),
        ),
        (
            "dry_run",
            flag(
                "dry_run",
                "Answer with what would change and write nothing anywhere.",
            ),
        ),
        (
            "force",
            flag(
                "force",
                "For a cluster that no longer answers: nothing is uninstalled inside it, and Argo CD forgets it.",
            ),
        ),
        ("delivery", delivery()),
        (
            "sync",
            flag(
                "sync",
                "Commit and propose nothing: have installed what the branch has, and answer 409 `NOT_MERGED` where \
                 that is not what the request asks for. Without a body: the registered cluster as it is, with the \
                 credentials it has.",
            ),
        ),
        (
            "adopt",
            flag(
                "adopt",
                "Take over the cluster's Secret, Cluster resource or Job of the management cluster where somebody else \
                 made them. Takes a kubeconfig in the same request or, for a virtual cluster, that it is registered.",
            ),
        ),
        (
            "insecure_skip_check",
            flag(
                "insecure_skip_check",
                "Accepted for the original's sake, without meaning: every check is made.",
            ),
        ),
        (
            "watch",
            flag(
                "watch",
                "Answer with server-sent events until the cluster is ready or has failed.",
            ),
        ),
        ("timeout_seconds", timeout_seconds()),
        ("X-Request-Id", request_id()),
        ("traceparent", traceparent()),
        ("tracestate", tracestate()),
    ]
}

/// References to parameters.
pub(crate) fn references(names: &[&str]) -> Vec<Ref> {
    let headers = ["X-Request-Id", "traceparent", "tracestate"];
    names
        .iter()
        .chain(&headers)
        .map(|name| Ref::new(format!("#/components/parameters/{name}")))
        .collect()
}

/// No example, as a flag has none: the form of a removal would come with the name of a cluster.
fn cluster_name() -> Parameter {
    let schema = text()
        .pattern(Some("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))
        .min_length(Some(1))
        .max_length(Some(MAX_CLUSTER_NAME));
    ParameterBuilder::new()
        .name("cluster_name")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(
            "The cluster's name: a DNS-1123 label of at most 40 characters, such as `physical-worker-deployment`.",
        ))
        .schema(Some(schema))
        .build()
}

fn field_selector() -> Parameter {
    query(
        "field_selector",
        "Which clusters to list: terms `key=value` with commas between them, all of which have to match. Keys: \
         `cluster_type`, `usage`, `worker_type`, and `cluster_name`, which matches a part of the name. An unknown \
         key is refused. Such as `cluster_type=physical,usage=worker`.",
        text(),
    )
}

fn per_page() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(500));
    query(
        "per_page",
        "Answer with a page of so many clusters at the most, in the order of their files' names. Absent: with all of them. \
         With `field_selector` a page may have fewer, or none, and yet a next one.",
        schema,
    )
}

fn page_token() -> Parameter {
    query(
        "page_token",
        "The `next_page_token` of the page before. All pages show the commit that the first one showed.",
        text(),
    )
}

fn delivery() -> Parameter {
    let schema = text().enum_values(Some(["commit", "merge-request"]));
    query(
        "delivery",
        "How the change comes to the branch. `commit`: directly. `merge-request`: it is proposed, and installed or \
         uninstalled by the first request after somebody has merged it. Absent: as the operator has it set.",
        schema,
    )
}

fn timeout_seconds() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(3600));
    query(
        "timeout_seconds",
        "With `watch`: how long it may last, in seconds. At most, and by default, as long as the service's \
         setting `watch_timeout_seconds` says, which is 300 where it is not set.",
        schema,
    )
}

/// No example: a page that tries requests out would fill its form with it, and the flags remove and force things.
fn flag(name: &str, description: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(json!(false)));
    query(name, description, schema)
}

fn query(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn request_id() -> Parameter {
    // A pattern would say that others are refused.
    ParameterBuilder::new()
        .name("X-Request-Id")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "An id to find the request again in logs and commit messages: letters, digits, `-`, `_` and `.`, at most 64 \
             of them. Any other is replaced.",
        ))
        .schema(Some(text()))
        .build()
}

fn traceparent() -> Parameter {
    ParameterBuilder::new()
        .name("traceparent")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "W3C trace context. Requests to GitLab and the management cluster become spans of this trace; without \
             one, or with one that is not valid, a trace begins here.",
        ))
        .schema(Some(text()))
        .build()
}

fn tracestate() -> Parameter {
    ParameterBuilder::new()
        .name("tracestate")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Goes with a valid `traceparent` and is handed on unchanged.",
        ))
        .schema(Some(text()))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
