use crate::attribute::{Attribute, Schema};

/// What filters test of an event.
///
/// The names are those of the documented filter keys without their suffix. `medmask`,
/// `orientation`, `special_type` and `license_plate_visibility` are true where the feature is
/// there, and null elsewhere. `license_plate_number` is that of a car,
/// `license_plate_event_number` that of a license plate event.
pub static EVENTS: Schema = Schema::new(
    "events",
    &[
        Attribute::choice("type", &["face", "car", "license_plate"]),
        Attribute::int("camera"),
        Attribute::int("card"),
        Attribute::number("confidence"),
        Attribute::bool("matched"),
        Attribute::choice("bs_type", &["overall", "realtime"]),
        Attribute::number("yaw"),
        Attribute::number("pitch"),
        Attribute::number("roll"),
        Attribute::number("liveness"),
        Attribute::bool("medmask"),
        Attribute::choice("medmask_name", &["none", "correct", "incorrect"]),
        Attribute::number("medmask_confidence"),
        Attribute::bool("orientation"),
        Attribute::choice("orientation_name", &["back", "side", "front"]),
        Attribute::number("orientation_confidence"),
        Attribute::bool("special_type"),
        Attribute::choice(
            "special_type_name",
            &[
                "not_special",
                "police",
                "ambulance",
                "road_service",
                "gas_service",
                "rescue_service",
                "other_special",
                "taxi",
                "route_transport",
                "car_sharing",
                "military",
            ],
        ),
        Attribute::number("special_type_confidence"),
        Attribute::bool("license_plate_visibility"),
        Attribute::choice(
            "license_plate_visibility_name",
            &[
                "partly_visible_no_text",
                "fully_visible_no_text",
                "invisible",
                "partly_visible",
                "fully_visible",
            ],
        ),
        Attribute::number("license_plate_visibility_confidence"),
        Attribute::text("license_plate_number"),
        Attribute::text("license_plate_event_number"),
    ],
);

/// The attributes of [`EVENTS`].
pub(crate) mod events {
    use super::EVENTS;
    use crate::attribute::AttributeId;

    pub(crate) const TYPE: AttributeId = EVENTS.expect("type");
    pub(crate) const CAMERA: AttributeId = EVENTS.expect("camera");
    pub(crate) const CARD: AttributeId = EVENTS.expect("card");
    pub(crate) const CONFIDENCE: AttributeId = EVENTS.expect("confidence");
    pub(crate) const MATCHED: AttributeId = EVENTS.expect("matched");
    pub(crate) const BS_TYPE: AttributeId = EVENTS.expect("bs_type");
    pub(crate) const YAW: AttributeId = EVENTS.expect("yaw");
    pub(crate) const PITCH: AttributeId = EVENTS.expect("pitch");
    pub(crate) const ROLL: AttributeId = EVENTS.expect("roll");
    pub(crate) const LIVENESS: AttributeId = EVENTS.expect("liveness");
    pub(crate) const MEDMASK: Named = Named {
        present: EVENTS.expect("medmask"),
        name: EVENTS.expect("medmask_name"),
        confidence: EVENTS.expect("medmask_confidence"),
    };
    pub(crate) const ORIENTATION: Named = Named {
        present: EVENTS.expect("orientation"),
        name: EVENTS.expect("orientation_name"),
        confidence: EVENTS.expect("orientation_confidence"),
    };
    pub(crate) const SPECIAL_TYPE: Named = Named {
        present: EVENTS.expect("special_type"),
        name: EVENTS.expect("special_type_name"),
        confidence: EVENTS.expect("special_type_confidence"),
    };
    pub(crate) const LICENSE_PLATE_VISIBILITY: Named = Named {
        present: EVENTS.expect("license_plate_visibility"),
        name: EVENTS.expect("license_plate_visibility_name"),
        confidence: EVENTS.expect("license_plate_visibility_confidence"),
    };
    pub(crate) const LICENSE_PLATE_NUMBER: AttributeId = EVENTS.expect("license_plate_number");
    pub(crate) const LICENSE_PLATE_EVENT_NUMBER: AttributeId =
        EVENTS.expect("license_plate_event_number");

    /// The attributes of a feature that has one of some names, and a confidence.
    pub(crate) struct Named {
        pub(crate) present: AttributeId,
        pub(crate) name: AttributeId,
        pub(crate) confidence: AttributeId,
    }
}
