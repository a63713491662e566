//! Which format a `Content-Type` stands for.

use crate::Rejection;
use crate::tree::read::Format;

/// The format of a body; without a content type it is JSON.
pub(super) fn format(content_type: Option<&str>) -> Result<Format, Rejection> {
    let content_type = content_type.unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    match essence.as_str() {
        "" | "application/json" | "text/json" => Ok(Format::Json),
        // RFC 9512 registers application/yaml and names the older ones as its aliases.
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => Ok(Format::Yaml),
        other if other.ends_with("+json") => Ok(Format::Json),
        other if other.ends_with("+yaml") => Ok(Format::Yaml),
        _ => Err(Rejection::UnsupportedMediaType(content_type.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for content_type in [
            None,
            Some(""),
            Some("application/json"),
            Some("Application/JSON; charset=utf-8"),
            Some("application/merge-patch+json"),
        ] {
            assert_eq!(format(content_type), Ok(Format::Json), "{content_type:?}");
        }
        for content_type in [
            "application/yaml",
            "text/yaml;charset=utf-8",
            "application/x+yaml",
        ] {
            assert_eq!(
                format(Some(content_type)),
                Ok(Format::Yaml),
                "{content_type}"
            );
        }
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "json"] {
            assert_eq!(
                format(Some(content_type)),
                Err(Rejection::UnsupportedMediaType(content_type.to_owned()))
            );
        }
    }
}
