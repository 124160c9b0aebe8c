//! Notifications of the dialects: a model that is one, and what a delivery of several kinds holds.

use std::borrow::Cow;

use serde_json::Value;

use crate::{attribute::Schema, raw::Topic};

/// Reads the kind of a topic's notifications from one of their members. If the schema has an
/// attribute of that name, it holds the kind, too.
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

/// Implements [`Notification`](crate::Notification) for a model, and declares its `TOPIC`. What
/// follows the schema says what its kind is:
///
/// - `[kind field]` or `[kind field as "wireName"]`: the word in that field, or empty without one;
/// - `[kind "word"]`: always that word;
/// - `[kind "word" if field else "other"]`: whether the field is there, null or not.
///
/// A model without an id has `[id field as "wireName", kind ...]`: a text, or empty without one.
macro_rules! notification {
    ($model:ident ($($id:tt)*) in $($schema:ident)?) => {};
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

    (@ $model:ident in $schema:ident [kind $kind:literal], $($id:tt)+) => {
        $crate::dialect::notification::notification! {
            @ $model in $schema, $($id)+, _model => $kind, topic => topic.with_kind($kind)
        }
    };
    (@ $model:ident in $schema:ident [kind $there:literal if $field:ident else $missing:literal], $($id:tt)+) => {
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
                /// How the JSON of one is read without the model.
                pub(crate) const TOPIC: Topic = {
                    let $topic = Topic::new(&$schema, $raw_id, <$model as Attributes>::MEMBERS);
                    $with_kind
                };
            }
        };
    };
}

/// Declares what a delivery holds if it can be of several models, told by the labels:
///
/// ```text
/// AnyNotification by ["label", ...], kind in ["label", ...] { Variant: Model, ... }
/// ```
///
/// The kind of a notification that has no model is in the first of those labels that is a text.
/// `Model` is the enumeration of the models. `Model::of_labels`, written by hand, chooses one.
macro_rules! any_notification {
    (
        $(#[$doc:meta])*
        $any:ident by $labels:tt, kind in $kind_labels:tt {
            $($(#[$variant_doc:meta])* $variant:ident: $model:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug)]
        #[non_exhaustive]
        pub enum $any {
            $($(#[$variant_doc])* $variant(Box<$model>),)+
            /// A notification of a kind that is not documented.
            Other(serde_json::Map<String, serde_json::Value>),
        }

        /// The model that a notification is read into.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        enum Model {
            $($variant,)+
            Other,
        }

        const _: () = {
            use std::borrow::Cow;

            use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
            use serde_json::{Map, Value};

            use $crate::{
                attribute::{Values, Schema},
                dialect::{delivery::{self, Discriminant}, notification::text_of},
                notification::{EncodeError, Notification, Rendering},
                raw::{Format, Id, Topic},
            };

            static OTHER: Schema = Schema::new("other", &[]);

            $(impl From<$model> for $any {
                fn from(model: $model) -> Self {
                    Self::$variant(Box::new(model))
                }
            })+

            impl Notification for $any {
                /// The schema of the model. Any other notification has a topic of its own, `other`,
                /// without attributes.
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
                            let mut words = $kind_labels.iter().map(|label| fields.get(*label)?.as_str());
                            words.find_map(|word| word).unwrap_or("")
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
                        Self::Other(fields) => Ok(serde_json::to_writer(out, fields)?),
                    }
                }
            }

            impl Serialize for $any {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        $(Self::$variant(model) => model.serialize(serializer),)+
                        Self::Other(fields) => fields.serialize(serializer),
                    }
                }
            }

            impl<'de> Deserialize<'de> for $any {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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

            /// The topics in the order of [`Model`].
            static TOPICS: [Topic; [$(Model::$variant),+].len() + 1] = [
                $($model::TOPIC,)+
                Topic::new(&OTHER, Id::any("id").optional(), &[])
                    .with_kind_in(&$kind_labels)
                    .lenient(),
            ];

            fn topic(labels: &[Option<&str>]) -> &'static Topic {
                &TOPICS[labels.try_into().map_or(Model::OTHER, Model::of) as usize]
            }

            impl Model {
                /// The JSON of the notifications.
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

/// Returns a JSON value as an id: a text as it is, and the JSON text of any other value.
pub(crate) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

pub(crate) use {any_notification, notification};
