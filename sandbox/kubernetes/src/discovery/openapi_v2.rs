//! `/openapi/v2`: present because clients ask for it, empty because they read v3 where there is one.

use crate::api::Reply;

const CONTENT_TYPE: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/// An OpenAPI v2 document without content, in the protobuf form that kubectl accepts: `swagger` is field 1,
/// `info` field 2 with `title` and `version`.
pub fn reply() -> Reply {
    let mut info = field(1, b"Kubernetes");
    info.extend(field(2, b"v1"));
    let mut document = field(1, b"2.0");
    document.extend(field(2, &info));
    Reply::new(200, CONTENT_TYPE, document)
}

/// A length-delimited field; all of these are shorter than 128 bytes, so that the length is one byte.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2, content.len() as u8];
    bytes.extend_from_slice(content);
    bytes
}
