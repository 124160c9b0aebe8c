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
/// They are named after the fields of the documented body, except for `matched`, which is derived
/// and always has a value. It is true if `matched_event` is present and not null (inferred: an
/// episode has no field `matched`).
pub static EPISODES: Schema = Schema::new("episodes", Episode::ATTRIBUTES);

model! {
    /// An episode, which consists of related events (documented).
    ///
    /// A notification is sent when the episode opens, when an event is added, and when the episode
    /// closes.
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
        /// Whether the episode has been acknowledged or does not need to be (inferred).
        acknowledged: bool = true,
        /// The person who acknowledged the episode. The field is null in every documented body, and
        /// its type is not documented.
        acknowledged_by: Value,
        /// When the episode was acknowledged.
        acknowledged_date: Timestamp,
        /// The note left by the person who acknowledged the episode. It can be empty.
        acknowledged_reaction: String = "",
        /// The event with the best picture. It is an id when the episode opens, and the whole event
        /// when the episode closes.
        best_event: EventRef,
        /// The camera groups.
        camera_groups: Vec<Ref<CameraGroup>> => references,
        /// The cameras. In some bodies the list is empty, because the video is a file (inferred).
        cameras: Vec<Ref<Camera>> => references,
        /// When the episode closed, or null while it is open.
        closed_date: Timestamp,
        /// When the episode opened.
        created_date: Timestamp,
        // The enumeration contains the kinds of all notifications. Filters accept only these three.
        /// The kind of notification, which indicates whether the episode opened, got another event,
        /// or closed.
        event_type: EventType => (no_member (choice ["episode_open", "episode_event", "episode_close"])),
        /// The number of events.
        events_count: Number => number,
        /// The field is null in every documented body, and its type is not documented.
        features: Value,
        /// The last event, as a whole event.
        last_event: EventRef,
        /// The event that matched a dossier, or null if there is none. The field is null in every
        /// documented body. That it is an id or a whole event is inferred from the other two event
        /// fields.
        matched_event: EventRef => (presence as "matched"),
        /// The watch lists of the dossiers that the events matched. -1 is the list of people who
        /// are not on any other list.
        matched_lists: Vec<Ref<WatchList>> => references,
        /// Whether the episode is open.
        open: bool = true,
        /// The field is null in the documented bodies that contain it, and its type is not
        /// documented.
        temperature: Value,
        /// The filter section that the episode belongs to, which is `episodes`.
        webhook_type: WebhookType = WebhookType::Episodes,
    }
}

impl Episode {
    /// Creates an episode that opens with its first event.
    ///
    /// As in the documented bodies, `events_count` is 1, `best_event` is the id of the event, and
    /// `last_event` is the whole event. The camera groups, cameras and watch lists are taken from
    /// the event.
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

    /// Creates an episode to which an event was added. `events_count` includes that event.
    ///
    /// Unless they are set, the camera groups, cameras and watch lists are taken from the event,
    /// and `best_event` is null. No body of this kind is documented, so the fields are inferred
    /// from the other two kinds.
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

    /// Creates an episode that closes with its last event. `events_count` is the total number of
    /// events.
    ///
    /// Unless they are set, the camera groups, cameras and watch lists are taken from the event.
    /// Set both `closed_date` and `best_event`, which are null by default. In the documented
    /// bodies, `best_event` is a whole event.
    pub fn closing(
        id: impl Into<i64>,
        events_count: impl Into<Field<Number>>,
        last_event: Event,
    ) -> Self {
        Self::with_event(EventType::EpisodeClose, id.into(), last_event)
            .events_count(events_count)
            .open(false)
    }

    /// Creates an episode with the fields that are the same for all kinds.
    fn with_event(event_type: EventType, id: i64, event: Event) -> Self {
        // As in the documented bodies, the cameras and lists are those of the event.
        Self::documented(id)
            .camera_groups(Vec::from_iter(event.camera_group.value().cloned()))
            .cameras(Vec::from_iter(event.camera.value().cloned()))
            .event_type(event_type)
            .matched_lists(event.matched_lists.value().cloned().unwrap_or_default())
            .last_event(event.episode(id))
    }
}

/// An event of an episode: either its id or the whole event.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum EventRef {
    /// Only the id.
    Id(String),
    /// The whole event. Even [`Rendering::Compact`] writes the whole event and replaces only its
    /// entities with ids.
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
            Self::Id(_) => None,
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

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EventRef, A::Error> {
        Event::deserialize(MapAccessDeserializer::new(map))
            .map(|event| EventRef::Event(Box::new(event)))
    }
}
