use serde_json::{Number, Value};

use super::{Area, Camera, CameraGroup, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, model},
    },
};

/// The attributes of notifications about areas. They have the names of the fields.
pub static AREAS: Schema = Schema::new("areas", AreaNotification::ATTRIBUTES);

model! {
    /// A notification about an area. An *activation* says that somebody is in the area. A *record*
    /// has the number of bodies in a frame.
    ///
    /// The fields of both are documented for the vendor's REST interface. It is inferred that both
    /// are in the section `areas`. No field is documented that tells an activation from a record.
    /// So one type reads both, and the fields of the other are absent.
    ///
    /// A notification with the field `active` has the kind `area_activation`, and any other has
    /// `area_record`.
    ///
    /// ```
    /// use recohook::findface::multi::AreaNotification;
    ///
    /// let activation = AreaNotification::activation(7).area(2).active(true);
    /// let record = AreaNotification::record(8).area(2).camera(3).body_count(1);
    /// assert!(activation.body_count.is_absent() && record.active.is_absent());
    /// ```
    AreaNotification (
        /// The id. Any JSON value: its type is not documented.
        id: Value
    ) in AREAS [kind "area_activation" if active else "area_record"] {
        // No key tests it. It only tells an activation from a record.
        /// Whether the activation goes on. Only in an activation.
        active: bool => presence_flag,
        /// The area.
        area: Ref<Area> => reference,
        /// The activation that the record belongs to. Free JSON. Only in a record.
        area_trigger_activation: Value,
        /// The outlines of the bodies. Free JSON. Only in a record.
        body_bboxes: Value,
        /// The number of bodies. Only in a record.
        body_count: Number,
        /// The camera. Only in a record.
        camera: Ref<Camera> => reference,
        /// The group of the camera. Only in a record.
        camera_group: Ref<CameraGroup> => reference,
        /// The duration of the activation so far. Free JSON. Only in an activation.
        duration: Value,
        /// The largest number of bodies that were in the area at once. Only in an activation.
        max_body_count: Number,
        /// The section of filters that the notification belongs to: `areas`.
        webhook_type: WebhookType = WebhookType::Areas,
    }
}

impl AreaNotification {
    /// Returns an activation. Its fields are null until they are set, and the fields of a record
    /// are absent.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::multi::AreaNotification;
    ///
    /// assert_eq!(AreaNotification::activation(7).kind(), "area_activation");
    /// assert_eq!(AreaNotification::record(8).kind(), "area_record");
    /// ```
    pub fn activation(id: impl Into<Value>) -> Self {
        // Not `documented`: it would set the fields of a record, too.
        Self::empty(id)
            .active(Field::Null)
            .area(Field::Null)
            .duration(Field::Null)
            .max_body_count(Field::Null)
            .webhook_type(WebhookType::Areas)
    }

    /// Returns a record. Its fields are null until they are set, and the fields of an activation
    /// are absent.
    pub fn record(id: impl Into<Value>) -> Self {
        Self::empty(id)
            .area(Field::Null)
            .area_trigger_activation(Field::Null)
            .body_bboxes(Field::Null)
            .body_count(Field::Null)
            .camera(Field::Null)
            .camera_group(Field::Null)
            .webhook_type(WebhookType::Areas)
    }
}
