use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::{Map, Value, json};

use super::Event;
use crate::{
    dialect::{
        attributes::HasId,
        json_schema::JsonSchema,
        model::{Field, Ref, Render},
    },
    notification::Rendering,
};

/// An event of an episode: either its id or the whole event.
///
/// Any other JSON value is kept, because senders write `""`, `0`, `[]` or `{}` in place of null. It
/// has no id.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum EventRef {
    /// Only the id.
    Id(String),
    /// The whole event. Even [`Rendering::Compact`] writes the whole event and replaces only its
    /// entities with ids.
    Event(Box<Event>),
    /// A value that is neither an id nor an event.
    Other(Value),
}

impl EventRef {
    /// Returns the id of the event, or `None` if the value is not an event or the id is empty.
    ///
    /// ```
    /// use recohook::findface::security::EventRef;
    ///
    /// let id = |text| serde_json::from_str::<EventRef>(text).map(|event| event.id().map(String::from));
    /// assert_eq!(id(r#""42""#)?.as_deref(), Some("42"));
    /// assert_eq!(id(r#"{"id": "42"}"#)?.as_deref(), Some("42"));
    /// assert_eq!(id("[]")?, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn id(&self) -> Option<&str> {
        let id = match self {
            Self::Id(id) => id,
            Self::Event(event) => &event.id,
            Self::Other(_) => return None,
        };
        Some(id.as_str()).filter(|id| !id.is_empty())
    }

    /// Returns the whole event, or `None` if only the id is present.
    ///
    /// ```
    /// use recohook::findface::security::{Episode, Event};
    ///
    /// let opening = Episode::opening(2118, Event::new("42").confidence(0.91));
    /// let last = opening.last_event.value().and_then(|event| event.event());
    /// assert_eq!(last.and_then(|event| event.confidence.as_f64()), Some(0.91));
    /// assert!(opening.best_event.value().and_then(|event| event.event()).is_none());
    /// ```
    pub fn event(&self) -> Option<&Event> {
        match self {
            Self::Id(_) | Self::Other(_) => None,
            Self::Event(event) => Some(event),
        }
    }
}

impl From<Event> for EventRef {
    /// Converts the event into the form that it has in the documented bodies of episodes.
    /// `bs_type`, `event_type` and `webhook_type` are removed, and whole entities are replaced by
    /// their ids.
    fn from(event: Event) -> Self {
        // The event's own section and kind would contradict those of the episode that contains it.
        let event = Event {
            bs_type: Field::Absent,
            event_type: Field::Absent,
            webhook_type: Field::Absent,
            camera: event.camera.map(|camera| camera.to_compact()),
            camera_group: event.camera_group.map(|group| group.to_compact()),
            matched_dossier: event.matched_dossier.map(|dossier| dossier.to_compact()),
            matched_lists: event.matched_lists.map(|lists| lists.map(Ref::to_compact)),
            ..event
        };
        Self::Event(Box::new(event))
    }
}

impl From<Event> for Field<EventRef> {
    fn from(event: Event) -> Self {
        Self::Value(event.into())
    }
}

impl From<String> for Field<EventRef> {
    fn from(id: String) -> Self {
        Self::Value(EventRef::Id(id))
    }
}

impl From<&str> for Field<EventRef> {
    fn from(id: &str) -> Self {
        Self::Value(EventRef::Id(id.to_owned()))
    }
}

impl HasId for EventRef {
    fn has_id(&self) -> bool {
        match self {
            Self::Other(value) => value.has_id(),
            _ => self.id().is_some(),
        }
    }
}

impl JsonSchema for EventRef {
    fn schema() -> Value {
        json!({"anyOf": [{"type": "string"}, Event::schema()]})
    }
}

impl Render for EventRef {
    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            Self::Id(id) => id.write(rendering, out),
            Self::Other(value) => value.write(rendering, out),
            Self::Event(event) => event.write(rendering, out),
        }
    }
}

// This is implemented by hand, as for `Ref`, because derived code would lose the position of an
// error inside the event.
impl<'de> Deserialize<'de> for EventRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EventRefVisitor)
    }
}

struct EventRefVisitor;

impl<'de> Visitor<'de> for EventRefVisitor {
    type Value = EventRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of an event, which is a string, or a whole event")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<EventRef, E> {
        Ok(EventRef::Id(id.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<EventRef, E> {
        Ok(EventRef::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<EventRef, E> {
        Ok(EventRef::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<EventRef, E> {
        Ok(EventRef::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<EventRef, E> {
        Ok(EventRef::Other(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<EventRef, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(list)).map(EventRef::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EventRef, A::Error> {
        let Some(first) = map.next_key()? else {
            return Ok(EventRef::Other(Value::Object(Map::new())));
        };
        let members = WithFirstKey { first: Some(first), rest: map };
        Event::deserialize(MapAccessDeserializer::new(members))
            .map(|event| EventRef::Event(Box::new(event)))
    }
}

/// The members of an object whose first key has already been read.
struct WithFirstKey<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithFirstKey<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
