//! The types that the models of the systems are made of.
//!
//! A model is a struct for one JSON object of a system. It has a public [`Field`] for each
//! documented field, and a setter of the same name that returns the model, so that calls can be
//! chained. Its field `extra` holds all other fields.
//!
//! So a body of a newer version of the system is read and written again without loss: an absent
//! field stays absent, null stays null, an integer stays an integer, a [`Timestamp`] keeps its
//! text, and unknown fields are kept. The order of the fields, white space and escapes can change.
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

/// Declares a model: a struct for one JSON object of a system.
///
/// The declaration is the only place that names a field. From it the macro makes the struct, its
/// setters, its serde implementations, the attributes that filters test, and the table by which a
/// [`raw::Reader`](crate::raw::Reader) finds the same attributes in JSON without the model.
///
/// # Parts of a declaration
///
/// ```text
/// model! {
///     /// A passage through a gate (documented).
///     Passage (
///         /// The id.
///         id: String
///     ) in PASSAGES [kind passage_type as "type"] {
///         /// The gate.
///         gate: Ref<Gate> => reference,
///         /// Whether the gate opened.
///         granted: bool = false => bool,
///         /// The type of passage. `type` on the wire.
///         passage_type as "type": PassageType => (no_member choice),
///         /// When the passage began.
///         started_at as "startedAt": Timestamp,
///     }
///     filter_only {
///         /// The id of the site. Filters test it, but no body has it.
///         site: i64 => (no_member int),
///     }
/// }
/// ```
///
/// | part | meaning | if it is left out |
/// |---|---|---|
/// | `Passage` | The name of the struct. | |
/// | `(id: String)` | The id, a plain public field. A body without it cannot be read. | All fields are optional. |
/// | `in PASSAGES` | The [`Schema`](crate::attribute::Schema) of the attributes. | Filters do not test the model, and no field may have a form. |
/// | `[kind ...]` | The model is a notification, and this is the source of its kind: see [`notification!`](super::notification::notification). | The model is a part of a notification. |
/// | `gate: Ref<Gate>` | A field `pub gate: Field<Ref<Gate>>` and its setter `gate()`. | |
/// | `as "startedAt"` | The name on the wire. | It is the name of the field. |
/// | `= false` | The value that `documented` sets, converted into the `Field`. | It sets null. |
/// | `=> bool` | The form: how filters see the field. | Filters do not see it. |
/// | `filter_only { ... }` | Fields that only filters see, each a `pub site: Option<i64>` with a setter. The host sets them. They are never written, and reading leaves them `None`. | There are none. |
///
/// The parts of a field are in the order `name as "wire": Type = default => form`. Docs go above
/// the model, the id and each field; they say which facts are documented and which are inferred.
///
/// Fields are written in the order of their declaration, so keep the order of the documented
/// bodies. Attributes have the same order. Names on the wire are ASCII letters, digits and
/// underscores; others are a compile error.
///
/// The struct has, besides the setters:
///
/// - `extra`, the fields that are not declared;
/// - `empty(id)`, public: every field is absent;
/// - `documented(id)`, private: every field has its default. A public `new` calls it.
///
/// # Forms
///
/// A form names the attribute that a field becomes. The attribute has the field's name on the wire.
/// If the field is absent or null, the attribute has no value.
///
/// | form | type of the field | attribute | example |
/// |---|---|---|---|
/// | `bool` | `bool` | a boolean | `granted: bool => bool` |
/// | `int` | `i64` | an integer | `floor: i64 => int` |
/// | `number` | `Number` | a number | `speed: Number => number` |
/// | `text` | `String`, or an enumeration of [`string_enum!`](super::string_enum::string_enum) | a text | `badge: String => text` |
/// | `number_in_text` | `String` | the number that the string spells; no value if it is not a finite number | `weight: String => number_in_text` |
/// | `choice` | an enumeration of `string_enum!` | a choice of all its strings | `direction: Direction => choice` |
/// | `(choice [...])` | the same | a choice of these strings | `direction_before: Direction => (choice ["out"])` |
/// | `reference` | `Ref<Entity>` | an integer, the id | `gate: Ref<Gate> => reference` |
/// | `references` | `Vec<Ref<Entity>>` | a list of integers, the ids | `gates: Vec<Ref<Gate>> => references` |
/// | `presence` | any type with [`Presence`](super::attributes::Presence) | a boolean that always has a value: whether the field is present and not null | `photo: Value => presence` |
/// | `object` | a model `in` the same schema | the attributes of that model | `scale: Scale => object` |
/// | `object_with_flag` | the same | the same, after a boolean that is true if the field has a value | `mask: Mask => object_with_flag` |
/// | `(lenient_object T)` | free JSON | the attributes of `T`, which implements [`Attributes`](super::attributes::Attributes) for the type of the field by hand. Members of another type have no value; in other objects they are an error | `data: Map<String, Value> => (lenient_object Plate)` |
/// | `(text_by_kind ...)` | `String` | a text; the kind of the notification decides which attribute holds it | `code: String => (text_by_kind "walk" => "badge_code", "drive" => "plate_code")` |
///
/// These wrap another form, or stand alone:
///
/// | form | meaning | example |
/// |---|---|---|
/// | `(form as "name")` | The attribute has this name instead of the field's name on the wire. | `photo: Value => (presence as "has_photo")` |
/// | `(no_member form)` | A `raw::Reader` does not look for a member. The field holds the kind, which the reader finds by itself, or it is `filter_only`. | `passage_type as "type": PassageType => (no_member choice)` |
/// | `presence_flag` | No attribute. Whether the field is present, null or not, decides the kind: see [`notification!`](super::notification::notification). | `left_at: Timestamp => presence_flag` |
///
/// `src/dialect/example.rs` declares a model with a field of each form. It is compiled with the
/// unit tests, which check that the model and a `raw::Reader` see the same values.
///
/// # Adding a system
///
/// A system is one folder in `src/dialect`, with a line in `src/dialect/mod.rs` and in
/// `src/lib.rs`. `src/dialect/faceio` is the smallest one, and `src/dialect/findface/security` has
/// several models. The folder holds:
///
/// 1. Models, enumerations and entities: `model!`, `string_enum!`, and
///    [`Entity`] for each model that others refer to by its id.
/// 2. A schema for each topic: `pub static PASSAGES: Schema = Schema::new("passages",
///    Passage::ATTRIBUTES);`.
/// 3. `parse_delivery` and `RAW`. With one model these are `delivery::parse_alike` and
///    `Format::of(&Passage::TOPIC)`. With several,
///    [`any_notification!`](super::notification::any_notification) declares their enumeration, and
///    these are `delivery::parse` and `Model::FORMAT`.
/// 4. `FILTERS`, the [`Table`](crate::filter::Table) of filter keys.
/// 5. `policy` and `profile`: how deliveries are made.
/// 6. The registration object, if the system documents one, and the registry behind its REST API.
/// 7. Rows in `src/dialect/systems.md`: which of this is documented, inferred or ours.
/// 8. Bodies in `tests/data`, a unit test of what filters see in them, and a test of the public API
///    in `tests`, such as `tests/faceio.rs`.
///
/// The serde code is generated here and does not use serde's `flatten`, which buffers each object
/// that it reads and so loses the line and column of an error.
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
            /// The fields that are not documented, by their names. Writing fails if one of them has
            /// the name of a documented field.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            const FIELDS: &[&str] =
                &[$(stringify!($id),)? $($crate::dialect::model::wire_name!($field $($wire)?),)*];

            /// Returns a value whose documented fields are all absent, apart from the id if there
            /// is one.
            pub fn empty($($id: impl Into<$id_type>)?) -> Self {
                Self {
                    $($id: $id.into(),)?
                    $($field: $crate::model::Field::Absent,)*
                    $($($only: None,)+)?
                    extra: serde_json::Map::new(),
                }
            }

            /// Returns a value with every documented field: its default, or null.
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
                    "Sets [`", stringify!($field), "`](field@Self::", stringify!($field), "). ",
                    "`Field::Null` writes null, and `Field::Absent` leaves the field out."
                )]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$crate::model::Field<$type>>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*

            $($(
                #[doc = concat!(
                    "Sets [`", stringify!($only), "`](field@Self::", stringify!($only), "), ",
                    "which only filters see. It is never written."
                )]
                #[must_use]
                pub fn $only(mut self, value: impl Into<Option<$only_type>>) -> Self {
                    self.$only = value.into();
                    self
                }
            )+)?
        }

        // Macros of their own, because each has rules for the types or forms of the fields. A type
        // that was matched as `ty` can no longer be compared with a name, so an id is an `ident`.
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
                // The names below go into the text without escapes.
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

        // The same object through serde, for other formats and for values within other types.
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
                // serde matches a key against the names without a copy; only an unknown key
                // allocates.
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

                        // The fields are variables and not a half-filled model: without its id
                        // there is none. Until its key is read, a field is absent.

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
                                // Two unknown keys of one name are refused, too: the map could
                                // keep only one, and a body would change on its way through.
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

/// Expands to a field's name on the wire: the name after `as`, or else the field's own name.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Expands to a field's default: the expression after `=`, or else null.
macro_rules! default {
    () => {
        $crate::model::Field::Null
    };
    ($default:expr) => {
        $default.into()
    };
}

pub(crate) use {default, model, wire_name};

/// Writes a field under its name. Writes nothing if the field is absent.
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

/// Writes the unknown fields. Fails if one of them has the name of a documented field.
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

/// Reads the value of the key `name`. Fails if the key was seen before in this object.
///
/// An error says in which field it is, so an error in a nested model gives the whole path: "in
/// `camera`: in `id`: invalid type".
pub(crate) fn read<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    name: &str,
    seen: bool,
) -> Result<T, A::Error> {
    if seen {
        return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
    }
    // The inner error's text ends with a line and a column. serde_json parses them out of the text
    // of a custom error, so the outer error has the same position.
    map.next_value().map_err(|error| A::Error::custom(format_args!("in `{name}`: {error}")))
}
