use serde_json::{Number, Value};

use super::{Camera, CameraGroup, Counter, EventType, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Ref, Timestamp, model},
    },
};

/// What filters test of a counter record. The names are those of the record's fields.
pub static COUNTERS: Schema = Schema::new("counters", CounterRecord::ATTRIBUTES);

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
    ) in COUNTERS [kind event_type] {
        /// The counter's camera.
        camera: Ref<Camera> => reference,
        /// The camera's group.
        camera_group: Ref<CameraGroup> => reference,
        /// Where the vehicles are, as it came.
        cars_bbox: Value,
        /// How many vehicles there are.
        cars_count: Number => number,
        /// The counter.
        counter: Ref<Counter> => reference,
        /// The counter's name.
        counter_name: String = "",
        /// When the picture was taken.
        created_date: Timestamp,
        /// Whether counting failed, as it came.
        error: Value,
        /// What went wrong, as it came.
        error_msg: Value,
        /// What happened.
        event_type: EventType = EventType::CounterRecord,
        /// Where the faces are, as it came.
        faces_bbox: Value,
        /// How many faces there are.
        faces_count: Number => number,
        /// The URL of the whole frame.
        fullframe: String = "",
        /// The mean distance between people (the unit is not documented).
        proximity_avg: Number => number,
        /// The greatest distance between people.
        proximity_max: Number => number,
        /// The least distance between people.
        proximity_min: Number => number,
        /// Where the silhouettes are, as it came.
        silhouettes_bbox: Value,
        /// How many silhouettes there are.
        silhouettes_count: Number => number,
        /// The URL of the frame in small.
        thumbnail: String = "",
        /// The section of filters.
        webhook_type: WebhookType = WebhookType::Counters,
    }
}

impl CounterRecord {
    /// A record with every field above.
    ///
    /// What its kind tells is set (`counter_record`, `counters`), texts are empty, and all else is
    /// null.
    pub fn new(id: impl Into<i64>) -> Self {
        Self::documented(id)
    }
}
