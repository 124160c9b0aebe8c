use serde_json::{Number, Value};

use super::{Area, Camera, CameraGroup, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, model},
    },
};

/// The attributes of area notifications. They are named after the fields.
pub static AREAS: Schema = Schema::new("areas", AreaNotification::ATTRIBUTES);

model! {
    /// An area notification. An *activation* reports that somebody is in the area. A *record*
    /// contains the number of bodies in a frame.
    ///
    /// The fields of both are documented for the vendor's REST interface. It is inferred that both
    /// belong to the section `areas`. There is no documented field that distinguishes an activation
    /// from a record. Therefore this type represents both. In an activation, the fields that only a
    /// record has are absent, and vice versa.
    ///
    /// A notification that has the field `active` is of kind `area_activation`. Any other
    /// notification is of kind `area_record`.
    ///
    /// ```
    /// use recohook::findface::multi::AreaNotification;
    ///
    /// let activation = AreaNotification::activation(7).area(2).active(true);
    /// let record = AreaNotification::record(8).area(2).camera(3).body_count(1);
    /// assert!(activation.body_count.is_absent() && record.active.is_absent());
    /// ```
    AreaNotification (
        /// The id. It can be any JSON value, because its type is not documented.
        id: Value
    ) in AREAS [kind "area_activation" if active else "area_record"] {
        // No filter key tests this field. It only distinguishes an activation from a record.
        /// Whether the activation is still in progress. Present only in activations.
        active: bool => presence_flag,
        /// The area.
        area: Ref<Area> => reference,
        /// The activation that the record belongs to, as arbitrary JSON. Present only in area
        /// records.
        area_trigger_activation: Value,
        /// The outlines of the bodies, as arbitrary JSON. Present only in area records.
        body_bboxes: Value,
        /// The number of bodies. Present only in area records.
        body_count: Number,
        /// The camera. Present only in area records.
        camera: Ref<Camera> => reference,
        /// The camera group. Present only in area records.
        camera_group: Ref<CameraGroup> => reference,
        /// The duration of the activation so far, as arbitrary JSON. Present only in activations.
        duration: Value,
        /// The maximum number of bodies that were in the area at once. Present only in activations.
        max_body_count: Number,
        /// The filter section that the notification belongs to, which is `areas`.
        webhook_type: WebhookType = WebhookType::Areas,
    }
}

impl AreaNotification {
    /// Creates an activation. The fields of an activation are null until they are set, and the
    /// fields that only a record has are absent.
    ///
    /// ```
    /// use recohook::Notification;
    /// use recohook::findface::multi::AreaNotification;
    ///
    /// assert_eq!(AreaNotification::activation(7).kind(), "area_activation");
    /// assert_eq!(AreaNotification::record(8).kind(), "area_record");
    /// ```
    pub fn activation(id: impl Into<Value>) -> Self {
        // `documented` is not used here, because it would also set the fields of a record.
        Self::empty(id)
            .active(Field::Null)
            .area(Field::Null)
            .duration(Field::Null)
            .max_body_count(Field::Null)
            .webhook_type(WebhookType::Areas)
    }

    /// Creates a record. The fields of a record are null until they are set, and the fields that
    /// only an activation has are absent.
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
