use serde_json::{Number, Value};

use super::{Camera, CameraGroup, Counter, EventType, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Ref, Timestamp, model},
    },
};

/// The attributes of counter records. They are named after the fields of the record.
pub static COUNTERS: Schema = Schema::new("counters", CounterRecord::ATTRIBUTES);

model! {
    /// A counter record, which contains the numbers of faces, silhouettes and vehicles in a picture
    /// and the distances between people.
    ///
    /// It is documented that `cars_*`, `proximity_*`, `error` and `error_msg` exist. The other
    /// fields are those of FindFace Security 2020 (inferred).
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::multi::CounterRecord;
    ///
    /// let record = CounterRecord::new(16).counter(2).camera(3).cars_count(4).proximity_min(1.5);
    /// assert_eq!((&*record.id(), record.kind()), ("16", "counter_record"));
    /// ```
    CounterRecord (
        /// The id (it is inferred that the id is an integer).
        id: i64
    ) in COUNTERS [kind event_type] {
        /// The camera of the counter.
        camera: Ref<Camera> => reference,
        /// The camera group.
        camera_group: Ref<CameraGroup> => reference,
        // This is arbitrary JSON, unlike in Security, because the type of the outlines is not known
        // for Multi.
        /// The outlines of the vehicles, as arbitrary JSON.
        cars_bbox: Value,
        /// The number of vehicles.
        cars_count: Number => number,
        /// The counter.
        counter: Ref<Counter> => reference,
        /// The name of the counter.
        counter_name: String = "",
        /// When the picture was taken.
        created_date: Timestamp,
        /// Whether counting failed. The value is arbitrary JSON.
        error: Value,
        /// The error, if counting failed, as arbitrary JSON.
        error_msg: Value,
        /// The kind of notification, which is `counter_record`.
        event_type: EventType = EventType::CounterRecord,
        /// The outlines of the faces, as arbitrary JSON.
        faces_bbox: Value,
        /// The number of faces.
        faces_count: Number => number,
        /// The URL of the whole frame.
        fullframe: String = "",
        /// The mean distance between people (the unit is not documented).
        proximity_avg: Number => number,
        /// The maximum distance between people.
        proximity_max: Number => number,
        /// The minimum distance between people.
        proximity_min: Number => number,
        /// The outlines of the silhouettes, as arbitrary JSON.
        silhouettes_bbox: Value,
        /// The number of silhouettes.
        silhouettes_count: Number => number,
        /// The URL of a small version of the frame.
        thumbnail: String = "",
        /// The filter section that the record belongs to, which is `counters`.
        webhook_type: WebhookType = WebhookType::Counters,
    }
}

impl CounterRecord {
    /// Creates a record with every field of the model.
    ///
    /// `event_type` and `webhook_type` are set, strings are empty, and all other fields are null.
    pub fn new(id: impl Into<i64>) -> Self {
        Self::documented(id)
    }
}
