use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{EVENTS, filter::attribute};
use crate::{
    attribute::{Schema, Values},
    dialect::{
        delivery,
        model::{Field, ParseError, Timestamp, encode, model},
        words::words,
    },
    notification::{EncodeError, Notification, Rendering},
};

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
    ) {
        /// What happened. On the wire `type`.
        event_type as "type": EventType,
        /// When, in UTC.
        timestamp: Timestamp,
        /// The module that made the event, such as `face_pipeline`.
        source: String,
        /// What else is to be said. The keys of a match are documented, see
        /// [`as_match`](Self::as_match); those of other types are not.
        data: Map<String, Value>,
        /// The camera; null where the event comes from no stream.
        camera_id: String,
    }
}

words! {
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

/// The [`data`](field@Event::data) of a match: the four documented keys.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Match<'a> {
    /// The id of the enrolled identity.
    pub identity_id: Option<&'a str>,
    /// The identity's label, such as a name.
    pub label: Option<&'a str>,
    /// How alike the faces are, 0 to 1 (inferred).
    pub similarity: Option<f64>,
    /// The watch list.
    pub watchlist: Option<&'a str>,
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
        Self::bare(id)
            .event_type(event_type.into())
            .timestamp(timestamp.into().with_offset())
            .source("")
            .data(Map::new())
            .camera_id(Field::Null)
    }

    /// What matched: the documented keys of `data`, each `None` where it is missing or of another
    /// type. `None` where the event is neither `face_matched` nor `watchlist_alert`.
    pub fn as_match(&self) -> Option<Match<'_>> {
        let told = self.event_type.value()?;
        if !matches!(told, EventType::FaceMatched | EventType::WatchlistAlert) {
            return None;
        }
        let data = self.data.value()?;
        let text = |name| data.get(name).and_then(Value::as_str);
        Some(Match {
            identity_id: text("identity_id"),
            label: text("label"),
            similarity: data.get("similarity").and_then(Value::as_f64),
            watchlist: text("watchlist"),
        })
    }
}

impl From<Match<'_>> for Field<Map<String, Value>> {
    /// Without the keys that are `None`.
    fn from(found: Match<'_>) -> Self {
        let entries = [
            ("identity_id", found.identity_id.map(Value::from)),
            ("label", found.label.map(Value::from)),
            ("similarity", found.similarity.map(Value::from)),
            ("watchlist", found.watchlist.map(Value::from)),
        ];
        let present = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        Self::Value(entries.into_iter().filter_map(present).collect())
    }
}

impl Notification for Event {
    fn schema(&self) -> &'static Schema {
        &EVENTS
    }

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.id)
    }

    /// `type`, or empty where it has none.
    fn kind(&self) -> &str {
        self.event_type.value().map_or("", EventType::as_str)
    }

    fn attributes(&self, record: &mut Values) {
        let found = self.as_match().unwrap_or_default();
        record.text(attribute::TYPE, self.event_type.value().map(EventType::as_str));
        record.text(attribute::SOURCE, self.source.as_str());
        record.text(attribute::CAMERA_ID, self.camera_id.as_str());
        record.text(attribute::IDENTITY_ID, found.identity_id);
        record.text(attribute::LABEL, found.label);
        record.text(attribute::WATCHLIST, found.watchlist);
        record.number(attribute::SIMILARITY, found.similarity);
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
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
