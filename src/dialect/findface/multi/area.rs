use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{AREAS, Area, Camera, CameraGroup, WebhookType, schema::area as attribute};
use crate::{
    attribute::{Schema, Values},
    dialect::model::{Field, Ref, encode, model},
    notification::{EncodeError, Notification, Rendering},
};

model! {
    /// What is told of an area: that someone is in it, an *activation*, or how many bodies a frame
    /// of it has, a *record*.
    ///
    /// The fields of both are documented for the vendor's REST interface; that both come in the
    /// section `areas` is inferred. No field is documented that tells one from the other, so one
    /// type reads both, and the fields of the other are absent.
    ///
    /// ```
    /// use recohook::findface::multi::AreaNotice;
    ///
    /// let activation = AreaNotice::activation(7).area(2).active(true);
    /// let record = AreaNotice::record(8).area(2).camera(3).body_count(1);
    /// assert!(activation.body_count.is_absent() && record.active.is_absent());
    /// ```
    AreaNotice (
        /// The id, as it came: its type is not documented.
        id: Value
    ) {
        /// Of an activation: whether it goes on.
        active: bool,
        /// The area.
        area: Ref<Area>,
        /// Of a record: the activation it belongs to, as it came.
        area_trigger_activation: Value,
        /// Of a record: where the bodies are, as it came.
        body_bboxes: Value,
        /// Of a record: how many bodies there are.
        body_count: Number,
        /// Of a record: the camera.
        camera: Ref<Camera>,
        /// Of a record: the camera's group.
        camera_group: Ref<CameraGroup>,
        /// Of an activation: how long it has lasted, as it came.
        duration: Value,
        /// Of an activation: the most bodies that were there at once.
        max_body_count: Number,
        /// The section of filters.
        webhook_type: WebhookType,
    }
}

impl AreaNotice {
    /// An activation with its fields: null unless set.
    pub fn activation(id: impl Into<Value>) -> Self {
        Self::bare(id)
            .active(Field::Null)
            .area(Field::Null)
            .duration(Field::Null)
            .max_body_count(Field::Null)
            .webhook_type(WebhookType::Areas)
    }

    /// A record with its fields: null unless set.
    pub fn record(id: impl Into<Value>) -> Self {
        Self::bare(id)
            .area(Field::Null)
            .area_trigger_activation(Field::Null)
            .body_bboxes(Field::Null)
            .body_count(Field::Null)
            .camera(Field::Null)
            .camera_group(Field::Null)
            .webhook_type(WebhookType::Areas)
    }
}

impl Notification for AreaNotice {
    fn schema(&self) -> &'static Schema {
        &AREAS
    }

    fn id(&self) -> Cow<'_, str> {
        match &self.id {
            Value::String(id) => Cow::Borrowed(id),
            id => Cow::Owned(id.to_string()),
        }
    }

    /// `area_activation` where it has `active`, else `area_record`. Neither word is on the wire:
    /// no field is documented that tells the kind.
    fn kind(&self) -> &str {
        if self.active.is_absent() { "area_record" } else { "area_activation" }
    }

    fn attributes(&self, record: &mut Values) {
        record.int(attribute::AREA, self.area.value().map(Ref::id));
        record.int(attribute::CAMERA, self.camera.value().map(Ref::id));
        record.int(attribute::CAMERA_GROUP, self.camera_group.value().map(Ref::id));
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode(self, rendering, out)
    }
}
