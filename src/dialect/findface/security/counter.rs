use std::borrow::Cow;

use serde_json::Number;

use super::{
    COUNTERS, Camera, CameraGroup, Counter, EventType, Outline, WebhookType,
    schema::counters as attribute,
};
use crate::{
    attribute::{Schema, Values},
    dialect::model::{Field, Ref, Timestamp, encode, model},
    notification::{EncodeError, Notification, Rendering},
};

model! {
    /// A record of a counter: how many faces and silhouettes are in the picture (documented).
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::security::{Counter, CounterRecord};
    ///
    /// let record = CounterRecord::new(16)
    ///     .counter(Counter::bare(2).name("Hall"))
    ///     .counter_name("Hall")
    ///     .camera(3)
    ///     .faces_count(2);
    /// assert_eq!(record.id(), "16");
    /// assert_eq!(record.kind(), "counter_record");
    /// ```
    CounterRecord (
        /// The id.
        id: i64
    ) {
        /// The counter's camera.
        camera: Ref<Camera>,
        /// The camera's group.
        camera_group: Ref<CameraGroup>,
        /// The counter.
        counter: Ref<Counter>,
        /// The counter's name.
        counter_name: String,
        /// When the picture was taken.
        created_date: Timestamp,
        /// What happened.
        event_type: EventType,
        /// Where the faces are; null where they are not looked for.
        faces_bbox: Vec<Outline>,
        /// How many faces there are.
        faces_count: Number,
        /// The URL of the whole frame.
        fullframe: String,
        /// Where the silhouettes are; null where they are not looked for.
        silhouettes_bbox: Vec<Outline>,
        /// How many silhouettes there are.
        silhouettes_count: Number,
        /// The URL of the frame in small.
        thumbnail: String,
        /// The section of filters.
        webhook_type: WebhookType,
    }
}

impl CounterRecord {
    /// A record with every documented field.
    ///
    /// What a body always tells is set (`counter_record`, `counters`), texts are empty, and all
    /// else is null.
    pub fn new(id: impl Into<i64>) -> Self {
        Self::bare(id)
            .camera(Field::Null)
            .camera_group(Field::Null)
            .counter(Field::Null)
            .counter_name("")
            .created_date(Field::Null)
            .event_type(EventType::CounterRecord)
            .faces_bbox(Field::Null)
            .faces_count(Field::Null)
            .fullframe("")
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
        record.int(attribute::CAMERA_GROUP, self.camera_group.value().map(Ref::id));
        record.int(attribute::CAMERA, self.camera.value().map(Ref::id));
        record.number(attribute::FACES_COUNT, self.faces_count.as_f64());
        record.number(attribute::SILHOUETTES_COUNT, self.silhouettes_count.as_f64());
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
    }
}
