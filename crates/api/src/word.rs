//! Words of a closed list that a newer service may have more of.

/// Defines an enum of the words that are known, and `Other` for one that is not: it is kept, so that it can be shown.
macro_rules! words {
    (
        $(#[doc = $docs:literal])*
        $Name:ident { $($(#[$variant_docs:meta])* $Variant:ident = $word:literal),+ $(,)? }
    ) => {
        $(#[doc = $docs])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $Name {
            $($(#[$variant_docs])* $Variant,)+
            /// A word of a newer service.
            Other(String),
        }

        impl $Name {
            /// Every word that is known.
            pub const KNOWN: &[&str] = &[$($word),+];

            /// The word as it goes over HTTP.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$Variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        /// No word at all.
        impl Default for $Name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl From<String> for $Name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$Variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<$Name> for String {
            fn from(word: $Name) -> Self {
                word.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $Name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let description: &[&str] = &[$($docs),*];
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(description.concat().trim().to_owned()))
                    .enum_values(Some(Self::KNOWN.iter().copied()))
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $Name {}
    };
}
pub(crate) use words;
