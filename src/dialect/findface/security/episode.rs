use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
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

/// The attributes of episodes.
///
/// They have the names of the documented body, except `matched`. It is derived and always has a
/// value: true if `matched_event` is present and not null (inferred: an episode has no field
/// `matched`).
pub static EPISODES: Schema = Schema::new("episodes", Episode::ATTRIBUTES);

model! {
    /// An episode: events that belong together (documented).
    ///
    /// There is a notification when the episode opens, one for each event that is added, and one
    /// when it closes.
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
        /// Whether the episode is acknowledged, or needs no acknowledgement (inferred).
        acknowledged: bool = true,
        /// The person who acknowledged the episode. Null in every documented body. Its form is not
        /// documented.
        acknowledged_by: Value,
        /// When the episode was acknowledged.
        acknowledged_date: Timestamp,
        /// The note of the person who acknowledged the episode. It can be empty.
        acknowledged_reaction: String = "",
        /// The event with the best picture: an id when the episode opens, the whole event when it
        /// closes.
        best_event: EventRef,
        /// The groups of the cameras.
        camera_groups: Vec<Ref<CameraGroup>> => references,
        /// The cameras. Empty in some bodies, in which the video is a file (inferred).
        cameras: Vec<Ref<Camera>> => references,
        /// When the episode closed. Null while it is open.
        closed_date: Timestamp,
        /// When the episode opened.
        created_date: Timestamp,
        // The enumeration has the kinds of all notifications. Filters know only these.
        /// The kind of notification: the episode opened, got another event, or closed.
        event_type: EventType => (no_member (choice ["episode_open", "episode_event", "episode_close"])),
        /// The number of events.
        events_count: Number => number,
        /// Null in every documented body. Its form is not documented.
        features: Value,
        /// The last event, whole.
        last_event: EventRef,
        /// The event that matched a dossier. Null if there is none. Null in every documented body;
        /// an id or a whole event is inferred from the other two.
        matched_event: EventRef => (presence as "matched"),
        /// The watch lists of the dossiers that its events matched. -1 is the list of people who
        /// are on no list.
        matched_lists: Vec<Ref<WatchList>> => references,
        /// Whether the episode is open.
        open: bool = true,
        /// Null in the documented bodies that have it. Its form is not documented.
        temperature: Value,
        /// The section of filters that the episode belongs to: `episodes`.
        webhook_type: WebhookType = WebhookType::Episodes,
    }
}

impl Episode {
    /// Returns an episode that opens with its first event.
    ///
    /// As in the documented bodies, `events_count` is 1, `best_event` is the id of the event, and
    /// `last_event` is the whole event. The cameras and watch lists are those of the event.
    ///
    /// ```
    /// use recohook::findface::security::{Episode, Event};
    ///
    /// let opening = Episode::opening(2118, Event::new("42").camera(3));
    /// let written = serde_json::to_value(&opening)?;
    /// assert_eq!(written["best_event"], "42");
    /// assert_eq!(written["last_event"]["id"], "42");
    /// assert_eq!(written["cameras"], serde_json::json!([3]));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn opening(id: impl Into<i64>, event: Event) -> Self {
        let best = event.id.clone();
        Self::with_event(EventType::EpisodeOpen, id.into(), event).events_count(1).best_event(best)
    }

    /// Returns an episode to which an event was added. `events_count` includes that event.
    ///
    /// The cameras and watch lists are those of the event, and `best_event` is null, unless they
    /// are set. No body of this kind is documented: the fields are inferred from the other two.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::security::{Episode, Event};
    ///
    /// let added = Episode::event_added(2118, 2, Event::new("43"));
    /// assert_eq!(added.kind(), "episode_event");
    /// assert!(added.best_event.is_null());
    /// ```
    pub fn event_added(
        id: impl Into<i64>,
        events_count: impl Into<Field<Number>>,
        event: Event,
    ) -> Self {
        Self::with_event(EventType::EpisodeEvent, id.into(), event).events_count(events_count)
    }

    /// Returns an episode that closes with its last event. `events_count` is the total.
    ///
    /// The cameras and watch lists are those of the event, unless they are set. Set `best_event`, a
    /// whole event in the documented bodies, and `closed_date`: they are null otherwise.
    pub fn closing(
        id: impl Into<i64>,
        events_count: impl Into<Field<Number>>,
        last_event: Event,
    ) -> Self {
        Self::with_event(EventType::EpisodeClose, id.into(), last_event)
            .events_count(events_count)
            .open(false)
    }

    /// Returns an episode with the fields that are the same for all kinds.
    fn with_event(event_type: EventType, id: i64, event: Event) -> Self {
        // As in the documented bodies, cameras and lists are those of the event.
        Self::documented(id)
            .camera_groups(Vec::from_iter(event.camera_group.value().cloned()))
            .cameras(Vec::from_iter(event.camera.value().cloned()))
            .event_type(event_type)
            .matched_lists(event.matched_lists.value().cloned().unwrap_or_default())
            .last_event(event.episode(id))
    }
}

/// An event of an episode: its id, or the whole event.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum EventRef {
    /// The id alone.
    Id(String),
    /// The whole event. [`Rendering::Compact`] writes it whole, too; only its entities become ids.
    Event(Box<Event>),
}

impl EventRef {
    /// Returns the id of the event.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Event(event) => &event.id,
        }
    }

    /// Returns the whole event. Returns `None` if there is only its id.
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
            Self::Id(_) => None,
            Self::Event(event) => Some(event),
        }
    }
}

impl From<Event> for EventRef {
    /// Makes the event what it is in the documented bodies of episodes: without `bs_type`,
    /// `event_type` and `webhook_type`, and with ids instead of whole entities.
    fn from(event: Event) -> Self {
        // Its own section and kind would contradict those of the episode around it.
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

// By hand, as for `Ref`: derived code would lose the place of an error within the event.
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

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EventRef, A::Error> {
        Event::deserialize(MapAccessDeserializer::new(map))
            .map(|event| EventRef::Event(Box::new(event)))
    }
}
