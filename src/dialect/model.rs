//! The building blocks of the systems' models.
//!
//! A model is a struct that represents one JSON object of a system. It has a public [`Field`] for
//! each documented field, and a setter of the same name that returns the model, so that calls can
//! be chained. The field `extra` contains all other fields.
//!
//! A body from a newer version of the system can therefore be read and written again without loss.
//! An absent field stays absent, null stays null, an integer stays an integer, a [`Timestamp`]
//! keeps its text, and unknown fields are kept. The order of the fields, white space and escapes
//! can change.
//!
//! A number is stored as a 64-bit integer or as an `f64`, so an integer beyond 64 bits, or a fraction
//! with more than 15 digits, may be rounded.
//! [`raw::inexact_numbers`](crate::raw::inexact_numbers) finds such numbers in a body, and
//! [`raw`](crate::raw) passes a body on without changing it.
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
    field::Field,
    list::List,
    number_in_text::NumberInText,
    parse_error::ParseError,
    parsed_items::ParsedItems,
    reference::{Entity, Ref},
    timestamp::Timestamp,
};

/// Declares a model, which is a struct that represents one JSON object of a system.
///
/// A field is named only in this declaration. From it, the macro generates the struct, its setters,
/// its serde implementations, and the attributes that filters test. It also generates the table
/// that a [`raw::Reader`](crate::raw::Reader) uses to find the same attributes in JSON without
/// parsing it into the model.
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
///         /// The type of passage. The field is called `type` on the wire.
///         passage_type as "type": PassageType => (no_member choice),
///         /// When the passage began.
///         started_at as "startedAt": Timestamp,
///     }
///     filter_only {
///         /// The id of the site. Filters test it, but no body contains it.
///         site: i64 => (no_member int),
///     }
/// }
/// ```
///
/// | part | meaning | if it is left out |
/// |---|---|---|
/// | `Passage` | The name of the struct. | |
/// | `(id: String)` | The id, which is a plain public field. A body without an id cannot be read. | All fields are optional. |
/// | `in PASSAGES` | The [`Schema`](crate::attribute::Schema) of the attributes. | Filters do not test the model, and no field may have a form. |
/// | `[kind ...]` | The model is a notification, and this is the source of its kind. See [`notification!`](super::notification::notification). | The model is part of a notification. |
/// | `gate: Ref<Gate>` | The field `pub gate: Field<Ref<Gate>>` and its setter `gate()`. | |
/// | `as "startedAt"` | The name on the wire. | The name on the wire is the name of the field. |
/// | `= false` | The default value, which `documented` converts into a `Field` and sets. | `documented` sets null. |
/// | `[follow] gate: ...` | The setter then calls the method `follow(&mut self)`, which sets what the new value implies. | The setter sets only the field. |
/// | `=> bool` | The form, which determines how filters see the field. | Filters do not see the field. |
/// | `filter_only { ... }` | Fields that only filters see. Each becomes a `pub site: Option<i64>` with a setter for the host. They are never written, and they are `None` in a model that was read. | The model has no such fields. |
///
/// The parts of a field are written in the order `[follow] name as "wire": Type = default => form`.
/// Doc comments go above the model, the id and each field. They state which facts are documented
/// and which are inferred.
///
/// Fields are written to JSON in the order in which they are declared, so declare them in the order
/// of the documented bodies. The attributes have the same order. A name on the wire consists of
/// ASCII letters, digits and underscores. Any other name is a compile error.
///
/// Besides the setters, the struct has
///
/// - the field `extra`, which contains the fields that are not declared,
/// - the public function `json_schema()`, which returns the JSON Schema of the object,
/// - the public function `empty(id)`, which returns a model whose fields are all absent, and
/// - the private function `documented(id)`, which returns a model whose fields all have their
///   defaults. Call it in a public `new`.
///
/// # Forms
///
/// A form determines which attribute a field becomes. The attribute has the field's name on the
/// wire. If the field is absent or null, the attribute has no value.
///
/// | form | type of the field | attribute | example |
/// |---|---|---|---|
/// | `bool` | `bool` | a boolean | `granted: bool => bool` |
/// | `int` | `i64` | an integer | `floor: i64 => int` |
/// | `number` | `Number` | a number | `speed: Number => number` |
/// | `text` | `String`, or an enumeration of [`string_enum!`](super::string_enum::string_enum) | a string | `badge: String => text` |
/// | `number_in_text` | `NumberInText` | the number in the string, or no value if the string is not a finite number | `weight: NumberInText => number_in_text` |
/// | `choice` | an enumeration of `string_enum!` | a choice among all strings of the enumeration | `direction: Direction => choice` |
/// | `(choice [...])` | the same | a choice among the strings in the brackets | `direction_before: Direction => (choice ["out"])` |
/// | `reference` | `Ref<Entity>` | an integer, which is the id | `gate: Ref<Gate> => reference` |
/// | `references` | `List<Ref<Entity>>` | a list of integers, which are the ids | `gates: List<Ref<Gate>> => references` |
/// | `id_presence` | any type that implements [`HasId`](super::attributes::HasId) | a boolean that always has a value: true if the field contains the id of an entity or an entity with an id | `photo: Value => id_presence` |
/// | `object` | a model `in` the same schema | the attributes of that model | `scale: Scale => object` |
/// | `object_with_flag` | the same | a boolean that is true if the field has a value, followed by the attributes of that model | `mask: Mask => object_with_flag` |
/// | `(lenient_object T)` | arbitrary JSON | the attributes of `T`. `T` needs a hand-written implementation of [`Attributes`](super::attributes::Attributes) for the type of the field. A member of the wrong type has no value here, whereas it is an error in other objects | `data: Map<String, Value> => (lenient_object Plate)` |
/// | `(text_by_kind ...)` | `String` | a string. The kind of the notification decides which attribute it becomes | `code: String => (text_by_kind "walk" => "badge_code", "drive" => "plate_code")` |
///
/// The following forms wrap another form or have no attribute:
///
/// | form | meaning | example |
/// |---|---|---|
/// | `(form as "name")` | The attribute has this name instead of the field's name on the wire. | `photo: Value => (id_presence as "has_photo")` |
/// | `(no_member form)` | A `raw::Reader` does not look for a member. Use this form if the field contains the kind, because the reader finds the kind without a member, or if the field is `filter_only`. | `passage_type as "type": PassageType => (no_member choice)` |
/// | `presence_flag` | The field has no attribute. Its presence determines the kind, even if its value is null. See [`notification!`](super::notification::notification). | `left_at: Timestamp => presence_flag` |
///
/// `src/dialect/example.rs` declares a model that uses every form. It is compiled for the unit
/// tests, which check that the model and a `raw::Reader` see the same values.
///
/// # Adding a system
///
/// A system is a folder in `src/dialect`, with one line in `src/dialect/mod.rs` and one in
/// `src/lib.rs`. `src/dialect/faceio` is the smallest example, and `src/dialect/findface/security`
/// is an example with several models. The folder contains:
///
/// 1. The models and enumerations, declared with `model!` and `string_enum!`, and an implementation
///    of [`Entity`] for each model that other models refer to by id.
/// 2. A schema for each topic: `pub static PASSAGES: Schema = Schema::new("passages",
///    Passage::ATTRIBUTES);`.
/// 3. `parse_delivery`, `parse_items` and `RAW`. If there is one model, they use
///    `delivery::parse_alike`, `delivery::parse_items_alike` and `Format::of(&Passage::TOPIC)`. If
///    there are several models, [`any_notification!`](super::notification::any_notification)
///    declares their enumeration, and they use `delivery::parse`, `delivery::parse_items` and
///    `Model::FORMAT`.
/// 4. `FILTERS`, the [`Table`](crate::filter::Table) of filter keys.
/// 5. `policy` and `profile`, which describe how deliveries are made.
/// 6. The registration object, if the system documents one, and the registry behind the REST API.
/// 7. Rows in `src/dialect/systems.md`, which state which of these facts are documented, inferred
///    or ours.
/// 8. Example bodies in `tests/data`, a unit test that checks which attributes filters see in these
///    bodies, and a test of the public API in `tests`, such as `tests/faceio.rs`.
///
/// The macro generates the serde code itself and does not use serde's `flatten`. `flatten`
/// buffers each object that it reads and therefore loses the line and column of an error.
macro_rules! model {
    (
        $(#[doc = $doc:literal])*
        $name:ident $(($(#[doc = $id_doc:literal])* $id:ident: $id_type:ident))?
        $(in $schema:ident $([$($notification:tt)+])?)? {
            $(
                $(#[doc = $field_doc:literal])*
                $([$follow:ident])? $field:ident $(as $wire:literal)?: $type:ty $(= $default:expr)? $(=> $form:tt)?,
            )*
        }
        $(filter_only {
            $($(#[$only_doc:meta])* $only:ident: $only_type:ty => $only_form:tt,)+
        })?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Debug)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $id_doc])* pub $id: $id_type,)?
            $($(#[doc = $field_doc])* pub $field: $crate::model::Field<$type>,)*
            $($($(#[$only_doc])* pub $only: Option<$only_type>,)+)?
            /// The undocumented fields, by name. Writing fails if one of them has the name of a
            /// documented field.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            const FIELDS: &[&str] =
                &[$(stringify!($id),)? $($crate::dialect::model::wire_name!($field $($wire)?),)*];

            /// Returns a value whose documented fields are all absent. Only the id, if the type has
            /// one, is set.
            pub fn empty($($id: impl Into<$id_type>)?) -> Self {
                Self {
                    $($id: $id.into(),)?
                    $($field: $crate::model::Field::Absent,)*
                    $($($only: None,)+)?
                    extra: serde_json::Map::new(),
                }
            }

            /// Returns the JSON Schema of this object, in the dialect 2020-12.
            ///
            /// It describes what the system sends, and each field with its source. The model
            /// accepts more, and fields that are not listed are allowed.
            pub fn json_schema() -> serde_json::Value {
                let mut schema = <Self as $crate::dialect::json_schema::JsonSchema>::schema();
                schema["$schema"] = $crate::dialect::json_schema::DIALECT.into();
                schema
            }

            /// Returns a value in which every documented field is set to its default, or to null if
            /// it has no default.
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
                    $(self.$follow();)?
                    self
                }
            )*

            $($(
                #[doc = concat!(
                    "Sets [`", stringify!($only), "`](field@Self::", stringify!($only), "), ",
                    "which only filters see. The field is never written."
                )]
                #[must_use]
                pub fn $only(mut self, value: impl Into<Option<$only_type>>) -> Self {
                    self.$only = value.into();
                    self
                }
            )+)?
        }

        // These are separate macros, because each has rules for the types or forms of the fields. A
        // type that was matched as `ty` can no longer be matched against a literal name, so the
        // type of an id is matched as an `ident`.
        $crate::dialect::attributes::attributes! {
            $name in ($($schema)?) of value
            $({
                $crate::dialect::model::wire_name!($field $($wire)?),
                &value.$field, $type, $($form)?
            })*
            $($({ stringify!($only), &value.$only.into(), $only_type, $only_form })+)?
        }

        impl $crate::dialect::json_schema::JsonSchema for $name {
            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                $({
                    let mut id = <$id_type as $crate::dialect::json_schema::JsonSchema>::schema();
                    let docs = $crate::dialect::json_schema::description(&[$($id_doc),*]);
                    id["description"] = docs.into();
                    properties.insert(stringify!($id).to_owned(), id);
                })?
                $(properties.insert(
                    $crate::dialect::model::wire_name!($field $($wire)?).to_owned(),
                    $crate::dialect::json_schema::field_schema::<$type>(&[$($field_doc),*]),
                );)*
                let required: &[&str] = &[$(stringify!($id))?];
                serde_json::json!({
                    "title": stringify!($name),
                    "description": $crate::dialect::json_schema::description(&[$($doc),*]),
                    "type": "object",
                    "properties": properties,
                    "required": required,
                })
            }
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
                // The names below are written into the JSON text without escaping.
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

        // Writes the same object through serde, for other formats and for models nested in other
        // types.
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
                // serde compares a key with the names without copying it, so only an unknown key
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

                        // The fields are collected in variables rather than in a half-filled model,
                        // because a model cannot exist without its id. A field is absent until its
                        // key has been read.

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
                                // A second unknown key with the same name is also refused. The map
                                // could keep only one of the two, so a body that is read and
                                // written again would change.
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

/// Expands to a field's name on the wire: the name after `as` or, if there is none, the name of the
/// field.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Expands to a field's default: the expression after `=` or, if there is none, null.
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

/// Reads the value of the key `name`. Fails if the key has already occurred in this object.
///
/// An error message names the field, so an error in a nested model contains the whole path, such as
/// "in `camera`: in `id`: invalid type".
pub(crate) fn read<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    name: &str,
    seen: bool,
) -> Result<T, A::Error> {
    if seen {
        return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
    }
    // The inner error's message ends with a line and a column. serde_json parses them out of a
    // custom error's message, so the outer error has the same position.
    map.next_value().map_err(|error| A::Error::custom(format_args!("in `{name}`: {error}")))
}
