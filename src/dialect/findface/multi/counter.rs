use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{
    COUNTERS, Camera, CameraGroup, Counter, EventType, WebhookType, schema::counter as attribute,
};
use crate::{
    attribute::{Schema, Values},
    dialect::model::{Field, Ref, Timestamp, encode, model},
    notification::{EncodeError, Notification, Rendering},
};

model! {
    /// A record of a counter: how many faces, silhouettes and vehicles are in the picture, and how
    /// far people stand from each other.
    ///
    /// That `cars_*`, `proximity_*` and the error are there is documented; the other fields are
    /// those of FindFace Security 2020 (inferred).
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::multi::CounterRecord;
    ///
    /// let record = CounterRecord::new(16).counter(2).camera(3).cars_count(4).proximity_min(1.5);
    /// assert_eq!((&*record.id(), record.kind()), ("16", "counter_record"));
    /// ```
    CounterRecord (
        /// The id (an integer is inferred).
        id: i64
    ) {
        /// The counter's camera.
        camera: Ref<Camera>,
        /// The camera's group.
        camera_group: Ref<CameraGroup>,
        /// Where the vehicles are, as it came.
        cars_bbox: Value,
        /// How many vehicles there are.
        cars_count: Number,
        /// The counter.
        counter: Ref<Counter>,
        /// The counter's name.
        counter_name: String,
        /// When the picture was taken.
        created_date: Timestamp,
        /// Whether counting failed, as it came.
        error: Value,
        /// What went wrong, as it came.
        error_msg: Value,
        /// What happened.
        event_type: EventType,
        /// Where the faces are, as it came.
        faces_bbox: Value,
        /// How many faces there are.
        faces_count: Number,
        /// The URL of the whole frame.
        fullframe: String,
        /// The mean distance between people (the unit is not documented).
        proximity_avg: Number,
        /// The greatest distance between people.
        proximity_max: Number,
        /// The least distance between people.
        proximity_min: Number,
        /// Where the silhouettes are, as it came.
        silhouettes_bbox: Value,
        /// How many silhouettes there are.
        silhouettes_count: Number,
        /// The URL of the frame in small.
        thumbnail: String,
        /// The section of filters.
        webhook_type: WebhookType,
    }
}

impl CounterRecord {
    /// A record with every field above.
    ///
    /// What its kind tells is set (`counter_record`, `counters`), texts are empty, and all else is
    /// null.
    pub fn new(id: impl Into<i64>) -> Self {
        Self::bare(id)
            .camera(Field::Null)
            .camera_group(Field::Null)
            .cars_bbox(Field::Null)
            .cars_count(Field::Null)
            .counter(Field::Null)
            .counter_name("")
            .created_date(Field::Null)
            .error(Field::Null)
            .error_msg(Field::Null)
            .event_type(EventType::CounterRecord)
            .faces_bbox(Field::Null)
            .faces_count(Field::Null)
            .fullframe("")
            .proximity_avg(Field::Null)
            .proximity_max(Field::Null)
            .proximity_min(Field::Null)
            .silhouettes_bbox(Field::Null)
            .silhouettes_count(Field::Null)
            .thumbnail("")
            .webhook_type(WebhookType::Counters)
    }
}

impl Notification for CounterRecord {
    fn schema(&self) -> &'static Schema {
        &COUNTERS
    }

    fn id(&self) -> Cow<'_, str> {
        Cow::Owned(self.id.to_string())
    }

    /// `event_type`, or empty where it has none.
    fn kind(&self) -> &str {
        self.event_type.value().map_or("", EventType::as_str)
    }

    fn attributes(&self, record: &mut Values) {
        record.int(attribute::COUNTER, self.counter.value().map(Ref::id));
        record.int(attribute::CAMERA, self.camera.value().map(Ref::id));
        record.int(attribute::CAMERA_GROUP, self.camera_group.value().map(Ref::id));
        record.number(attribute::FACES_COUNT, self.faces_count.as_f64());
        record.number(attribute::SILHOUETTES_COUNT, self.silhouettes_count.as_f64());
        record.number(attribute::CARS_COUNT, self.cars_count.as_f64());
        record.number(attribute::PROXIMITY_MIN, self.proximity_min.as_f64());
        record.number(attribute::PROXIMITY_AVG, self.proximity_avg.as_f64());
        record.number(attribute::PROXIMITY_MAX, self.proximity_max.as_f64());
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
    }
}
