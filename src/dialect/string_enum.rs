//! Enumerations of documented strings that also keep any other string.

/// An enumeration of documented strings that is declared with [`string_enum!`].
pub(crate) trait StringEnum {
    /// The documented strings, in the order of the declaration.
    const VALUES: &'static [&'static str];
}

/// Declares an enumeration of the strings that are documented for a field.
///
/// ```text
/// string_enum! {
///     /// The kind of passage (documented).
///     PassageType {
///         /// A person walks through.
///         Walk = "walk",
///         /// A vehicle drives through.
///         Drive = "drive",
///     }
/// }
/// ```
///
/// Each line declares a variant and its string on the wire. The macro adds the variant
/// `Other(String)`, which keeps any other string, such as one from a newer version of the system,
/// so that it is written back unchanged. The macro also implements:
///
/// - `as_str`, `Display` and `From<&str>`, which convert between a variant and its string,
/// - `Serialize` and `Deserialize`, which accept any JSON string and nothing else, and
/// - [`StringEnum`] for the form `choice` of [`model!`](super::model::model), and
///   [`Text`](super::attributes::Text) for the form `text`.
///
/// `choice` accepts up to 63 strings. Filters see `Other` as "some other value", which is present
/// but equals none of the strings.
macro_rules! string_enum {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// An undocumented string, kept unchanged.
            Other(String),
        }

        impl $name {
            /// Returns the string on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            /// Returns the variant that has this string on the wire, or `Other` if there is none.
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // A visitor sees the string without copying it. `String::deserialize` would
                // allocate even for a documented string, just to compare it.
                struct TextVisitor;

                impl serde::de::Visitor<'_> for TextVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok(text.into())
                    }
                }

                deserializer.deserialize_str(TextVisitor)
            }
        }

        impl $crate::dialect::string_enum::StringEnum for $name {
            const VALUES: &[&str] = &[$($text),+];
        }

        impl $crate::dialect::attributes::Text for $name {
            fn as_text(&self) -> &str {
                self.as_str()
            }
        }

        $crate::dialect::model::render_plainly!($name);

        // Other strings are valid, because a later version of the system may send them.
        $crate::dialect::json_schema::json_schemas! {
            $name: {"type": "string", "examples": [$($text),+]};
        }
    };
}

pub(crate) use string_enum;
