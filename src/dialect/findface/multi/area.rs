use serde_json::{Number, Value};

use super::{Area, Camera, CameraGroup, WebhookType};
use crate::{
    attribute::Schema,
    dialect::{
        attributes::Attributes as _,
        model::{Field, Ref, model},
    },
};

/// What filters test of a notification about an area. The names are those of its fields.
pub static AREAS: Schema = Schema::new("areas", AreaNotification::ATTRIBUTES);

model! {
    /// What is told of an area: that someone is in it, an *activation*, or how many bodies a frame
    /// of it has, a *record*.
    ///
    /// The fields of both are documented for the vendor's REST interface; that both come in the
    /// section `areas` is inferred. No field is documented that tells one from the other, so one
    /// type reads both, and the fields of the other are absent.
    ///
    /// ```
    /// use recohook::findface::multi::AreaNotification;
    ///
    /// let activation = AreaNotification::activation(7).area(2).active(true);
    /// let record = AreaNotification::record(8).area(2).camera(3).body_count(1);
    /// assert!(activation.body_count.is_absent() && record.active.is_absent());
    /// ```
    AreaNotification (
        /// The id, as it came: its type is not documented.
        id: Value
    ) in AREAS [kind "area_activation" if active else "area_record"] {
        /// Of an activation: whether it goes on.
        active: bool => presence_flag,
        /// The area.
        area: Ref<Area> => reference,
        /// Of a record: the activation it belongs to, as it came.
        area_trigger_activation: Value,
        /// Of a record: where the bodies are, as it came.
        body_bboxes: Value,
        /// Of a record: how many bodies there are.
        body_count: Number,
        /// Of a record: the camera.
        camera: Ref<Camera> => reference,
        /// Of a record: the camera's group.
        camera_group: Ref<CameraGroup> => reference,
        /// Of an activation: how long it has lasted, as it came.
        duration: Value,
        /// Of an activation: the most bodies that were there at once.
        max_body_count: Number,
        /// The section of filters.
        webhook_type: WebhookType = WebhookType::Areas,
    }
}

impl AreaNotification {
    /// An activation with its fields: null unless set.
    pub fn activation(id: impl Into<Value>) -> Self {
        Self::empty(id)
            .active(Field::Null)
            .area(Field::Null)
            .duration(Field::Null)
            .max_body_count(Field::Null)
            .webhook_type(WebhookType::Areas)
    }

    /// A record with its fields: null unless set.
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
