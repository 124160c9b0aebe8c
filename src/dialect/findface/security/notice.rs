use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use super::{CounterRecord, Episode, Event, EventType, WebhookType};
use crate::{
    attribute::{Schema, Values},
    dialect::{
        delivery::{self, Kind},
        model::ParseError,
    },
    notification::{EncodeError, Notification, Rendering},
};

/// Reads the body of a delivery: a JSON array of notifications (documented), or one alone.
///
/// Notifications of an unknown kind, and unknown fields of the known ones, are kept.
///
/// ```
/// use recohook::findface::security::{Notice, parse_delivery};
///
/// let body = br#"[{"id": "42", "webhook_type": "events", "camera": 3}]"#;
/// let [Notice::Event(event)] = &parse_delivery(body)?[..] else { panic!("one event") };
/// assert_eq!(event.id, "42");
/// # Ok::<(), recohook::model::ParseError>(())
/// ```
///
/// # Errors
/// Where the body is not UTF-8 or not JSON, is neither an array nor an object, or has a
/// notification of a known kind that cannot be one: without its id, or with a value of a type
/// that the field does not take. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Notice>, ParseError> {
    delivery::parse::<Section, _>(body)
}

/// A notification of any kind, as a delivery brings it.
///
/// Its `webhook_type` tells the kind, or else its `event_type`. A notification of an unknown kind,
/// or with one of the two that is neither a text nor null, is kept as free JSON.
///
/// [`parse_delivery`] reads the body of a delivery and names the place of
/// what is wrong; `Deserialize` is there for frameworks that read JSON themselves.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// An event.
    Event(Box<Event>),
    /// An episode that opens, has a new event, or closes.
    Episode(Box<Episode>),
    /// A record of a counter.
    Counter(Box<CounterRecord>),
    /// A notification of a kind that is not documented.
    Other(Map<String, Value>),
}

impl From<Event> for Notice {
    fn from(event: Event) -> Self {
        Self::Event(Box::new(event))
    }
}

impl From<Episode> for Notice {
    fn from(episode: Episode) -> Self {
        Self::Episode(Box::new(episode))
    }
}

impl From<CounterRecord> for Notice {
    fn from(record: CounterRecord) -> Self {
        Self::Counter(Box::new(record))
    }
}

impl Notification for Notice {
    /// That of its kind. A notification of another kind has a topic of its own, `other`, with
    /// nothing that a filter could test.
    fn schema(&self) -> &'static Schema {
        match self {
            Self::Event(event) => event.schema(),
            Self::Episode(episode) => episode.schema(),
            Self::Counter(record) => record.schema(),
            Self::Other(_) => &OTHER,
        }
    }

    fn id(&self) -> Cow<'_, str> {
        match self {
            Self::Event(event) => event.id(),
            Self::Episode(episode) => episode.id(),
            Self::Counter(record) => record.id(),
            Self::Other(fields) => match fields.get("id") {
                Some(Value::String(id)) => Cow::Borrowed(id),
                Some(id) => Cow::Owned(id.to_string()),
                None => Cow::Borrowed(""),
            },
        }
    }

    fn kind(&self) -> &str {
        match self {
            Self::Event(event) => event.kind(),
            Self::Episode(episode) => episode.kind(),
            Self::Counter(record) => record.kind(),
            Self::Other(fields) => fields.get("event_type").and_then(Value::as_str).unwrap_or(""),
        }
    }

    fn attributes(&self, record: &mut Values) {
        match self {
            Self::Event(event) => event.attributes(record),
            Self::Episode(episode) => episode.attributes(record),
            Self::Counter(counted) => counted.attributes(record),
            Self::Other(_) => {}
        }
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Event(event) => event.encode(rendering, out),
            Self::Episode(episode) => episode.encode(rendering, out),
            Self::Counter(record) => record.encode(rendering, out),
            Self::Other(fields) => Ok(serde_json::to_writer(out, fields)?),
        }
    }
}

impl Serialize for Notice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Event(event) => event.serialize(serializer),
            Self::Episode(episode) => episode.serialize(serializer),
            Self::Counter(record) => record.serialize(serializer),
            Self::Other(fields) => fields.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Notice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        let section: Section = delivery::kind_of(&fields);
        section.read(Value::Object(fields)).map_err(D::Error::custom)
    }
}

pub(super) static OTHER: Schema = Schema::new("other", &[]);

/// Which model a notification is read into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Section {
    Events,
    Episodes,
    Counters,
    Other,
}

impl Kind<2> for Section {
    type Notice = Notice;

    const FIELDS: [&'static str; 2] = ["webhook_type", "event_type"];

    const OTHER: Self = Self::Other;

    fn of([webhook_type, event_type]: [Option<&str>; 2]) -> Self {
        match (webhook_type.map(WebhookType::from), event_type.map(EventType::from)) {
            (Some(WebhookType::Events), _) | (None, Some(EventType::EventCreated)) => Self::Events,
            (Some(WebhookType::Episodes), _)
            | (
                None,
                Some(EventType::EpisodeOpen | EventType::EpisodeEvent | EventType::EpisodeClose),
            ) => Self::Episodes,
            (Some(WebhookType::Counters), _) | (None, Some(EventType::CounterRecord)) => {
                Self::Counters
            }
            _ => Self::Other,
        }
    }

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Notice, D::Error> {
        match self {
            Self::Events => Event::deserialize(deserializer).map(Notice::from),
            Self::Episodes => Episode::deserialize(deserializer).map(Notice::from),
            Self::Counters => CounterRecord::deserialize(deserializer).map(Notice::from),
            Self::Other => Map::deserialize(deserializer).map(Notice::Other),
        }
    }
}
