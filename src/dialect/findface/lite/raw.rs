use super::{EVENTS, schema::events as attribute};
use crate::raw::{Format, Id, Member, Topic};

/// The JSON of events, for gateways: see [`raw`](crate::raw).
pub static RAW: Format = Format::of(&EVENT);

static EVENT: Topic = Topic::new(
    &EVENTS,
    Id::text_or_integer("id"),
    &[
        Member::value("camera", attribute::CAMERA),
        Member::value("card", attribute::CARD),
        Member::value("confidence", attribute::CONFIDENCE),
        Member::value("matched", attribute::MATCHED),
        Member::value("bs_type", attribute::BS_TYPE),
        Member::object("features", FEATURES),
    ],
)
.with_kind_in(&["type"])
.with_kind_attribute(attribute::TYPE);

/// A feature that has one of some names, and a confidence.
macro_rules! named {
    ($name:literal, $attribute:ident) => {
        Member::object_with_flag(
            $name,
            attribute::$attribute.present,
            &[
                Member::value("name", attribute::$attribute.name),
                Member::value("confidence", attribute::$attribute.confidence),
            ],
        )
    };
}

const FEATURES: &[Member] = &[
    Member::object(
        "headpose",
        &[
            Member::value("yaw", attribute::YAW),
            Member::value("pitch", attribute::PITCH),
            Member::value("roll", attribute::ROLL),
        ],
    ),
    Member::value("liveness", attribute::LIVENESS),
    named!("medmask", MEDMASK),
    named!("orientation", ORIENTATION),
    named!("special_type", SPECIAL_TYPE),
    named!("license_plate_visibility", LICENSE_PLATE_VISIBILITY),
    // Each filter key is for one type: see `Event::plate_attribute`.
    Member::by_kind(
        "license_plate_number",
        &[
            ("car", attribute::LICENSE_PLATE_NUMBER),
            ("license_plate", attribute::LICENSE_PLATE_EVENT_NUMBER),
        ],
    ),
];
