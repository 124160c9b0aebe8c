use serde_json::{Map, Value};

use super::Match;
use super::policy::SENDER;
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery,
        model::{ParseError, ParsedItems, Timestamp, model},
        string_enum::string_enum,
    },
    raw::Format,
};

/// The attributes of events.
///
/// They are named after the fields of the documented body. `identity_id`, `label`, `watchlist` and
/// `similarity` come from `data` and have a value only if the event is a
/// [match](super::Event::as_match).
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

/// The JSON format of events, for use by gateways. See [`raw`](crate::raw).
pub static RAW: Format = Format::of(&Event::TOPIC);

model! {
    /// An event of the engine (documented).
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::openbiometrics::{Event, EventType};
    /// use std::time::SystemTime;
    ///
    /// let event = Event::new("evt_1", EventType::LineCrossed, SystemTime::now()).source("tracker");
    /// assert_eq!(event.kind(), "line_crossed");
    /// assert_eq!(serde_json::to_value(&event)?["data"], serde_json::json!({}));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Event (
        /// The id. The page calls it a UUID, but the ids in its example bodies begin with `evt_`.
        id: String
    ) in EVENTS [kind event_type as "type"] {
        // This is a string attribute rather than a choice, so that filters can name undocumented
        // types.
        /// The type of event. The field is called `type` on the wire.
        event_type as "type": EventType => (no_member text),
        /// When the event happened, in UTC.
        timestamp: Timestamp,
        /// The module that created the event, such as `face_pipeline`.
        source: String = "" => text,
        /// Data that depends on the type. Only the keys of a match are documented. See
        /// [`as_match`](Self::as_match).
        data: Map<String, Value> = Map::new() => (lenient_object Match<'static>),
        /// The id of the camera, or null if the event does not come from a stream.
        camera_id: String => text,
    }
}

string_enum! {
    /// The type of event (documented).
    EventType {
        /// A face was seen in a picture or a video.
        FaceDetected = "face_detected",
        /// A face matched an enrolled identity.
        FaceMatched = "face_matched",
        /// A match with a watch list exceeded the alert threshold.
        WatchlistAlert = "watchlist_alert",
        /// An active liveness session succeeded.
        LivenessPassed = "liveness_passed",
        /// An active liveness session failed.
        LivenessFailed = "liveness_failed",
        /// A document was scanned and processed.
        DocumentScanned = "document_scanned",
        /// A tracked person entered a zone.
        PersonEntered = "person_entered",
        /// A tracked person left a zone.
        PersonExited = "person_exited",
        /// A tracked person crossed a counting line.
        LineCrossed = "line_crossed",
        /// A module failed.
        SystemError = "system_error",
    }
}

impl Event {
    /// Creates an event with every documented field. Until they are set, `source` is empty, `data`
    /// is `{}`, and `camera_id` is null.
    ///
    /// If the timestamp ends with `Z`, the `Z` is replaced by `+00:00`, as in the documented
    /// bodies, because some receivers' parsers do not accept `Z`. The setter
    /// [`timestamp`](Self::timestamp) keeps the text unchanged.
    ///
    /// ```
    /// use recohook::openbiometrics::{Event, EventType};
    ///
    /// let event = Event::new("evt_1", EventType::LineCrossed, "2026-03-19T10:32:15Z");
    /// let timestamp = event.timestamp.value().expect("just set");
    /// assert_eq!(timestamp.as_str(), "2026-03-19T10:32:15+00:00");
    /// ```
    pub fn new(
        id: impl Into<String>,
        event_type: impl Into<EventType>,
        timestamp: impl Into<Timestamp>,
    ) -> Self {
        Self::documented(id).event_type(event_type.into()).timestamp(timestamp.into().with_offset())
    }

    /// Returns the match in `data` if the event is `face_matched` or `watchlist_alert`. Returns
    /// `None` for any other event, or if `data` is absent or null.
    ///
    /// If a documented key is missing or has the wrong type, it is `None` in the match.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let body = br#"{"id": "evt_1", "type": "face_matched", "data": {"label": "Alice"}}"#;
    /// let events = parse_delivery(body)?;
    /// let found = events[0].as_match().expect("a match");
    /// assert_eq!((found.label, found.similarity), (Some("Alice"), None));
    /// # Ok::<(), recohook::model::ParseError>(())
    /// ```
    pub fn as_match(&self) -> Option<Match<'_>> {
        // Only these two types have documented keys. In any other type, `label` can mean anything.
        match self.event_type.value()? {
            EventType::FaceMatched | EventType::WatchlistAlert => self.data.value().map(Match::of),
            _ => None,
        }
    }
}

/// Parses the body of a delivery. The body is a JSON object that represents one event (documented).
/// An array of events, such as the answer to `GET /events/recent`, is also accepted.
///
/// Events of an unknown type and unknown fields are kept.
///
/// A byte order mark before the body is skipped. If the body cannot be read, answer with 200 and
/// store it, because the engine would only send it again, three times in all (read in its source).
/// If the body ends too early, answer with 400.
///
/// ```
/// let body = br#"{"id": "evt_1", "type": "door_opened", "floor": 2}"#;
/// let events = recohook::openbiometrics::parse_delivery(body)?;
/// assert_eq!(events[0].event_type.value().unwrap().as_str(), "door_opened");
/// assert_eq!(events[0].extra["floor"], 2);
/// # Ok::<(), recohook::model::ParseError>(())
/// ```
///
/// # Errors
/// Returns a [`ParseError`] if the body is not UTF-8, is not JSON, or is neither an array nor an
/// object. Also returns one if an event has no id or has a field of the wrong type. No events are
/// returned in that case.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    delivery::parse_alike(body, &SENDER)
}

/// Parses each event of a delivery on its own. One that cannot be read does not affect the others.
///
/// The body may be anything that [`parse_delivery`] accepts. [`ParsedItems`] documents what the
/// iterator returns for other bodies.
///
/// ```
/// let body = br#"[{"id": "evt_1"}, {"id": 2}]"#;
/// let events = Vec::from_iter(recohook::openbiometrics::parse_items(body));
/// assert!(events[0].is_ok() && events[1].is_err());
/// ```
pub fn parse_items(body: &[u8]) -> ParsedItems<'_, Event> {
    delivery::parse_items_alike(body, &SENDER)
}
