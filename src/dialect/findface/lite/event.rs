use serde_json::{Number, Value};

use super::{BsType, EventId, EventType, Features};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery,
        findface::policy::SENDER,
        json_schema::{self, JsonSchema as _},
        model::{Field, ParseError, ParsedItems, Timestamp, model},
    },
    raw::Format,
};

/// The attributes of events.
///
/// They are named after the documented filter keys, without the suffix. `medmask`, `orientation`,
/// `special_type` and `license_plate_visibility` are true if the event has the feature, and null
/// otherwise. `license_plate_number` is the number in a car event, and `license_plate_event_number`
/// is the number in a license plate event.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

/// The JSON format of events, for use by gateways. See [`raw`](crate::raw).
pub static RAW: Format = Format::of(&Event::TOPIC);

/// Parses the body of a delivery: a JSON array of events (inferred) or a single event.
///
/// Fields that are not part of the model are kept in `extra`. An empty array is not an error.
///
/// A byte order mark before the body is skipped. If the body cannot be read, answer with 200 and
/// store it: FindFace sends a refused batch again, up to `send_attempts` times (documented), and
/// sends nothing else of this kind meanwhile (inferred from its log). Read the other events
/// of such a body with [`parse_items`]. If the body ends too early, answer with 400.
///
/// ```
/// use recohook::findface::lite::{EventType, parse_delivery};
///
/// let [event] = &parse_delivery(br#"[{"id": 42, "type": "car"}]"#)?[..] else { panic!("one") };
/// assert_eq!(event.event_type, EventType::Car.into());
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
/// let body = br#"[{"id": 42}, {"id": 43, "camera": "gate"}]"#;
/// let events = Vec::from_iter(recohook::findface::lite::parse_items(body));
/// assert!(events[0].is_ok() && events[1].is_err());
/// ```
pub fn parse_items(body: &[u8]) -> ParsedItems<'_, Event> {
    delivery::parse_items_alike(body, &SENDER)
}

/// Returns the JSON Schema of the body of a delivery, in the dialect 2020-12. Each field has its
/// source.
pub fn delivery_schema() -> Value {
    json_schema::delivery_schema(&[Event::schema()])
}

model! {
    /// An event that reports a face, a car or a license plate (inferred from the filter keys).
    ///
    /// ```
    /// use recohook::findface::lite::{Event, EventType, Features};
    ///
    /// let event = Event::new(42, EventType::LicensePlate)
    ///     .features(Features::empty().license_plate_number("A123BC77"));
    /// let written = serde_json::to_value(&event)?;
    /// assert_eq!(written["type"], "license_plate");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Event (
        /// The id (inferred).
        id: EventId
    ) in EVENTS [kind event_type as "type"] {
        /// How the recognition result was chosen (inferred).
        bs_type: BsType = BsType::Overall => choice,
        /// The id of the camera (inferred).
        camera: i64 => int,
        /// The id of the card that the object matches (inferred).
        card: i64 => int,
        /// The confidence of the recognition result, from 0 to 1 (inferred).
        confidence: Number = 0.0 => number,
        /// When the object was seen (inferred).
        created_date: Timestamp,
        /// The features that were recognised (inferred).
        features: Features => object,
        /// Whether the object matches a card (inferred).
        matched: bool = false => bool,
        // A reader finds the kind of the notification without a member, so the form is wrapped in
        // `no_member`.
        /// The type of object that was seen (inferred). The field is called `type` on the wire.
        event_type as "type": EventType => (no_member choice),
    }
}

impl Event {
    /// Creates an event of an object that matches no card.
    ///
    /// As in an event of FindFace Security 2020 (inferred), `bs_type` is `overall`, `confidence` is
    /// 0, and `matched` is false. All other fields except the id and the type are null.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::lite::{Event, EventType};
    ///
    /// let event = Event::new(42, EventType::Car);
    /// assert_eq!((&*event.id(), event.kind()), ("42", "car"));
    /// assert!(event.features.is_null());
    /// ```
    pub fn new(id: impl Into<EventId>, event_type: impl Into<Field<EventType>>) -> Self {
        Self::documented(id).event_type(event_type)
    }
}
