use serde_json::Number;

use super::{Camera, CameraGroup, Counter, EventType, Outline, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{List, Ref, Timestamp, model},
    },
};

/// The attributes of counter records. They are named after the fields of the documented body.
pub static COUNTERS: Schema = Schema::new("counters", CounterRecord::ATTRIBUTES);

model! {
    /// A counter record, which contains the numbers of faces and silhouettes in a picture
    /// (documented).
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
        /// The camera of the counter.
        camera: Ref<Camera> => reference,
        /// The camera group.
        camera_group: Ref<CameraGroup> => reference,
        /// The counter.
        counter: Ref<Counter> => reference,
        /// The name of the counter.
        counter_name: String = "",
        /// When the picture was taken.
        created_date: Timestamp,
        /// The kind of notification, which is `counter_record`.
        event_type: EventType = EventType::CounterRecord,
        /// The outlines of the faces, or null if the counter does not detect faces.
        faces_bbox: List<Outline>,
        /// The number of faces.
        faces_count: Number => number,
        /// The URL of the whole frame.
        fullframe: String = "",
        /// The outlines of the silhouettes, or null if the counter does not detect silhouettes.
        silhouettes_bbox: List<Outline>,
        /// The number of silhouettes.
        silhouettes_count: Number => number,
        /// The URL of a small version of the frame.
        thumbnail: String = "",
        /// The filter section that the record belongs to, which is `counters`.
        webhook_type: WebhookType = WebhookType::Counters,
    }
}

impl CounterRecord {
    /// Creates a record with every documented field.
    ///
    /// `event_type` and `webhook_type` are set, strings are empty, and all other fields are null.
    ///
    /// ```
    /// use recohook::findface::security::CounterRecord;
    ///
    /// let written = serde_json::to_value(CounterRecord::new(16))?;
    /// assert_eq!(written["webhook_type"], "counters");
    /// assert_eq!(written["counter_name"], "");
    /// assert!(written["faces_count"].is_null());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(id: impl Into<i64>) -> Self {
        Self::documented(id)
    }
}
