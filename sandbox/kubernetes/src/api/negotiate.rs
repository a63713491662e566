//! Which representation the caller accepts.

use crate::status::StatusError;

const ACCEPTED: [&str; 1] = ["application/json"];

/// Representation of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFormat {
    /// The objects, as JSON.
    Json,
    /// A Table, as JSON.
    Table,
    /// Metadata only, as JSON.
    Metadata,
}

impl ResponseFormat {
    /// The first entry of the Accept header that the server can produce. `allow_conversion`: Tables and
    /// metadata are answers to reads only.
    pub fn negotiate(accept: &str, allow_conversion: bool) -> Result<Self, StatusError> {
        if accept.trim().is_empty() {
            return Ok(Self::Json);
        }
        let format = accept
            .split(',')
            .find_map(|range| of_range(range, allow_conversion));
        format.ok_or_else(|| StatusError::not_acceptable(&ACCEPTED))
    }
}

fn of_range(range: &str, allow_conversion: bool) -> Option<ResponseFormat> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?;
    let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
    let parameter = |name: &str| {
        parameters
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| *value)
    };
    if !matches!(media_type, "application/json" | "*/*" | "application/*") {
        return None;
    }
    match (parameter("as"), parameter("g"), parameter("v")) {
        (None, _, _) => Some(ResponseFormat::Json),
        (Some("Table"), Some("meta.k8s.io"), Some("v1")) if allow_conversion => {
            Some(ResponseFormat::Table)
        }
        (
            Some("PartialObjectMetadata" | "PartialObjectMetadataList"),
            Some("meta.k8s.io"),
            Some("v1"),
        ) if allow_conversion => Some(ResponseFormat::Metadata),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_first_that_can_be_produced() {
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assert_eq!(
            ResponseFormat::negotiate(kubectl, true).unwrap(),
            ResponseFormat::Table
        );
        assert_eq!(
            ResponseFormat::negotiate(kubectl, false).unwrap(),
            ResponseFormat::Json
        );
        assert_eq!(
            ResponseFormat::negotiate("application/vnd.kubernetes.protobuf,application/json", true)
                .unwrap(),
            ResponseFormat::Json
        );
        assert_eq!(
            ResponseFormat::negotiate("text/html", true)
                .unwrap_err()
                .code,
            406
        );
    }
}
