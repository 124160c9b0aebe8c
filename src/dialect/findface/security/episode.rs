use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Number, Value};

use super::{Camera, CameraGroup, Event, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::{Attributes as _, Presence},
        model::{Field, Ref, Render, Timestamp, model},
    },
    notification::Rendering,
};

/// What filters test of an episode.
///
/// The names are those of the documented body, but for `matched`. It is derived and never null:
/// `matched_event` is there and is not null (inferred: an episode has no such field).
pub static EPISODES: Schema = Schema::new("episodes", Episode::ATTRIBUTES);

model! {
    /// An episode: events that belong together (documented).
    ///
    /// It is told of when it opens, with each event that is added, and when it closes.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::security::{Episode, Event};
    ///
    /// let first = Event::new("42").camera(3).camera_group(1).matched_lists([-1]);
    /// let opening = Episode::opening(2118, first.clone());
    /// assert_eq!(opening.kind(), "episode_open");
    ///
    /// let second = Event::new("43").camera(3).camera_group(1).matched_lists([-1]);
    /// let closing = Episode::closing(2118, 2, second)
    ///     .best_event(first)
    ///     .closed_date("2020-05-18T15:10:42.870851Z");
    /// assert_eq!(closing.kind(), "episode_close");
    /// assert_eq!(serde_json::to_value(&closing)?["last_event"]["episode"], 2118);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Episode (
        /// The id.
        id: i64
    ) in EPISODES [kind event_type] {
        /// Whether nothing waits for a person to acknowledge the episode (inferred).
        acknowledged: bool = true,
        /// Who acknowledged it. Null in every documented body; its form is not documented.
        acknowledged_by: Value,
        /// When it was acknowledged.
        acknowledged_date: Timestamp,
        /// What was noted on acknowledging it, or empty.
        acknowledged_reaction: String = "",
        /// The event with the best picture: an id on opening, the whole event on closing.
        best_event: EventRef,
        /// The groups of its cameras.
        camera_groups: Vec<Ref<CameraGroup>> => references,
        /// Its cameras; empty in some bodies, where the video is a file (inferred).
        cameras: Vec<Ref<Camera>> => references,
        /// When it ended; null while it goes on.
        closed_date: Timestamp,
        /// When it began.
        created_date: Timestamp,
        /// What happened: it opened, got an event, or closed.
        event_type: EventType => (no_member (choice ["episode_open", "episode_event", "episode_close"])),
        /// How many events it has.
        events_count: Number => number,
        /// Null in every documented body; its form is not documented.
        features: Value,
        /// The last event, whole.
        last_event: EventRef,
        /// The event that matched a dossier; null without one. Null in every documented body; an
        /// id or a whole event is inferred from the other two.
        matched_event: EventRef => (presence as "matched"),
        /// The watch lists of its events' dossiers; -1 is the list of those who are on none.
        matched_lists: Vec<Ref<WatchList>> => references,
        /// Whether it goes on.
        open: bool = true,
        /// Null in the documented bodies that have it; its form is not documented.
        temperature: Value,
        /// The section of filters.
        webhook_type: WebhookType = WebhookType::Episodes,
    }
}

impl Episode {
    /// An episode that opens with its first event.
    ///
    /// As in the documented bodies there is one event, it is the best so far, told by its id, and
    /// cameras and watch lists are the event's.
    pub fn opening(id: impl Into<i64>, event: Event) -> Self {
        let best = event.id.clone();
        Self::with_event(EventType::EpisodeOpen, id.into(), event).events_count(1).best_event(best)
    }

    /// An episode to which an event was added, and how many it has with it.
    ///
    /// Cameras and watch lists are the event's unless set; `best_event` is null unless set. No
    /// such body is documented: the fields are inferred from the other two.
    pub fn event_added(
        id: impl Into<i64>,
        events_count: impl Into<Field<Number>>,
        event: Event,
    ) -> Self {
        Self::with_event(EventType::EpisodeEvent, id.into(), event).events_count(events_count)
    }

    /// An episode that closes, how many events it has, and the last of them.
    ///
    /// Cameras and watch lists are the event's unless set. Set `best_event`, a whole event in the
    /// documented bodies, and `closed_date`: they are null otherwise.
    pub fn closing(
        id: impl Into<i64>,
        events_count: impl Into<Field<Number>>,
        last_event: Event,
    ) -> Self {
        Self::with_event(EventType::EpisodeClose, id.into(), last_event)
            .events_count(events_count)
            .open(false)
    }

    fn with_event(what: EventType, id: i64, event: Event) -> Self {
        Self::documented(id)
            .camera_groups(Vec::from_iter(event.camera_group.value().cloned()))
            .cameras(Vec::from_iter(event.camera.value().cloned()))
            .event_type(what)
            .matched_lists(event.matched_lists.value().cloned().unwrap_or_default())
            .last_event(event.episode(id))
    }
}

/// An event of an episode: its id, or the whole of it.
#[derive(Clone, PartialEq, Debug)]
pub enum EventRef {
    /// The id alone.
    Id(String),
    /// The whole event. It stays whole also where references are written by id.
    Event(Box<Event>),
}

impl EventRef {
    /// The event's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Event(event) => &event.id,
        }
    }

    /// The whole event, if it is here.
    pub fn event(&self) -> Option<&Event> {
        match self {
            Self::Id(_) => None,
            Self::Event(event) => Some(event),
        }
    }
}

impl From<Event> for EventRef {
    /// The event as the documented bodies show it within an episode: without `bs_type`,
    /// `event_type` and `webhook_type`, and with ids in place of whole entities.
    fn from(event: Event) -> Self {
        let event = Event {
            bs_type: Field::Absent,
            event_type: Field::Absent,
            webhook_type: Field::Absent,
            camera: event.camera.map(|camera| camera.to_compact()),
            camera_group: event.camera_group.map(|group| group.to_compact()),
            matched_dossier: event.matched_dossier.map(|dossier| dossier.to_compact()),
            matched_lists: event
                .matched_lists
                .map(|lists| lists.iter().map(Ref::to_compact).collect()),
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

impl Presence for EventRef {}

impl Render for EventRef {
    fn write(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            Self::Id(id) => id.write(rendering, out),
            Self::Event(event) => event.write(rendering, out),
        }
    }
}

impl Serialize for EventRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => serializer.serialize_str(id),
            Self::Event(event) => event.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EventRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EventRefVisitor)
    }
}

struct EventRefVisitor;

impl<'de> Visitor<'de> for EventRefVisitor {
    type Value = EventRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of an event, a string, or the whole event")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<EventRef, E> {
        Ok(EventRef::Id(id.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EventRef, A::Error> {
        Event::deserialize(MapAccessDeserializer::new(map))
            .map(|event| EventRef::Event(Box::new(event)))
    }
}
