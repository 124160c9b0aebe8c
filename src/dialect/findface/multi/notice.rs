use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use super::{
    AreaNotice, BodyEvent, CarEpisode, CarEvent, CounterRecord, EventModelClass, EventType,
    FaceEvent, HumanEpisode, ObjectType, WebhookType,
};
use crate::{
    attribute::{Schema, Values},
    dialect::{
        delivery::{self, Kind},
        model::ParseError,
    },
    notification::{EncodeError, Notification, Rendering},
};

/// A notification of any kind, as a delivery brings it.
///
/// Its `webhook_type` tells the kind. Without one, `event_model_class` and `object_type` tell an
/// event, and `event_type` a counter record (inferred). What they don't tell is kept as free JSON.
///
/// [`parse_delivery`] reads the body of a delivery and names the place of what is wrong;
/// `Deserialize` is there for frameworks that read JSON themselves.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// An event of a face.
    Face(Box<FaceEvent>),
    /// An event of a body.
    Body(Box<BodyEvent>),
    /// An event of a vehicle.
    Car(Box<CarEvent>),
    /// An episode of a person.
    HumanEpisode(Box<HumanEpisode>),
    /// An episode of a vehicle.
    CarEpisode(Box<CarEpisode>),
    /// A record of a counter.
    Counter(Box<CounterRecord>),
    /// An activation or a record of an area.
    Area(Box<AreaNotice>),
    /// A notification of a kind that is not documented.
    Other(Map<String, Value>),
}

/// Reads the body of a delivery: a JSON array of notifications (inferred from FindFace Security),
/// or one alone.
///
/// Notifications of an unknown kind, and unknown fields of the known ones, are kept.
///
/// ```
/// use recohook::findface::multi::{Notice, parse_delivery};
///
/// let body = br#"[{"id": "42", "webhook_type": "car_events", "features": {
///     "make": {"name": "nissan", "confidence": 0.97}
/// }}]"#;
/// let [Notice::Car(event)] = &parse_delivery(body)?[..] else { panic!("one event") };
/// assert_eq!(event.features.value().unwrap().text("make"), Some("nissan"));
/// # Ok::<(), recohook::model::ParseError>(())
/// ```
///
/// # Errors
/// See [`ParseError`]. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Notice>, ParseError> {
    delivery::parse::<Section, _>(body)
}

/// Does the same with the model of any documented kind, and something else with free JSON.
macro_rules! of_each {
    ($notice:expr, $model:ident => $same:expr, $other:pat => $else:expr) => {
        match $notice {
            Notice::Face($model) => $same,
            Notice::Body($model) => $same,
            Notice::Car($model) => $same,
            Notice::HumanEpisode($model) => $same,
            Notice::CarEpisode($model) => $same,
            Notice::Counter($model) => $same,
            Notice::Area($model) => $same,
            Notice::Other($other) => $else,
        }
    };
}

impl Notification for Notice {
    /// That of its kind. A notification of another kind has a topic of its own, `other`, with
    /// nothing that a filter could test.
    fn schema(&self) -> &'static Schema {
        of_each!(self, model => model.schema(), _ => &OTHER)
    }

    fn id(&self) -> Cow<'_, str> {
        of_each!(self, model => model.id(), fields => match fields.get("id") {
            Some(Value::String(id)) => Cow::Borrowed(id),
            Some(id) => Cow::Owned(id.to_string()),
            None => Cow::Borrowed(""),
        })
    }

    fn kind(&self) -> &str {
        of_each!(self, model => model.kind(), fields => {
            let word = |name| fields.get(name).and_then(Value::as_str);
            word("event_model_class").or_else(|| word("event_type")).unwrap_or("")
        })
    }

    fn attributes(&self, record: &mut Values) {
        of_each!(self, model => model.attributes(record), _ => {});
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        of_each!(
            self,
            model => model.encode(rendering, out),
            fields => Ok(serde_json::to_writer(out, fields)?)
        )
    }
}

impl Serialize for Notice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        of_each!(self, model => model.serialize(serializer), fields => fields.serialize(serializer))
    }
}

impl<'de> Deserialize<'de> for Notice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        let section: Section = delivery::kind_of(&fields);
        section.read(Value::Object(fields)).map_err(D::Error::custom)
    }
}

macro_rules! from_models {
    ($($model:ident in $variant:ident,)+) => {
        $(impl From<$model> for Notice {
            fn from(model: $model) -> Self {
                Self::$variant(Box::new(model))
            }
        })+
    };
}

from_models! {
    FaceEvent in Face,
    BodyEvent in Body,
    CarEvent in Car,
    HumanEpisode in HumanEpisode,
    CarEpisode in CarEpisode,
    CounterRecord in Counter,
    AreaNotice in Area,
}

pub(super) static OTHER: Schema = Schema::new("other", &[]);

/// Which model a notification is read into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Section {
    Face,
    Body,
    Car,
    HumanEpisode,
    CarEpisode,
    Counter,
    Area,
    Other,
}

impl Section {
    fn named(webhook_type: &WebhookType) -> Self {
        match webhook_type {
            WebhookType::FaceEvents => Self::Face,
            WebhookType::BodyEvents => Self::Body,
            WebhookType::CarEvents => Self::Car,
            WebhookType::HumanEpisodes => Self::HumanEpisode,
            WebhookType::CarEpisodes => Self::CarEpisode,
            WebhookType::Counters => Self::Counter,
            WebhookType::Areas => Self::Area,
            WebhookType::Other(_) => Self::Other,
        }
    }

    fn of_event(object_type: Option<ObjectType>) -> Self {
        match object_type {
            Some(ObjectType::Face) => Self::Face,
            Some(ObjectType::Body) => Self::Body,
            Some(ObjectType::Car) => Self::Car,
            Some(ObjectType::Other(_)) | None => Self::Other,
        }
    }
}

impl Kind<4> for Section {
    type Notice = Notice;

    const FIELDS: [&'static str; 4] =
        ["webhook_type", "event_model_class", "object_type", "event_type"];

    const OTHER: Self = Self::Other;

    fn of([webhook_type, class, object_type, event_type]: [Option<&str>; 4]) -> Self {
        if let Some(webhook_type) = webhook_type {
            return Self::named(&webhook_type.into());
        }
        match (class.map(EventModelClass::from), event_type.map(EventType::from)) {
            (Some(EventModelClass::EventCreated), None) => {
                Self::of_event(object_type.map(ObjectType::from))
            }
            (None, Some(EventType::CounterRecord)) => Self::Counter,
            _ => Self::Other,
        }
    }

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Notice, D::Error> {
        match self {
            Self::Face => FaceEvent::deserialize(deserializer).map(Notice::from),
            Self::Body => BodyEvent::deserialize(deserializer).map(Notice::from),
            Self::Car => CarEvent::deserialize(deserializer).map(Notice::from),
            Self::HumanEpisode => HumanEpisode::deserialize(deserializer).map(Notice::from),
            Self::CarEpisode => CarEpisode::deserialize(deserializer).map(Notice::from),
            Self::Counter => CounterRecord::deserialize(deserializer).map(Notice::from),
            Self::Area => AreaNotice::deserialize(deserializer).map(Notice::from),
            Self::Other => Map::deserialize(deserializer).map(Notice::Other),
        }
    }
}
