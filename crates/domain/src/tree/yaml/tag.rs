//! Tags: the types that a text gives its values.

/// Type that a tag names, as far as a tree can tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    Null,
    Bool,
    Integer,
    Float,
    Text,
    /// Base64 of text.
    Binary,
    List,
    Map,
    Merge,
    /// `!`: no resolution.
    NonSpecific,
    /// The type of some scalar that a tree has no value for.
    Unsupported,
    Other,
}

const NAMESPACE: &str = "tag:yaml.org,2002:";

impl Tag {
    pub(super) fn of(tag: Option<&granit_parser::Tag>) -> Self {
        let Some(tag) = tag else {
            return Self::None;
        };
        let name = format!("{}{}", tag.handle(), tag.suffix());
        let (global, name) = match name.strip_prefix(NAMESPACE) {
            Some(name) => (true, name),
            None => (false, name.as_str()),
        };
        match name.strip_prefix('!').unwrap_or(name) {
            _ if !global && !name.starts_with('!') => Self::Other,
            "" => Self::NonSpecific,
            "null" => Self::Null,
            "bool" => Self::Bool,
            "int" => Self::Integer,
            "float" => Self::Float,
            "str" => Self::Text,
            "binary" => Self::Binary,
            "seq" => Self::List,
            "map" => Self::Map,
            "merge" if global => Self::Merge,
            "timestamp" | "time" => Self::Unsupported,
            _ => Self::Other,
        }
    }

    pub(super) const fn is_for_lists(self) -> bool {
        matches!(
            self,
            Self::None | Self::List | Self::NonSpecific | Self::Other
        )
    }

    pub(super) const fn is_for_maps(self) -> bool {
        matches!(
            self,
            Self::None | Self::Map | Self::NonSpecific | Self::Other
        )
    }
}
