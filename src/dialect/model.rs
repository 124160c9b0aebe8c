//! What the models of the dialects are made of.
//!
//! A model has a public [`Field`] for each field of the documented body, a setter of the same name
//! that can be chained, and `extra` for every other field. So a body of a newer version of the
//! system is read without loss and written again as it came: absent stays absent, null stays null,
//! an integer stays one, a [`Timestamp`] keeps its text, and what is unknown is kept.
//!
//! ```
//! use recohook::findface::security::Scores;
//! use recohook::model::Field;
//!
//! let text = r#"{"quality":-0.0003,"liveness_score":null,"added_later":[1]}"#;
//! let scores: Scores = serde_json::from_str(text)?;
//! assert_eq!(scores.quality.value().and_then(|quality| quality.as_f64()), Some(-0.0003));
//! assert_eq!(scores.liveness_score, Field::Null);
//! assert_eq!(scores.track, Field::Absent);
//! assert_eq!(scores.extra["added_later"][0], 1);
//!
//! let again = serde_json::to_value(&scores)?;
//! assert_eq!(again, serde_json::from_str::<serde_json::Value>(text)?);
//! # Ok::<(), serde_json::Error>(())
//! ```

use serde::{
    Serialize,
    de::{Deserialize, Error as _, MapAccess},
    ser::SerializeMap,
};
use serde_json::{Map, Value};

use super::json_writer::check_unknown;
pub(crate) use super::render::{Render, encode, render_plainly};
pub use super::{
    delivery::ParseError,
    field::Field,
    reference::{Entity, Ref},
    timestamp::Timestamp,
};

/// Declares a model:
///
/// ```text
/// Name (id: Type) in SCHEMA [kind field] {
///     field: Type = default => form,
///     other as "wireName": Type,
/// }
/// filter_only { field: Type => form, }
/// ```
///
/// An id is required of a body; all else is a [`Field`]. `documented` makes a model with every
/// field: the default, or null if there is none. If filters test the model, `in` names its schema,
/// and each field that they test has a [form](super::attributes::form). A notification has `[...]`,
/// too: see [`notification`](super::notification::notification). A field that is `filter_only` is
/// set by the host; it is neither written nor read.
///
/// The code is written by hand, and not with serde's `flatten`, which buffers each object it reads
/// and so loses the line and column of an error.
macro_rules! model {
    (
        $(#[$doc:meta])*
        $name:ident $(($(#[$id_doc:meta])* $id:ident: $id_type:ident))?
        $(in $schema:ident $([$($notification:tt)+])?)? {
            $(
                $(#[$field_doc:meta])*
                $field:ident $(as $wire:literal)?: $type:ty $(= $default:expr)? $(=> $form:tt)?,
            )*
        }
        $(filter_only {
            $($(#[$only_doc:meta])* $only:ident: $only_type:ty => $only_form:tt,)+
        })?
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$id_doc])* pub $id: $id_type,)?
            $($(#[$field_doc])* pub $field: $crate::model::Field<$type>,)*
            $($($(#[$only_doc])* pub $only: Option<$only_type>,)+)?
            /// The fields that the documented bodies do not have. Writing fails if a documented
            /// one is put here.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            const FIELDS: &[&str] =
                &[$(stringify!($id),)? $($crate::dialect::model::wire_name!($field $($wire)?),)*];

            /// Returns one whose documented fields are all absent, except for the id if it has one.
            pub fn empty($($id: impl Into<$id_type>)?) -> Self {
                Self {
                    $($id: $id.into(),)?
                    $($field: $crate::model::Field::Absent,)*
                    $($($only: None,)+)?
                    extra: serde_json::Map::new(),
                }
            }

            /// Returns one with every documented field.
            #[allow(dead_code, reason = "a host sets the fields of an entity itself")]
            fn documented($($id: impl Into<$id_type>)?) -> Self {
                Self {
                    $($id: $id.into(),)?
                    $($field: $crate::dialect::model::default!($($default)?),)*
                    $($($only: None,)+)?
                    extra: serde_json::Map::new(),
                }
            }

            $(
                #[doc = concat!(
                    "Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ")."
                )]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$crate::model::Field<$type>>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*

            $($(
                #[doc = concat!(
                    "Sets [`", stringify!($only), "`](field@Self::", stringify!($only), ")."
                )]
                #[must_use]
                pub fn $only(mut self, value: impl Into<Option<$only_type>>) -> Self {
                    self.$only = value.into();
                    self
                }
            )+)?
        }

        $crate::dialect::attributes::attributes! {
            $name in ($($schema)?) of value
            $({
                $crate::dialect::model::wire_name!($field $($wire)?),
                &value.$field, $type, $($form)?
            })*
            $($({ stringify!($only), &value.$only.into(), $only_type, $only_form })+)?
        }

        $crate::dialect::notification::notification! {
            $name ($($id: $id_type)?) in $($schema $([$($notification)+])?)?
        }

        impl $crate::dialect::model::Render for $name {
            fn write(
                &self,
                rendering: $crate::notification::Rendering,
                out: &mut Vec<u8>,
            ) -> Result<(), serde_json::Error> {
                const { assert!($crate::dialect::json_writer::are_plain($name::FIELDS)) };
                let mut object = $crate::dialect::json_writer::ObjectWriter::open(out, rendering);
                $(object.member(concat!(",\"", stringify!($id), "\":"), &self.$id)?;)?
                $(object.field(
                    concat!(",\"", $crate::dialect::model::wire_name!($field $($wire)?), "\":"),
                    &self.$field,
                )?;)*
                object.extra(&self.extra, Self::FIELDS)?;
                object.close();
                Ok(())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(serde::ser::SerializeMap::serialize_entry(&mut map, stringify!($id), &self.$id)?;)?
                $($crate::dialect::model::write(
                    &mut map,
                    $crate::dialect::model::wire_name!($field $($wire)?),
                    &self.$field,
                )?;)*
                $crate::dialect::model::write_extra(&mut map, &self.extra, Self::FIELDS)?;
                serde::ser::SerializeMap::end(map)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(field_identifier)]
                #[allow(non_camel_case_types)]
                enum FieldName {
                    $($id,)?
                    $($(#[serde(rename = $wire)])? $field,)*
                    Unknown(String),
                }

                struct Fields;

                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an object (", stringify!($name), ")"))
                    }

                    fn visit_map<A>(self, mut map: A) -> Result<$name, A::Error>
                    where
                        A: serde::de::MapAccess<'de>,
                    {
                        use $crate::dialect::model::read;

                        $(let mut $id: Option<$id_type> = None;)?
                        $(let mut $field = $crate::model::Field::<$type>::Absent;)*
                        let mut extra = serde_json::Map::new();
                        while let Some(key) = map.next_key()? {
                            match key {
                                $(FieldName::$id => {
                                    $id = Some(read(&mut map, stringify!($id), $id.is_some())?);
                                })?
                                $(FieldName::$field => {
                                    let name = $crate::dialect::model::wire_name!($field $($wire)?);
                                    $field = read(&mut map, name, !$field.is_absent())?;
                                })*
                                FieldName::Unknown(key) => {
                                    let value = read(&mut map, &key, extra.contains_key(&key))?;
                                    extra.insert(key, value);
                                }
                            }
                        }
                        Ok($name {
                            $($id: $id.ok_or_else(|| {
                                serde::de::Error::missing_field(stringify!($id))
                            })?,)?
                            $($field,)*
                            $($($only: None,)+)?
                            extra,
                        })
                    }
                }

                deserializer.deserialize_map(Fields)
            }
        }
    };
}

/// The name on the wire: the field's own, or the one told after `as`.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// A default, or null.
macro_rules! default {
    () => {
        $crate::model::Field::Null
    };
    ($default:expr) => {
        $default.into()
    };
}

pub(crate) use {default, model, wire_name};

/// Writes a field under its name, unless it is absent.
pub(crate) fn write<M: SerializeMap, T: Serialize>(
    map: &mut M,
    name: &'static str,
    field: &Field<T>,
) -> Result<(), M::Error> {
    match field {
        Field::Absent => Ok(()),
        Field::Null => map.serialize_entry(name, &()),
        Field::Value(value) => map.serialize_entry(name, value),
    }
}

/// Writes the unknown fields. A documented one among them is refused.
pub(crate) fn write_extra<M: SerializeMap>(
    map: &mut M,
    extra: &Map<String, Value>,
    documented: &[&str],
) -> Result<(), M::Error> {
    extra.iter().try_for_each(|(name, value)| {
        check_unknown(name, documented)?;
        map.serialize_entry(name, value)
    })
}

/// Reads the value of the key `name`, of which there may be one.
pub(crate) fn read<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    name: &str,
    seen: bool,
) -> Result<T, A::Error> {
    if seen {
        return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
    }
    // serde_json keeps the line and column that end the inner error's text.
    map.next_value().map_err(|error| A::Error::custom(format_args!("in `{name}`: {error}")))
}
