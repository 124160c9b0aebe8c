use serde_json::Number;

use super::{BsType, EventId, EventType, Features};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        delivery::parse_alike,
        model::{Field, ParseError, Timestamp, model},
    },
    raw::{Format, Topic},
};

/// What filters test of an event.
///
/// The names are those of the documented filter keys without their suffix. `medmask`,
/// `orientation`, `special_type` and `license_plate_visibility` are true where the feature is
/// there, and null elsewhere. `license_plate_number` is that of a car,
/// `license_plate_event_number` that of a license plate event.
pub static EVENTS: Schema = Schema::new("events", Event::ATTRIBUTES);

static EVENT: Topic = Event::TOPIC;

/// The JSON of events, for gateways: see [`raw`](crate::raw).
pub static RAW: Format = Format::of(&EVENT);

/// Reads the body of a delivery: a JSON array of events (inferred), or one alone.
///
/// Fields that the model does not have are kept.
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
/// Where the body is not UTF-8 or not JSON, is neither an array nor an object, or has an event
/// without its id, or with a value of a type that the field does not take. Nothing of the body is
/// returned then.
pub fn parse_delivery(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    parse_alike(body)
}

model! {
    /// An event: a face, a car or a license plate was seen (inferred from the filter keys).
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
        /// How the result was chosen (inferred).
        bs_type: BsType => choice,
        /// The id of the camera (inferred).
        camera: i64 => int,
        /// The id of the card that it matches (inferred).
        card: i64 => int,
        /// How sure the result of recognition is, 0 to 1 (inferred).
        confidence: Number => number,
        /// When it was seen (inferred).
        created_date: Timestamp,
        /// What was recognised (inferred).
        features: Features => object,
        /// Whether it matches a card (inferred).
        matched: bool = false => bool,
        /// What was seen (inferred); `type` on the wire.
        event_type as "type": EventType => (no_member choice),
    }
}

impl Event {
    /// An event of a type, with every field of the model: `matched` is false, and all else is null.
    pub fn new(id: impl Into<EventId>, event_type: impl Into<Field<EventType>>) -> Self {
        Self::documented(id).event_type(event_type)
    }
}
