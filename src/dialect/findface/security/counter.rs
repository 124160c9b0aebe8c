use serde_json::Number;

use super::{Camera, CameraGroup, Counter, EventType, Outline, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Ref, Timestamp, model},
    },
};

/// What filters test of a counter record. The names are those of the documented body.
pub static COUNTERS: Schema = Schema::new("counters", CounterRecord::ATTRIBUTES);

model! {
    /// A record of a counter: how many faces and silhouettes are in the picture (documented).
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::security::{Counter, CounterRecord};
    ///
    /// let record = CounterRecord::new(16)
    ///     .counter(Counter::empty(2).name("Hall"))
    ///     .counter_name("Hall")
    ///     .camera(3)
    ///     .faces_count(2);
    /// assert_eq!(record.id(), "16");
    /// assert_eq!(record.kind(), "counter_record");
    /// ```
    CounterRecord (
        /// The id.
        id: i64
    ) in COUNTERS [kind event_type] {
        /// The counter's camera.
        camera: Ref<Camera> => reference,
        /// The camera's group.
        camera_group: Ref<CameraGroup> => reference,
        /// The counter.
        counter: Ref<Counter> => reference,
        /// The counter's name.
        counter_name: String = "",
        /// When the picture was taken.
        created_date: Timestamp,
        /// What happened.
        event_type: EventType = EventType::CounterRecord,
        /// Where the faces are; null where they are not looked for.
        faces_bbox: Vec<Outline>,
        /// How many faces there are.
        faces_count: Number => number,
        /// The URL of the whole frame.
        fullframe: String = "",
        /// Where the silhouettes are; null where they are not looked for.
        silhouettes_bbox: Vec<Outline>,
        /// How many silhouettes there are.
        silhouettes_count: Number => number,
        /// The URL of the frame in small.
        thumbnail: String = "",
        /// The section of filters.
        webhook_type: WebhookType = WebhookType::Counters,
    }
}

impl CounterRecord {
    /// A record with every documented field.
    ///
    /// What a body always tells is set (`counter_record`, `counters`), texts are empty, and all
    /// else is null.
    pub fn new(id: impl Into<i64>) -> Self {
        Self::documented(id)
    }
}
