use serde_json::{Number, Value};

use super::{Camera, CameraGroup, Event, EventRef, EventType, WatchList, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, List, Ref, Timestamp, model},
    },
};

/// The attributes of episodes.
///
/// They are named after the fields of the documented body, except for `matched`, which is derived
/// and always has a value. It is true if `matched_event` contains an id or a whole event (inferred:
/// an episode has no field `matched`).
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
        camera_groups: List<Ref<CameraGroup>> => references,
        /// The cameras. In some bodies the list is empty, because the video is a file (inferred).
        cameras: List<Ref<Camera>> => references,
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
        /// fields. A value without an id, such as `""`, does not count as a match (ours).
        matched_event: EventRef => (id_presence as "matched"),
        /// The watch lists of the dossiers that the events matched. -1 is the list of people who
        /// are not on any other list.
        matched_lists: List<Ref<WatchList>> => references,
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
    /// the event. If the event is matched, `matched_event` is its id (inferred).
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
    /// Unless they are set, the camera groups, cameras, watch lists and `matched_event` are taken
    /// from the event, and `best_event` is null. If an earlier event of the episode was matched,
    /// set `matched_event`. No body of this kind is documented, so the fields are inferred from the
    /// other two kinds.
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
    /// Unless they are set, the camera groups, cameras, watch lists and `matched_event` are taken
    /// from the event. If it is the only event, it is also the `best_event`, and both are whole
    /// events, as in the documented body. Otherwise, set `best_event` and, if an earlier event was
    /// matched, `matched_event`, which are null by default. Set `closed_date`, too.
    ///
    /// ```
    /// use recohook::findface::security::{Episode, Event};
    ///
    /// let closing = Episode::closing(518, 1, Event::new("42"));
    /// assert_eq!(closing.best_event, closing.last_event);
    /// let closing = Episode::closing(518, 4, Event::new("45")).best_event(Event::new("43"));
    /// assert!(closing.matched_event.is_null());
    /// ```
    pub fn closing(
        id: impl Into<i64>,
        events_count: impl Into<Field<Number>>,
        last_event: Event,
    ) -> Self {
        let closing = Self::with_event(EventType::EpisodeClose, id.into(), last_event)
            .events_count(events_count)
            .open(false);
        let only = closing.events_count.as_f64() == Some(1.0);
        let best = if only { closing.last_event.clone() } else { Field::Null };
        closing.best_event(best)
    }

    /// Creates an episode with the fields that are the same for all kinds.
    fn with_event(event_type: EventType, id: i64, event: Event) -> Self {
        let is_matched = event.matched == Field::Value(true);
        // As in the documented bodies, the cameras and lists are those of the event.
        Self::documented(id)
            .camera_groups(List::from_iter(event.camera_group.value().cloned()))
            .cameras(List::from_iter(event.camera.value().cloned()))
            .event_type(event_type)
            .matched_event(is_matched.then(|| EventRef::Id(event.id.clone())))
            .matched_lists(event.matched_lists.value().cloned().unwrap_or_default())
            .last_event(event.episode(id))
    }
}
