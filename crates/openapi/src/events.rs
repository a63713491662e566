//! The events of a watch.

use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{Content, ContentBuilder, Ref};

/// Names of events, each with the schema of its data.
const EVENTS: [(&str, &str); 4] = [
    ("cluster", "Cluster"),
    ("status", "Status"),
    ("error", "Problem"),
    ("end", "StreamEnd"),
];

const EXAMPLE: &str = "id: 1\nevent: cluster\ndata: {\"name\":\"…\",\"status\":{\"phase\":\"Installing\",…},…}\n\n\
                       : nothing has changed\n\n\
                       id: 2\nevent: status\ndata: {\"phase\":\"Ready\",\"components\":[…]}\n\n\
                       id: 3\nevent: end\ndata: {\"reason\":\"ready\",\"message\":\"…\"}\n\n";

/// An answer of server-sent events. OpenAPI 3.1 describes a stream as its text; `contentSchema` says what is in it.
pub(crate) fn content() -> Content {
    let event = EVENTS
        .iter()
        .fold(OneOfBuilder::new(), |events, (name, schema)| {
            events.item(event(name, schema))
        });
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .content_media_type("text/event-stream")
        .content_schema(Some(ArrayBuilder::new().items(event)))
        .build();
    ContentBuilder::new()
        .schema(Some(schema))
        .example(Some(EXAMPLE.into()))
        .build()
}

fn event(name: &str, schema: &str) -> Object {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let data = text()
        .content_media_type("application/json")
        .content_schema(Some(Ref::from_schema_name(schema)));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("id", text())
        .property("event", text().enum_values(Some([name])))
        .property("data", data)
        .required("event")
        .required("data")
        .build()
}
