use serde_json::{Map, Value};

use super::Match;
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery,
        model::{ParseError, Timestamp, model},
        string_enum::string_enum,
    },
    raw::{Format, Topic},
};

/// What filters test of an event.
///
/// The names are those of the documented body. `identity_id`, `label`, `watchlist` and
/// `similarity` stand in `data`, and are null where the event is not a
/// [match](super::Event::as_match).
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

static EVENT: Topic = Event::TOPIC;

/// The JSON of events, for gateways: see [`raw`](crate::raw).
pub static RAW: Format = Format::of(&EVENT);

model! {
    /// An event (documented).
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
        /// The id. The page calls it a UUID; in its bodies `evt_` stands before one.
        id: String
    ) in EVENTS [kind event_type as "type"] {
        /// What happened. On the wire `type`.
        event_type as "type": EventType => (no_member text),
        /// When, in UTC.
        timestamp: Timestamp,
        /// The module that made the event, such as `face_pipeline`.
        source: String = "" => text,
        /// What else is to be said. The keys of a match are documented, see
        /// [`as_match`](Self::as_match); those of other types are not.
        data: Map<String, Value> = Map::new() => (lenient_object Match<'static>),
        /// The camera; null where the event comes from no stream.
        camera_id: String => text,
    }
}

string_enum! {
    /// What happened (documented).
    EventType {
        /// A face was seen in a picture or a video.
        FaceDetected = "face_detected",
        /// A face matched an enrolled identity.
        FaceMatched = "face_matched",
        /// A match with a watch list went over the alert's threshold.
        WatchlistAlert = "watchlist_alert",
        /// An active liveness session ended well.
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
    /// An event with every documented field: `source` is empty, `data` is `{}` and `camera_id` is
    /// null unless set. A `Z` of the timestamp is written as `+00:00`, as in the documented bodies:
    /// there are receivers' parsers that know no `Z`. [`timestamp`](Self::timestamp) keeps what it is
    /// given.
    pub fn new(
        id: impl Into<String>,
        event_type: impl Into<EventType>,
        timestamp: impl Into<Timestamp>,
    ) -> Self {
        Self::documented(id).event_type(event_type.into()).timestamp(timestamp.into().with_offset())
    }

    /// What matched: the documented keys of `data`, each `None` where it is missing or of another
    /// type. `None` where the event is neither `face_matched` nor `watchlist_alert`.
    pub fn as_match(&self) -> Option<Match<'_>> {
        match self.event_type.value()? {
            EventType::FaceMatched | EventType::WatchlistAlert => self.data.value().map(Match::of),
            _ => None,
        }
    }
}

/// Reads the body of a delivery: one event, an object (documented). An array of events, such as
/// `GET /events/recent` answers, is read too.
///
/// Events of an unknown type, and unknown fields, are kept.
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
/// See [`ParseError`]. Nothing of the body is returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    delivery::parse_alike(body)
}
