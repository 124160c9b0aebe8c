use crate::attribute::{Attribute, Schema};

/// What filters test of an event.
///
/// The names are those of the documented body, but for `camera_group`, which it does not have.
pub static EVENTS: Schema = Schema::new(
    "events",
    &[
        Attribute::int("camera_group"),
        Attribute::int("camera"),
        Attribute::int("matched_dossier"),
        Attribute::bool("matched"),
    ],
);

/// The attributes of [`EVENTS`].
pub(crate) mod events {
    use super::EVENTS;
    use crate::attribute::AttributeId;

    pub(crate) const CAMERA_GROUP: AttributeId = EVENTS.expect("camera_group");
    pub(crate) const CAMERA: AttributeId = EVENTS.expect("camera");
    pub(crate) const MATCHED_DOSSIER: AttributeId = EVENTS.expect("matched_dossier");
    pub(crate) const MATCHED: AttributeId = EVENTS.expect("matched");
}
