use std::borrow::Cow;

use serde_json::Number;

use super::{BsType, EVENTS, EventId, EventType, Features, schema::events as attribute};
use crate::{
    attribute::{AttributeId, Schema, Values},
    dialect::{
        delivery::parse_alike,
        model::{Field, ParseError, Timestamp, encode, model},
    },
    notification::{EncodeError, Notification, Rendering},
};

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
    ///     .features(Features::bare().license_plate_number("A123BC77"));
    /// let written = serde_json::to_value(&event)?;
    /// assert_eq!(written["type"], "license_plate");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Event (
        /// The id (inferred).
        id: EventId
    ) {
        /// How the result was chosen (inferred).
        bs_type: BsType,
        /// The id of the camera (inferred).
        camera: i64,
        /// The id of the card that it matches (inferred).
        card: i64,
        /// How sure the result of recognition is, 0 to 1 (inferred).
        confidence: Number,
        /// When it was seen (inferred).
        created_date: Timestamp,
        /// What was recognised (inferred).
        features: Features,
        /// Whether it matches a card (inferred).
        matched: bool,
        /// What was seen (inferred); `type` on the wire.
        event_type as "type": EventType,
    }
}

impl Event {
    /// An event of a type, with every field of the model: `matched` is false, and all else is null.
    pub fn new(id: impl Into<EventId>, event_type: impl Into<Field<EventType>>) -> Self {
        Self::bare(id)
            .bs_type(Field::Null)
            .camera(Field::Null)
            .card(Field::Null)
            .confidence(Field::Null)
            .created_date(Field::Null)
            .features(Field::Null)
            .matched(false)
            .event_type(event_type)
    }
}

impl Notification for Event {
    fn schema(&self) -> &'static Schema {
        &EVENTS
    }

    fn id(&self) -> Cow<'_, str> {
        self.id.as_text()
    }

    /// `type`, or empty where it has none.
    fn kind(&self) -> &str {
        self.event_type.value().map_or("", EventType::as_str)
    }

    fn attributes(&self, record: &mut Values) {
        record.choice(attribute::TYPE, self.event_type.value().map(EventType::as_str));
        record.int(attribute::CAMERA, self.camera.value().copied());
        record.int(attribute::CARD, self.card.value().copied());
        record.number(attribute::CONFIDENCE, self.confidence.as_f64());
        record.bool(attribute::MATCHED, self.matched.value().copied());
        record.choice(attribute::BS_TYPE, self.bs_type.value().map(BsType::as_str));
        if let Some(features) = self.features.value() {
            features.attributes(record);
            if let Some(plate) = features.license_plate_number.value()
                && let Some(attribute) = self.plate_attribute()
            {
                record.text(attribute, plate.as_str());
            }
        }
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
    }
}

impl Event {
    /// Which attribute has the plate's number. Each filter key is for one type (documented for that
    /// of license plate events, inferred for that of cars).
    fn plate_attribute(&self) -> Option<AttributeId> {
        match self.event_type.value()? {
            EventType::Car => Some(attribute::LICENSE_PLATE_NUMBER),
            EventType::LicensePlate => Some(attribute::LICENSE_PLATE_EVENT_NUMBER),
            _ => None,
        }
    }
}

impl Features {
    fn attributes(&self, record: &mut Values) {
        if let Some(pose) = self.headpose.value() {
            record.number(attribute::YAW, pose.yaw.as_f64());
            record.number(attribute::PITCH, pose.pitch.as_f64());
            record.number(attribute::ROLL, pose.roll.as_f64());
        }
        record.number(attribute::LIVENESS, self.liveness.as_f64());
        if let Some(medmask) = self.medmask.value() {
            let name = medmask.name.value().map(|name| name.as_str());
            attribute::MEDMASK.set(record, name, &medmask.confidence);
        }
        if let Some(orientation) = self.orientation.value() {
            let name = orientation.name.value().map(|name| name.as_str());
            attribute::ORIENTATION.set(record, name, &orientation.confidence);
        }
        if let Some(special_type) = self.special_type.value() {
            let name = special_type.name.value().map(|name| name.as_str());
            attribute::SPECIAL_TYPE.set(record, name, &special_type.confidence);
        }
        if let Some(visibility) = self.license_plate_visibility.value() {
            let name = visibility.name.value().map(|name| name.as_str());
            attribute::LICENSE_PLATE_VISIBILITY.set(record, name, &visibility.confidence);
        }
    }
}

impl attribute::Named {
    /// Sets what filters test of a feature that is there.
    fn set(&self, record: &mut Values, name: Option<&str>, confidence: &Field<Number>) {
        record.bool(self.present, true);
        record.choice(self.name, name);
        record.number(self.confidence, confidence.as_f64());
    }
}
