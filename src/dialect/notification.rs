//! Macros for the notifications of the systems. One of them implements
//! [`Notification`](crate::Notification) for a model, and the other declares the enumeration of all
//! notifications that a system's deliveries can contain.

use std::borrow::Cow;

use serde_json::Value;

use crate::{attribute::Schema, raw::Topic};

/// Returns `topic` with its kind taken from the member `member`. If the schema has an attribute of
/// that name, the kind also becomes the value of that attribute.
pub(crate) const fn with_kind_in(
    topic: Topic,
    schema: &Schema,
    member: &'static [&'static str; 1],
) -> Topic {
    match schema.find(member[0]) {
        Some(attribute) => topic.with_kind_in(member).with_kind_attribute(attribute),
        None => topic.with_kind_in(member),
    }
}

/// Implements [`Notification`](crate::Notification) for a model and declares its `TOPIC`, the table
/// that a [`Reader`](crate::raw::Reader) uses to read its JSON.
///
/// [`model!`](super::model::model) calls this macro with the tokens that follow the schema in the
/// declaration:
///
/// | source | kind | example |
/// |---|---|---|
/// | `[kind field]` | the string in this field, or the empty string if the field is absent or null | `[kind event_type]` |
/// | `[kind field as "wire"]` | the same, for a field whose name on the wire differs | `[kind event_type as "type"]` |
/// | `[kind "text"]` | always this string | `[kind "event_created"]` |
/// | `[kind "text" if field else "other"]` | `text` if the field is present, even if it is null; otherwise `other` | `[kind "area_activation" if active else "area_record"]` |
///
/// The type of a field that contains the kind is an enumeration declared by
/// [`string_enum!`](super::string_enum::string_enum). If filters see the field, its form is wrapped
/// in `no_member`. A field whose presence determines the kind has the form `presence_flag`.
///
/// A model without an id in parentheses names a field that serves as its id, for example `[id
/// facial_id as "facialId", kind event_name as "eventName"]`. The field must be a string with the
/// form `text`. If it is absent or null, the id is empty.
macro_rules! notification {
    // The model is not a notification.
    ($model:ident ($($id:tt)*) in $($schema:ident)?) => {};

    // First step: the type of the id determines how the id is read from JSON and how it is
    // converted into a string. The two must agree, so they are defined together.
    ($model:ident () in $schema:ident [id $id:ident as $member:literal, $($kind:tt)+]) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema [$($kind)+],
            Id::attribute($schema.expect($member)),
            model => Cow::Borrowed(model.$id.as_str().unwrap_or(""))
        }
    };
    ($model:ident ($id:ident: String) in $schema:ident $kind:tt) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema $kind, Id::text(stringify!($id)), model => Cow::Borrowed(&model.$id)
        }
    };
    ($model:ident ($id:ident: i64) in $schema:ident $kind:tt) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema $kind,
            Id::integer(stringify!($id)),
            model => Cow::Owned(model.$id.to_string())
        }
    };
    ($model:ident ($id:ident: EventId) in $schema:ident $kind:tt) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema $kind,
            Id::text_or_integer(stringify!($id)),
            model => model.$id.as_text()
        }
    };
    ($model:ident ($id:ident: Value) in $schema:ident $kind:tt) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema $kind,
            Id::any(stringify!($id)),
            model => $crate::dialect::notification::text_of(&model.$id)
        }
    };

    // Second step: determine the source of the kind, both in the model and in JSON.
    (@ $model:ident in $schema:ident [kind $kind:literal], $($id:tt)+) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema, $($id)+, _model => $kind, topic => topic.with_kind($kind)
        }
    };
    (@
        $model:ident in $schema:ident
        [kind $there:literal if $field:ident else $missing:literal], $($id:tt)+
    ) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema, $($id)+,
            model => if model.$field.is_absent() { $missing } else { $there },
            topic => topic.with_kind_by_presence_flag($there, $missing)
        }
    };
    (@ $model:ident in $schema:ident [kind $kind:ident $(as $member:literal)?], $($id:tt)+) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema, $($id)+,
            model => model.$kind.value().map_or("", |kind| kind.as_str()),
            topic => $crate::dialect::notification::with_kind_in(
                topic,
                &$schema,
                &[$crate::dialect::model::wire_name!($kind $($member)?)],
            )
        }
    };

    // Third step: write the implementation. `$id` and `$kind` are expressions that use `self`.
    // Because of macro hygiene, a name from another rule is a different name here, so each rule
    // passes the name that it uses for `self`.
    (@
        $model:ident in $schema:ident,
        $raw_id:expr, $id_of:ident => $id:expr,
        $kind_of:ident => $kind:expr, $topic:ident => $with_kind:expr
    ) => {
        const _: () = {
            use std::borrow::Cow;

            use $crate::{
                attribute::{Values, Schema},
                dialect::{attributes::Attributes, model::encode},
                notification::{EncodeError, Notification, Rendering},
                raw::{Id, Topic},
            };

            impl Notification for $model {
                fn schema(&self) -> &'static Schema {
                    &$schema
                }

                fn id(&self) -> Cow<'_, str> {
                    let $id_of = self;
                    $id
                }

                fn kind(&self) -> &str {
                    let $kind_of = self;
                    $kind
                }

                fn attributes(&self, values: &mut Values) {
                    <Self as Attributes>::set(self, self.kind(), values);
                }

                fn encode(
                    &self,
                    rendering: Rendering,
                    out: &mut Vec<u8>,
                ) -> Result<(), EncodeError> {
                    encode(self, rendering, out)
                }
            }

            impl $model {
                /// The table for reading a notification's JSON without parsing it into the model.
                pub(crate) const TOPIC: Topic = {
                    let $topic = Topic::new(&$schema, $raw_id, <$model as Attributes>::MEMBERS);
                    $with_kind
                };
            }
        };
    };
}

/// Declares the enumeration of all notifications of a system that has several models.
///
/// ```text
/// any_notification! {
///     /// A notification of any kind.
///     AnyNotification by ["section", "type"], kind in ["type"] {
///         /// A passage.
///         Passage: Passage,
///         /// An alarm.
///         Alarm: Alarm,
///     }
/// }
///
/// impl Model {
///     fn of_labels([section, kind]: [Option<&str>; 2]) -> Self {
///         match section.or(kind) {
///             Some("passages" | "walk" | "drive") => Self::Passage,
///             Some("alarms" | "alarm") => Self::Alarm,
///             _ => Self::Other,
///         }
///     }
/// }
///
/// pub static RAW: Format = Model::FORMAT;
/// ```
///
/// | part | meaning |
/// |---|---|
/// | `by [...]` | The labels: the members of the JSON object that decide the model of a notification. There can be up to 4. |
/// | `kind in [...]` | The labels that decide the kind of a notification without a model. The kind is the first of these labels that is a string. |
/// | `Passage: Passage` | A variant and its model, which must be a notification. |
///
/// The macro adds the variant `Other` for notifications without a model. It implements
/// [`Notification`](crate::Notification), `Serialize` and `Deserialize` for the enumeration. It
/// also declares the private enumeration `Model`, which has a variant for each model.
/// `Model::of_labels` is written by hand and chooses the variant. It receives `None` for a label
/// that is absent or null. If any label is neither a string nor null, the model is `Other`, and
/// `of_labels` is not called.
macro_rules! any_notification {
    (
        $(#[$doc:meta])*
        $any:ident by $labels:tt, kind in $kind_labels:tt {
            $($(#[$variant_doc:meta])* $variant:ident: $model:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum $any {
            $($(#[$variant_doc])* $variant(Box<$model>),)+
            /// A notification of an undocumented kind. All its fields are kept.
            Other(serde_json::Map<String, serde_json::Value>),
        }

        /// The model of a notification. The variants are in the order of `TOPICS`, so a cast to
        /// `usize` gives the index.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        enum Model {
            $($variant,)+
            Other,
        }

        const _: () = {
            use std::borrow::Cow;

            use serde::{Deserialize, Deserializer, de::Error as _};
            use serde_json::{Map, Value};

            use $crate::{
                attribute::{Values, Schema},
                dialect::{delivery::{self, Discriminant}, notification::text_of},
                notification::{EncodeError, Notification, Rendering},
                raw::{Format, Id, Topic},
            };

            // These notifications have a separate topic, so that filters for documented topics
            // never see them.
            static OTHER: Schema = Schema::new("other", &[]);

            $(impl From<$model> for $any {
                fn from(model: $model) -> Self {
                    Self::$variant(Box::new(model))
                }
            })+

            impl Notification for $any {
                /// Returns the schema of the model. The schema of `Other` has the topic `other` and
                /// no attributes.
                fn schema(&self) -> &'static Schema {
                    match self {
                        $(Self::$variant(model) => model.schema(),)+
                        Self::Other(_) => &OTHER,
                    }
                }

                fn id(&self) -> Cow<'_, str> {
                    match self {
                        $(Self::$variant(model) => model.id(),)+
                        Self::Other(fields) => {
                            fields.get("id").map_or(Cow::Borrowed(""), text_of)
                        }
                    }
                }

                fn kind(&self) -> &str {
                    match self {
                        $(Self::$variant(model) => model.kind(),)+
                        Self::Other(fields) => {
                            let mut kinds =
                                $kind_labels.iter().map(|label| fields.get(*label)?.as_str());
                            kinds.find_map(|kind| kind).unwrap_or("")
                        }
                    }
                }

                fn attributes(&self, values: &mut Values) {
                    match self {
                        $(Self::$variant(model) => model.attributes(values),)+
                        Self::Other(_) => {}
                    }
                }

                fn encode(
                    &self,
                    rendering: Rendering,
                    out: &mut Vec<u8>,
                ) -> Result<(), EncodeError> {
                    match self {
                        $(Self::$variant(model) => model.encode(rendering, out),)+
                        // Both renderings are the same, because it is not known which members are
                        // entities.
                        Self::Other(fields) => Ok(serde_json::to_writer(out, fields)?),
                    }
                }
            }

            impl<'de> Deserialize<'de> for $any {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    // The labels may come last, so the whole object is read into a map before the
                    // model is known. `parse_delivery` avoids the map by reading the text twice,
                    // which a serde deserializer cannot do.
                    let fields = Map::deserialize(deserializer)?;
                    let model: Model = delivery::model_of(&fields);
                    model.read(Value::Object(fields)).map_err(D::Error::custom)
                }
            }

            impl Discriminant<{ $labels.len() }> for Model {
                type Any = $any;

                const LABELS: [&'static str; $labels.len()] = $labels;

                const OTHER: Self = Self::Other;

                fn of(labels: [Option<&str>; $labels.len()]) -> Self {
                    Self::of_labels(labels)
                }

                fn read<'de, D: Deserializer<'de>>(
                    self,
                    deserializer: D,
                ) -> Result<$any, D::Error> {
                    match self {
                        $(Self::$variant => $model::deserialize(deserializer).map($any::from),)+
                        Self::Other => Map::deserialize(deserializer).map($any::Other),
                    }
                }
            }

            /// The topics, in the order of [`Model`].
            static TOPICS: [Topic; [$(Model::$variant),+].len() + 1] = [
                $($model::TOPIC,)+
                // An unknown notification is passed on regardless of its contents, so no member is
                // required.
                Topic::new(&OTHER, Id::any("id").optional(), &[])
                    .with_kind_in(&$kind_labels)
                    .lenient(),
            ];

            fn topic(labels: &[Option<&str>]) -> &'static Topic {
                // A reader passes exactly one value for each label, so the conversion cannot fail.
                &TOPICS[labels.try_into().map_or(Model::OTHER, Model::of) as usize]
            }

            impl Model {
                /// The format of the notifications, for a [`Reader`](crate::raw::Reader).
                const FORMAT: Format = Format::choosing(
                    &$labels,
                    const { &[$(&TOPICS[Model::$variant as usize]),+] },
                    topic,
                    &TOPICS[Model::Other as usize],
                );
            }
        };
    };
}

/// Converts a JSON value into an id. A string becomes its contents without the quotes. Any other
/// value becomes its JSON text.
pub(crate) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

pub(crate) use {any_notification, notification};
