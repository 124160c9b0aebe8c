//! Notifications of the systems: models that are notifications, and the enumeration of all the
//! notifications that a delivery of one system can hold.

use std::borrow::Cow;

use serde_json::Value;

use crate::{attribute::Schema, raw::Topic};

/// Returns `topic` with its kind in the member `member`. If the schema has an attribute of that
/// name, the attribute holds the kind, too.
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

/// Implements [`Notification`](crate::Notification) for a model, and declares its `TOPIC`, the
/// table by which a [`Reader`](crate::raw::Reader) reads its JSON.
///
/// [`model!`](super::model::model) calls it with what follows the schema in the declaration:
///
/// | source | kind | example |
/// |---|---|---|
/// | `[kind field]` | the string in this field; empty if it is absent or null | `[kind event_type]` |
/// | `[kind field as "wire"]` | the same, if the field has another name on the wire | `[kind event_type as "type"]` |
/// | `[kind "text"]` | always this text | `[kind "event_created"]` |
/// | `[kind "text" if field else "other"]` | `text` if the field is present, null or not; otherwise `other` | `[kind "area_activation" if active else "area_record"]` |
///
/// A field that holds the kind is an enumeration of
/// [`string_enum!`](super::string_enum::string_enum). If filters see it, its form is wrapped in
/// `no_member`. A field whose presence decides the kind has the form `presence_flag`.
///
/// A model without an id in parentheses names the field that serves as its id, a string with the
/// form `text`; the id is empty if the field is absent or null: `[id facial_id as "facialId", kind
/// event_name as "eventName"]`.
macro_rules! notification {
    // Not a notification.
    ($model:ident ($($id:tt)*) in $($schema:ident)?) => {};

    // First step: the type of the id gives its source in JSON and its text. Both must agree, so
    // they are in one place.
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

    // Second step: the source of the kind, in the model and in JSON.
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

    // Third step: the implementation. `$id` and `$kind` are expressions that use `self`, but a name
    // that comes from another rule is not the same name here, so the rules pass their name for it.
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
                /// The table by which the JSON of a notification is read without the model.
                pub(crate) const TOPIC: Topic = {
                    let $topic = Topic::new(&$schema, $raw_id, <$model as Attributes>::MEMBERS);
                    $with_kind
                };
            }
        };
    };
}

/// Declares the enumeration of the notifications of a system that has several models.
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
/// | `by [...]` | The labels: the members of the JSON that decide which model a notification has. At most 4. |
/// | `kind in [...]` | Labels, too. A notification without a model takes its kind from the first of these that is a string. |
/// | `Passage: Passage` | A variant and its model, a notification. |
///
/// The macro adds the variant `Other` for notifications without a model. It implements
/// [`Notification`](crate::Notification), `Serialize` and `Deserialize` for the enumeration, and
/// declares the private enumeration `Model`, which has a variant for each model. `Model::of_labels`
/// is written by hand and chooses among them. A label is `None` there if it is absent or null. If a
/// label has any other type than string, the model is `Other` without a call.
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
            /// A notification of a kind that is not documented. All its fields are kept.
            Other(serde_json::Map<String, serde_json::Value>),
        }

        /// The model of a notification. The order is that of `TOPICS`, so a cast gives the index.
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

            // A topic of its own, so that no filter for a documented topic sees such a
            // notification.
            static OTHER: Schema = Schema::new("other", &[]);

            $(impl From<$model> for $any {
                fn from(model: $model) -> Self {
                    Self::$variant(Box::new(model))
                }
            })+

            impl Notification for $any {
                /// Returns the schema of the model. `Other` has the topic `other`, without
                /// attributes.
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
                            let mut kinds = $kind_labels.iter().map(|label| fields.get(*label)?.as_str());
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
                        // The same in both renderings: nothing says which members are entities.
                        Self::Other(fields) => Ok(serde_json::to_writer(out, fields)?),
                    }
                }
            }

            impl<'de> Deserialize<'de> for $any {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    // The labels can come last, so the whole object is read before the model is
                    // known. `parse_delivery` avoids that with a second pass over the text, which
                    // serde's deserializers do not offer.
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
                // Nothing is required of an unknown notification: it is passed on in any form.
                Topic::new(&OTHER, Id::any("id").optional(), &[])
                    .with_kind_in(&$kind_labels)
                    .lenient(),
            ];

            fn topic(labels: &[Option<&str>]) -> &'static Topic {
                // A reader passes one text for each label, so the conversion cannot fail.
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

/// Returns a JSON value as the text of an id: a string without its quotes, and the JSON text of any
/// other value.
pub(crate) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

pub(crate) use {any_notification, notification};
